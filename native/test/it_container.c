/* Builds a container from its arguments and runs a program in it as the user; the hand of it_container.sh.
 *   it_container [KEY=VALUE]... -- PROGRAM [ARGUMENT]...
 * Keys: image offset size driver(kernel|fuse) source(request|store) digest store squashfuse view uid gid groups(a,b) user
 * home cwd pmix script bind, hostfile and shim(FLAGS:SRC:DST, repeated) join(1: a second process joins and runs the program)
 * caps(bit set) userns(1: barred) network(1: none) device(repeated) seccomp policy(its directory has seccomp/) pids memory job step
 * hold(1: print "built" and wait before the program) dump(path of envdump: print the image's environment instead). */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "dunnage/container.h"

struct setup {
	struct dn_site site;
	struct dn_plan plan;
	struct dn_identity who;
	struct dn_step_dirs dirs;
	const char *image, *cwd, *dump;
	struct dn_unshared unshared;
	int entrypoint;
	int join, hold;
	struct dn_filter filter;
	uint32_t job, step, lasting;
	char *own_pmix; /* of a step that joins */
};

static int die(const struct dn_err *err)
{
	fprintf(stderr, "refused %d: %s\n", err->code, err->msg);
	return 100 + (int)err->code;
}

static void set_digest(struct setup *s, const char *hex)
{
	unsigned byte, i;

	for (i = 0; i < 32 && sscanf(hex + 2 * i, "%2x", &byte) == 1; i++)
		s->plan.store_digest[i] = (uint8_t)byte;
}

static void set_groups(struct setup *s, char *list)
{
	char *one;

	while ((one = strsep(&list, ",")) && *one) {
		s->who.groups = realloc(s->who.groups, (s->who.ngroups + 1) * sizeof(gid_t));
		s->who.groups[s->who.ngroups++] = (gid_t)strtoul(one, NULL, 0);
	}
}

static void set_bind(struct dn_bind **binds, size_t *n, char *text)
{
	struct dn_bind *b;

	*binds = realloc(*binds, (*n + 1) * sizeof(*b));
	b = &(*binds)[(*n)++];
	b->flags = (uint32_t)strtoul(strsep(&text, ":"), NULL, 0);
	b->source = strsep(&text, ":");
	b->target = text;
}

static void add_device(struct setup *s, char *path)
{
	s->plan.devices.v = realloc(s->plan.devices.v, (s->plan.devices.n + 1) * sizeof(char *));
	s->plan.devices.v[s->plan.devices.n++] = path;
}

static int set_confinement(struct setup *s, const char *key, char *value)
{
	unsigned long long number = strtoull(value, NULL, 0);

	if (!strcmp(key, "caps")) s->plan.capabilities = number;
	else if (!strcmp(key, "userns")) s->plan.no_user_namespaces = (uint32_t)number;
	else if (!strcmp(key, "network")) s->plan.network = (uint32_t)number;
	else if (!strcmp(key, "device")) add_device(s, value);
	else if (!strcmp(key, "seccomp")) s->plan.seccomp = value;
	else if (!strcmp(key, "policy")) s->site.policy = value;
	else if (!strcmp(key, "pids")) s->plan.pids_max = number;
	else if (!strcmp(key, "memory")) s->plan.memory_max = number;
	else if (!strcmp(key, "job")) s->job = (uint32_t)number;
	else if (!strcmp(key, "step")) s->step = (uint32_t)number;
	else if (!strcmp(key, "unshare")) s->unshared.what = (unsigned)number;
	else if (!strcmp(key, "hostname")) s->unshared.hostname = value;
	else if (!strcmp(key, "entrypoint")) s->entrypoint = (int)number;
	else return -1;
	return 0;
}

