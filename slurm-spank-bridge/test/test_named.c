/* Containers with a name: who builds, who joins, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "named.h"

static char dir[64];

static int make_dir(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/dunnage-names-XXXXXX");
	return mkdtemp(dir) == NULL;
}

static int remove_dir(void **state)
{
	(void)state;
	dn_named_sweep(dir, 7);
	return rmdir(dir);
}

static struct dn_named_wish wish(const char *image, const char *shape, int mailbox)
{
	return (struct dn_named_wish){.job = 7, .step = 3, .uid = 1000, .name = "box", .image = image, .shape = shape, .mailbox = mailbox};
}

static void names(void **state)
{
	char long_name[66];

	(void)state;
	memset(long_name, 'a', 65);
	long_name[65] = '\0';
	assert_true(dn_named_valid("a"));
	assert_true(dn_named_valid("Sim-2.b_c"));
	assert_true(dn_named_valid(long_name + 1));
	assert_false(dn_named_valid(long_name));
	assert_false(dn_named_valid(""));
	assert_false(dn_named_valid("../a"));
	assert_false(dn_named_valid(".a"));
	assert_false(dn_named_valid("a/b"));
	assert_false(dn_named_valid("a@b"));
	assert_false(dn_named_valid("\xc3\xa4"));
}

static void refuses(struct dn_named_wish w, const char *because)
{
	struct dn_named n;
	struct dn_err err = {0};

	assert_int_equal(dn_named_claim(dir, &w, &n, &err), -1);
	assert_non_null(strstr(err.msg, because));
	assert_int_equal(err.code, DN_REQUEST);
}

static void first_builds_others_join_the_same(void **state)
{
	struct dn_named_wish w = wish("/a.sif", "writable", 5), another;
	struct dn_named first, second;
	struct dn_err err = {0};
	struct stat st;
	char path[128];

	(void)state;
	refuses(wish(NULL, "", 5), "no running step");
	assert_int_equal(dn_named_claim(dir, &w, &first, &err), 0);
	assert_int_equal(first.role, DN_NAMED_BUILDS);
	snprintf(path, sizeof(path), "%s/7@box", dir);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	another = wish(NULL, "", 9);
	assert_int_equal(dn_named_claim(dir, &another, &second, &err), 0);
	assert_int_equal(second.role, DN_NAMED_JOINS);
	assert_int_equal(second.step, 3);
	assert_int_equal(second.mailbox, 5);
	assert_int_equal(second.pid, getpid());
	assert_int_equal(dn_named_claim(dir, &w, &second, &err), 0);
	assert_int_equal(second.role, DN_NAMED_JOINS);
	refuses(wish("/b.sif", "", 9), "/a.sif");
	refuses(wish("/a.sif", "other", 9), "leave such options out");
	another = wish("/a.sif", "", 9);
	another.uid = 1001;
	refuses(another, "somebody else");
	another = wish(NULL, "", 9);
	another.job = 77;
	refuses(another, "no running step");
	/* who joined releases nothing */
	dn_named_release(&second);
	assert_int_equal(access(path, F_OK), 0);
	dn_named_release(&first);
	assert_int_not_equal(access(path, F_OK), 0);
	dn_named_release(&first);
}

static void record_of_the_dead_is_nobodys(void **state)
{
	struct dn_named_wish w = wish("/a.sif", "", 5), other = wish("/b.sif", "", 6);
	struct dn_named n;
	struct dn_err err = {0};
	pid_t child = fork();
	int status;

	(void)state;
	if (child == 0)
		_exit(dn_named_claim(dir, &w, &n, &err) == 0 && n.role == DN_NAMED_BUILDS ? 0 : 1);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	refuses(wish(NULL, "", 5), "no running step");
	assert_int_equal(dn_named_claim(dir, &other, &n, &err), 0);
	assert_int_equal(n.role, DN_NAMED_BUILDS);
	dn_named_release(&n);
}

