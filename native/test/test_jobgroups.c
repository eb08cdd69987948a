/* Which of Slurm's groups are taken for what outlives a step, and which are removed with a job, on trees of plain directories and on
 * the kernel's own of version 2; and whose slurmstepd is still at work. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "files.h"
#include "jobgroups.h"
#include "stepcgroups.h"

#define JOB 4000000001u /* no job of a Slurm that this machine may have */
#define SCOPE "/system.slice/slurmstepd.scope"

struct tree {
	char dir[64];   /* the test's own, with the two files */
	char cg[300];   /* where the hierarchy begins */
	char mountinfo[100], membership[100];
	struct dn_cgroup_files files;
};

/* Version 2 at the tree's top, version 1 in v1/CONTROLLER of it. */
static struct tree tree_of(const char *cg, bool v1, bool v2, const char *membership)
{
	struct tree t;
	char text[1024];
	int n = 0;

	snprintf(t.dir, sizeof(t.dir), "/tmp/dunnage-groups-XXXXXX");
	assert_non_null(mkdtemp(t.dir));
	snprintf(t.cg, sizeof(t.cg), "%s", cg ? cg : t.dir);
	snprintf(t.mountinfo, sizeof(t.mountinfo), "%s/mountinfo", t.dir);
	snprintf(t.membership, sizeof(t.membership), "%s/membership", t.dir);
	if (v1)
		n = snprintf(text, sizeof(text),
			     "30 20 0:30 / %s/v1/freezer rw - cgroup cgroup rw,freezer\n31 20 0:31 / %s/v1/memory rw - cgroup cgroup rw,memory\n", t.cg,
			     t.cg);
	snprintf(text + n, sizeof(text) - (size_t)n, "40 20 0:40 / %s rw - %s rw\n", t.cg, v2 ? "cgroup2 cgroup2" : "tmpfs tmpfs");
	put(t.mountinfo, text);
	put(t.membership, membership);
	return t;
}

static struct dn_cgroup_files files(const struct tree *t)
{
	return (struct dn_cgroup_files){ t->mountinfo, t->membership };
}

static void group(const struct tree *t, const char *path)
{
	char full[600], *at;

	snprintf(full, sizeof(full), "%s%s/", t->cg, path);
	for (at = full + strlen(t->cg) + 1; (at = strchr(at, '/')); at++) {
		*at = 0;
		(void)mkdir(full, 0755);
		*at = '/';
	}
	assert_int_equal(access(full, F_OK), 0);
}

static bool there(const struct tree *t, const char *path)
{
	char full[600];

	snprintf(full, sizeof(full), "%s%s", t->cg, path);
	return access(full, F_OK) == 0;
}

static void done(const struct tree *t)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", t->dir);
	assert_int_equal(system(command), 0);
}

static void v1_groups_go(void **state)
{
	struct tree t = tree_of(NULL, true, false, "4:memory:/\n3:freezer:/\n");
	struct dn_cgroup_files f = files(&t);

	(void)state;
	group(&t, "/v1/freezer/slurm/uid_1000/job_7/step_0/task_0/of-the-user");
	group(&t, "/v1/memory/slurm_node0/uid_1000/job_7/step_extern");
	group(&t, "/v1/memory/slurm_node0/uid_1000/job_71/step_0");
	group(&t, "/v1/memory/slurm_node0/uid_1001/job_7");
	dn_leftovers_job_groups_at(&f, 7, 1000);
	assert_false(there(&t, "/v1/freezer/slurm/uid_1000/job_7"));
	assert_false(there(&t, "/v1/memory/slurm_node0/uid_1000/job_7"));
	assert_true(there(&t, "/v1/memory/slurm_node0/uid_1000/job_71/step_0"));
	assert_true(there(&t, "/v1/memory/slurm_node0/uid_1001/job_7"));
	done(&t);
}

static void v2_groups_go(void **state)
{
	struct tree t = tree_of(NULL, false, true, "0::/system.slice/slurmd.service\n");
	struct dn_cgroup_files f = files(&t);

	(void)state;
	group(&t, SCOPE "/job_7/step_0/user/task_0/of-the-user");
	group(&t, SCOPE "/job_7/step_0/slurm");
	group(&t, SCOPE "/job_71/step_0/user");
	group(&t, "/system.slice/node1_slurmstepd.scope/job_7/step_extern/user");
	group(&t, "/user.slice/slurmstepd.scope/job_7");
	dn_leftovers_job_groups_at(&f, 7, 1000);
	assert_false(there(&t, SCOPE "/job_7"));
	assert_false(there(&t, "/system.slice/node1_slurmstepd.scope/job_7"));
	assert_true(there(&t, SCOPE "/job_71/step_0/user"));
	assert_true(there(&t, "/user.slice/slurmstepd.scope/job_7"));
	done(&t);
}