static int set(struct setup *s, const char *key, char *value)
{
	unsigned long number = strtoul(value, NULL, 0);

	if (!strcmp(key, "image")) s->image = value;
	else if (!strcmp(key, "offset")) s->plan.fs_offset = number;
	else if (!strcmp(key, "size")) s->plan.fs_size = number;
	else if (!strcmp(key, "driver")) s->plan.driver = *value == 'k' ? DN_DRIVER_KERNEL : DN_DRIVER_FUSE;
	else if (!strcmp(key, "source")) s->plan.source = *value == 's' ? DN_SOURCE_STORE : DN_SOURCE_REQUEST;
	else if (!strcmp(key, "digest")) set_digest(s, value);
	else if (!strcmp(key, "store")) s->site.store = value;
	else if (!strcmp(key, "squashfuse")) s->site.squashfuse = value;
	else if (!strcmp(key, "view")) s->plan.view = (uint32_t)number;
	else if (!strcmp(key, "uid")) s->who.uid = (uid_t)number;
	else if (!strcmp(key, "gid")) s->who.gid = (gid_t)number;
	else if (!strcmp(key, "groups")) set_groups(s, value);
	else if (!strcmp(key, "user")) s->who.user = value;
	else if (!strcmp(key, "home")) s->who.home = value;
	else if (!strcmp(key, "cwd")) s->cwd = value;
	else if (!strcmp(key, "pmix")) s->dirs.pmix = value;
	else if (!strcmp(key, "script")) s->dirs.script = value;
	else if (!strcmp(key, "spool")) s->dirs.spool = value;
	else if (!strcmp(key, "lasting")) s->lasting = (uint32_t)number;
	else if (!strcmp(key, "own_pmix")) s->own_pmix = value;
	else if (!strcmp(key, "bind")) set_bind(&s->plan.binds, &s->plan.nbinds, value);
	else if (!strcmp(key, "hostfile")) set_bind(&s->plan.host_files, &s->plan.nhost_files, value);
	else if (!strcmp(key, "shim")) set_bind(&s->plan.host_shims, &s->plan.nhost_shims, value);
	else if (!strcmp(key, "join")) s->join = (int)number;
	else if (!strcmp(key, "hold")) s->hold = (int)number;
	else if (!strcmp(key, "dump")) s->dump = value;
	else return set_confinement(s, key, value);
	return 0;
}

static int drop(const struct dn_identity *who)
{
	return setgroups(who->ngroups, who->groups) || setresgid(who->gid, who->gid, who->gid) ||
	       setresuid(who->uid, who->uid, who->uid);
}

static int print_environment(int dump_fd, struct dn_err *err)
{
	char *const env[] = { "PATH=/bin:/usr/bin", "FROM_CALLER=kept", "PWD=/callers", NULL };
	char **list;
	size_t i;

	if (dn_image_environment(env, 3, dump_fd, &list, err))
		return -1;
	if (!list)
		puts("no scripts");
	for (i = 0; list && list[i]; i++)
		puts(list[i]);
	free(list);
	return 0;
}

/* As a rank: confined, the user for good, in its directory. */
static int run(const struct setup *s, char **argv, int dump_fd)
{
	const char *went;
	struct dn_err err;

	if (dn_confine(&s->plan, &err))
		return die(&err);
	if (drop(&s->who)) {
		perror("drop");
		return 99;
	}
	if (dn_confine_user(&s->plan, &s->filter, &err))
		return die(&err);
	if (s->dump)
		return print_environment(dump_fd, &err) ? die(&err) : 0;
	if (dn_enter_workdir(s->plan.workdir, s->who.home, &went, &err) || dn_close_on_exec(-1, &err))
		return die(&err);
	execv(argv[0], argv);
	perror(argv[0]);
	return 98;
}

static int build(struct setup *s, int image, struct dn_spaces *spaces, struct dn_err *err)
{
	struct dn_build b = { .site = &s->site, .plan = &s->plan, .who = &s->who, .dirs = &s->dirs, .cwd = s->cwd,
			      .image_fd = image, .writers = dn_image_has_writers(image),
			      .unshared = s->unshared, .entrypoint = s->entrypoint != 0, .lasting_job = s->lasting };

	const struct dn_limits limits = { .pids = s->plan.pids_max, .memory = s->plan.memory_max };

	if (dn_filter_load(&s->site, &s->plan, &s->filter, err) || dn_limits_apply(&limits, s->job, s->step, err))
		return -1;
	return dn_container_build(&b, spaces, err);
}

static int main_built(struct setup *s, char **argv, int dump_fd, struct dn_spaces *spaces)
{
	char *resolved = NULL;
	struct dn_err err;
	int image;

	if (dn_open_image(&s->who, s->image, &image, &resolved, &err))
		return die(&err);
	if (build(s, image, spaces, &err))
		return die(&err);
	free(resolved);
	close(image);
	if (s->hold) {
		puts("built");
		fflush(stdout);
		pause();
	}
	return run(s, argv, dump_fd);
}