static void directory_must_be_roots_alone(void **state)
{
	struct dn_named_wish w = wish("/a.sif", "", 5);
	struct dn_named n;
	struct dn_err err = {0};

	(void)state;
	assert_int_equal(chmod(dir, 0755), 0);
	assert_int_equal(dn_named_claim(dir, &w, &n, &err), -1);
	assert_non_null(strstr(err.msg, "0700"));
	assert_int_equal(n.role, DN_NAMED_NOT);
	assert_int_equal(chmod(dir, 0700), 0);
}

/* In one process, which is slurmstepd of both steps. */
static void plan_and_namespaces_are_the_builders(void **state)
{
	struct dn_plan plan = {.driver = DN_DRIVER_FUSE, .source = DN_SOURCE_REQUEST, .fs_size = 1, .workdir = (char *)(uintptr_t)"/w",
			       .decision = (char *)(uintptr_t)"d"};
	struct dn_session s;
	struct dn_place place = {-1};
	struct dn_spaces spaces = DN_NO_SPACES, got;
	struct dn_reply reply = {0};
	struct dn_err err = {0};
	struct dn_named_wish w;
	struct dn_named builder, joiner;
	enum dn_turn turn;
	struct stat a, b;

	(void)state;
	assert_int_equal(dn_session_open(&s, &err), 0);
	s.named = true;
	w = wish("/a.sif", "", s.mailbox);
	assert_int_equal(dn_named_claim(dir, &w, &builder, &err), 0);
	assert_int_equal(dn_named_claim(dir, &w, &joiner, &err), 0);
	assert_int_equal(dn_named_join(&joiner, 0, &got, &reply, &err), -1);
	assert_non_null(strstr(err.msg, "not ready"));
	assert_int_equal(dn_session_enter(&s, &place, 5, &turn, &got, &reply, &err), 0);
	assert_int_equal(turn, DN_TURN_BUILD);
	spaces.mnt = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
	assert_int_equal(fstat(spaces.mnt, &a), 0);
	assert_int_equal(dn_session_post(&s, &place, &spaces, &plan, &err), 0);
	dn_session_leave(&s);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(dn_named_join(&joiner, 1, &got, &reply, &err), 0);
		assert_string_equal(reply.u.plan.workdir, "/w");
		assert_int_equal(fstat(got.mnt, &b), 0);
		assert_int_equal(a.st_ino, b.st_ino);
		dn_spaces_close(&got);
		dn_reply_free(&reply);
	}
	dn_named_release(&builder);
	dn_session_end_helper(&s);
	assert_int_equal(dn_named_join(&joiner, 1, &got, &reply, &err), -1);
	assert_non_null(strstr(err.msg, "ended with step 3"));
	joiner.started++;
	assert_int_equal(dn_named_join(&joiner, 1, &got, &reply, &err), -1);
	dn_spaces_close(&spaces);
	close(place.lock);
}

static void kept_files_end_with_the_last_task(void **state)
{
	struct dn_session s;
	struct dn_err err = {0};
	int pair[2];
	char byte;

	(void)state;
	assert_int_equal(dn_session_open(&s, &err), 0);
	assert_int_equal(pipe(pair), 0);
	assert_int_equal(dn_session_keep(&s, pair[1], &err), 0);
	close(pair[1]);
	fcntl(pair[0], F_SETFL, O_NONBLOCK);
	/* still open somewhere: no end of file */
	assert_int_equal(read(pair[0], &byte, 1), -1);
	close(s.slurm_task);
	s.slurm_task = -1;
	dn_session_end_helper(&s);
	assert_int_equal(read(pair[0], &byte, 1), 0);
	close(pair[0]);
	dn_session_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(first_builds_others_join_the_same),
		cmocka_unit_test(record_of_the_dead_is_nobodys),
		cmocka_unit_test(directory_must_be_roots_alone),
		cmocka_unit_test(plan_and_namespaces_are_the_builders),
		cmocka_unit_test(kept_files_end_with_the_last_task),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