/* slurmd in a container, with version 1 beside it: its scope lies in its own group. */
static void v2_groups_go_beneath_slurmds_own(void **state)
{
	struct tree t = tree_of(NULL, true, true, "4:memory:/box\n0::/box/inner\n");
	struct dn_cgroup_files f = files(&t);

	(void)state;
	group(&t, "/box" SCOPE "/job_7/step_0/user");
	group(&t, "/box/inner" SCOPE "/job_7/step_batch");
	group(&t, "/other" SCOPE "/job_7");
	dn_leftovers_job_groups_at(&f, 7, 1000);
	assert_false(there(&t, "/box" SCOPE "/job_7"));
	assert_false(there(&t, "/box/inner" SCOPE "/job_7"));
	assert_true(there(&t, "/other" SCOPE "/job_7"));
	done(&t);
}

static void links_are_not_followed(void **state)
{
	struct tree t = tree_of(NULL, false, true, "0::/\n");
	struct dn_cgroup_files f = files(&t);
	char link[600];

	(void)state;
	group(&t, SCOPE "/job_7/step_0");
	group(&t, "/elsewhere/empty");
	snprintf(link, sizeof(link), "%s" SCOPE "/job_7/link", t.cg);
	assert_int_equal(symlink("../../../elsewhere", link), 0);
	dn_leftovers_job_groups_at(&f, 7, 1000);
	assert_true(there(&t, "/elsewhere/empty"));
	assert_false(there(&t, SCOPE "/job_7/step_0"));
	done(&t);
}

static void procs(const struct tree *t, const char *path)
{
	char full[600];

	group(t, path);
	snprintf(full, sizeof(full), "%s%s/cgroup.procs", t->cg, path);
	put(full, "");
}

/* The one group that is opened for job 7; none when path is NULL. */
static void extern_is(const struct tree *t, const char *path)
{
	struct dn_cgroup_files f = files(t);
	char link[64], want[700], got[700];
	int fds[DN_STEP_CGROUPS_MAX];
	struct dn_err err;
	ssize_t len;
	size_t n;

	assert_int_equal(dn_extern_cgroups_open_at(&f, 7, fds, &n, &err), 0);
	assert_int_equal(n, path ? 1 : 0);
	if (!path)
		return;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fds[0]);
	len = readlink(link, got, sizeof(got) - 1);
	assert_true(len > 0);
	got[len] = 0;
	snprintf(want, sizeof(want), "%s%s/cgroup.procs", t->cg, path);
	assert_string_equal(got, want);
	close(fds[0]);
}

static void v1_extern_step_is_found(void **state)
{
	struct tree t = tree_of(NULL, true, false, "4:memory:/slurm/uid_1/job_7/step_0\n3:freezer:/\n");

	(void)state;
	procs(&t, "/v1/memory/slurm/uid_1/job_7/step_0");
	procs(&t, "/v1/memory/slurm/uid_1/job_71/step_extern");
	extern_is(&t, NULL);
	procs(&t, "/v1/memory/slurm/uid_1/job_7/step_extern");
	extern_is(&t, "/v1/memory/slurm/uid_1/job_7/step_extern");
	done(&t);
}

/* Slurm is still at work on them. */
static void v1_extern_step_is_waited_for(void **state)
{
	struct tree t = tree_of(NULL, true, false, "4:memory:/slurm/uid_1/job_7/step_0\n3:freezer:/slurm/uid_1/job_7/step_0\n");
	static const struct timespec late = { .tv_nsec = 100000000 };
	struct dn_cgroup_files f = files(&t);
	int fds[DN_STEP_CGROUPS_MAX], status;
	struct dn_err err;
	pid_t slurm;
	size_t n;

	(void)state;
	procs(&t, "/v1/memory/slurm/uid_1/job_7/step_extern");
	slurm = fork();
	assert_true(slurm >= 0);
	if (slurm == 0) {
		(void)nanosleep(&late, NULL);
		procs(&t, "/v1/freezer/slurm/uid_1/job_7/step_extern");
		_exit(0);
	}
	assert_int_equal(dn_extern_cgroups_open_at(&f, 7, fds, &n, &err), 0);
	assert_int_equal(n, 2);
	while (n)
		close(fds[--n]);
	assert_int_equal(waitpid(slurm, &status, 0), slurm);
	assert_int_equal(status, 0);
	done(&t);
}

static void v2_extern_step_is_found(void **state)
{
	struct tree t = tree_of(NULL, false, true, "0::" SCOPE "/job_7/step_0/slurm\n");

	(void)state;
	procs(&t, SCOPE "/job_7/step_extern");
	extern_is(&t, NULL);
	procs(&t, SCOPE "/job_7/step_extern/user/task_0");
	extern_is(&t, SCOPE "/job_7/step_extern/user/task_0");
	procs(&t, SCOPE "/job_7/step_extern/user/task_special");
	extern_is(&t, SCOPE "/job_7/step_extern/user/task_special");
	done(&t);
}