/* The rank that joins was forked before the namespace came to be, as Slurm's tasks are. */
static int rank_that_joins(struct setup *s, char **argv, int dump_fd, pid_t builder, int ready)
{
	struct dn_err err;
	struct dn_spaces spaces = DN_NO_SPACES;
	struct dn_step_dirs dirs = { .spool = s->dirs.spool, .pmix = s->own_pmix };
	int spool, pmix = -1;
	char path[64];

	if (read(ready, &spool, sizeof(spool)) != sizeof(spool))
		return 97;
	if (spool >= 0)
		spaces.spool = (int)syscall(SYS_pidfd_getfd, (int)syscall(SYS_pidfd_open, builder, 0), spool, 0);
	snprintf(path, sizeof(path), "/proc/%d/ns/mnt", (int)builder);
	spaces.mnt = open(path, O_RDONLY | O_CLOEXEC);
	snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)builder);
	spaces.net = open(path, O_RDONLY | O_CLOEXEC);
	snprintf(path, sizeof(path), "/proc/%d/ns/ipc", (int)builder);
	spaces.ipc = open(path, O_RDONLY | O_CLOEXEC);
	snprintf(path, sizeof(path), "/proc/%d/ns/uts", (int)builder);
	spaces.uts = open(path, O_RDONLY | O_CLOEXEC);
	if (spaces.mnt < 0 || spaces.net < 0 || spaces.ipc < 0 || spaces.uts < 0)
		return 95;
	if (dn_filter_load(&s->site, &s->plan, &s->filter, &err) || (dirs.pmix && dn_step_pmix_take(&dirs, &pmix, &err)) ||
	    dn_container_join(&spaces, &err) || (dirs.pmix && dn_step_pmix_show(&spaces, &dirs, pmix, &err)))
		return die(&err);
	return run(s, argv, dump_fd);
}

/* From the host's namespace, as slurmstepd does it: the mount goes from all others. */
static void withdraw(const struct setup *s, const struct dn_spaces *spaces, int host)
{
	const struct dn_step_dirs dirs = { .spool = s->dirs.spool, .pmix = s->own_pmix };
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		if (setns(host, CLONE_NEWNS) == 0)
			dn_step_pmix_withdraw(spaces, &dirs);
		_exit(0);
	}
	if (waitpid(pid, &status, 0) == pid)
		printf("afterwards: %s\n", access(s->own_pmix, F_OK) == 0 ? "still there" : "gone");
	fflush(stdout);
}

static int join_in_other(struct setup *s, char **argv, int dump_fd)
{
	char *resolved = NULL;
	struct dn_spaces spaces;
	int ready[2], image, status, host = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
	struct dn_err err;
	pid_t builder = getpid(), pid;

	if (pipe(ready))
		return 96;
	pid = fork();
	if (pid == 0) {
		close(ready[1]);
		_exit(rank_that_joins(s, argv, dump_fd, builder, ready[0]));
	}
	if (dn_open_image(&s->who, s->image, &image, &resolved, &err) ||
	    build(s, image, &spaces, &err)) {
		kill(pid, SIGKILL);
		return die(&err);
	}
	if (write(ready[1], &spaces.spool, sizeof(spaces.spool)) != sizeof(spaces.spool) || waitpid(pid, &status, 0) != pid)
		return 93;
	if (s->own_pmix)
		withdraw(s, &spaces, host);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 92;
}

int main(int argc, char **argv)
{
	struct setup s = { .site = { .squashfuse = "/usr/bin/squashfuse_ll", .agent_user = "root", .store = "/nonexistent",
				     .policy = "/nonexistent/policy.yaml" },
			   .plan = { .driver = DN_DRIVER_KERNEL, .source = DN_SOURCE_REQUEST, .view = DN_VIEW_ALL },
			   .who = { .user = "ada", .home = "/nonexistent", .gecos = "Ada", .shell = "/bin/sh" }, .cwd = "/" };
	struct dn_spaces spaces;
	int i, dump_fd = -1;

	for (i = 1; i < argc && strcmp(argv[i], "--"); i++) {
		char *eq = strchr(argv[i], '=');

		if (!eq) {
			fprintf(stderr, "not KEY=VALUE: %s\n", argv[i]);
			return 2;
		}
		*eq = 0;
		if (set(&s, argv[i], eq + 1)) {
			fprintf(stderr, "unknown key %s\n", argv[i]);
			return 2;
		}
	}
	argv += i < argc ? i + 1 : i;
	if (s.dump)
		dump_fd = open(s.dump, O_PATH | O_CLOEXEC);
	if (s.join)
		return join_in_other(&s, argv, dump_fd);
	return main_built(&s, argv, dump_fd, &spaces);
}