/* A child that stays in the group until it is killed. */
static pid_t live_in(const struct tree *t, const char *path)
{
	char procs[700];
	int go[2];
	pid_t pid;
	char byte;

	snprintf(procs, sizeof(procs), "%s%s/cgroup.procs", t->cg, path);
	assert_int_equal(pipe(go), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		int fd = open(procs, O_WRONLY);

		if (fd >= 0 && write(fd, "0", 1) == 1 && write(go[1], "", 1) == 1)
			pause();
		_exit(1);
	}
	close(go[1]);
	assert_int_equal(read(go[0], &byte, 1), 1);
	close(go[0]);
	return pid;
}

static void the_kernels_groups_go_once_they_are_empty(void **state)
{
	char place[] = "/tmp/dunnage-cgroup2-XXXXXX", cg[64];
	struct dn_cgroup_files f;
	struct tree t;
	pid_t pid;

	(void)state;
	assert_non_null(mkdtemp(place));
	snprintf(cg, sizeof(cg), "%s/dunnage-test-%d", place, (int)getpid());
	if (mount("none", place, "cgroup2", 0, NULL) || mkdir(cg, 0755)) {
		printf("SKIPPED: cgroup2 cannot be mounted here, or takes no groups\n");
		(void)umount(place);
		(void)rmdir(place);
		skip();
	}
	t = tree_of(cg, false, true, "0::/system.slice/slurmd.service\n");
	f = files(&t);
	group(&t, SCOPE "/job_7/step_0/user/task_0");
	group(&t, SCOPE "/job_7/step_1/user/task_0");
	group(&t, SCOPE "/job_7/step_1/slurm");
	pid = live_in(&t, SCOPE "/job_7/step_0/user/task_0");
	dn_leftovers_job_groups_at(&f, 7, 1000);
	assert_true(there(&t, SCOPE "/job_7/step_0/user/task_0"));
	assert_false(there(&t, SCOPE "/job_7/step_1"));
	assert_int_equal(kill(pid, 0), 0);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	dn_leftovers_job_groups_at(&f, 7, 1000);
	assert_false(there(&t, SCOPE "/job_7"));
	snprintf(t.cg, sizeof(t.cg), "%s" SCOPE, cg);
	assert_int_equal(rmdir(t.cg), 0);
	*strrchr(t.cg, '/') = 0;
	assert_int_equal(rmdir(t.cg), 0);
	assert_int_equal(rmdir(cg), 0);
	assert_int_equal(umount(place), 0);
	assert_int_equal(rmdir(place), 0);
	done(&t);
}

static void needs_root(void)
{
	if (geteuid() == 0)
		return;
	printf("SKIPPED: processes of root and of another user need root\n");
	skip();
}

/* A process that is called as slurmstepd calls itself. */
static pid_t called(const char *title, uid_t uid)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		if (setuid(uid) == 0)
			execl("/bin/sleep", title, "60", (char *)NULL);
		_exit(127);
	}
	return pid;
}

static void ended(pid_t pid)
{
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

/* The name is there once the program runs. */
static bool seen(uint32_t job)
{
	for (int i = 0; i < 100 && !dn_job_has_slurmstepd(job); i++)
		nanosleep(&(struct timespec){ .tv_nsec = 20000000 }, NULL);
	return dn_job_has_slurmstepd(job);
}

static void slurmstepd_of_the_job(void **state)
{
	pid_t pid;

	(void)state;
	needs_root();
	pid = called("slurmstepd: [4000000001.batch]", 0);
	assert_true(seen(JOB));
	assert_false(dn_job_has_slurmstepd(JOB / 10));
	assert_false(dn_job_has_slurmstepd(JOB + 1));
	ended(pid);
	assert_false(dn_job_has_slurmstepd(JOB));
}

static void a_users_process_of_that_name(void **state)
{
	pid_t root, user;

	(void)state;
	needs_root();
	root = called("slurmstepd: [4000000003.0]", 0);
	user = called("slurmstepd: [4000000001.0]", 54321);
	assert_true(seen(JOB + 2)); /* the user's started at the same time */
	nanosleep(&(struct timespec){ .tv_nsec = 200000000 }, NULL);
	assert_false(dn_job_has_slurmstepd(JOB));
	ended(user);
	ended(root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(v1_extern_step_is_found), cmocka_unit_test(v1_extern_step_is_waited_for),
		cmocka_unit_test(v2_extern_step_is_found),
		cmocka_unit_test(v1_groups_go),
		cmocka_unit_test(v2_groups_go),
		cmocka_unit_test(v2_groups_go_beneath_slurmds_own),
		cmocka_unit_test(links_are_not_followed),
		cmocka_unit_test(the_kernels_groups_go_once_they_are_empty),
		cmocka_unit_test(slurmstepd_of_the_job),
		cmocka_unit_test(a_users_process_of_that_name),
	};

	return cmocka_run_group_tests_name("jobgroups", tests, NULL, NULL);
}
