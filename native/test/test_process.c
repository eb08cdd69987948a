/* Opening as the user, descriptors, working directory, confinement, errors. Each change of the process happens in a child. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "asuser.h"

#define UID 54321u
#define GID 54322u
#define EXTRA 54323u

struct bed {
	char dir[64];
	gid_t extra;
	struct dn_identity who;
};

static char *at(const struct bed *b, const char *name)
{
	static char path[4][256];
	static unsigned next;
	char *p = path[next++ % 4];

	snprintf(p, sizeof(path[0]), "%s/%s", b->dir, name);
	return p;
}

static void make_file(const struct bed *b, const char *name, uid_t uid, gid_t gid, mode_t mode)
{
	int fd = open(at(b, name), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(fchown(fd, uid, gid), 0);
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static int set_up(void **state)
{
	struct bed *b = calloc(1, sizeof(*b));

	strcpy(b->dir, "/tmp/dunnage-test.XXXXXX");
	if (!mkdtemp(b->dir) || chmod(b->dir, 0755))
		return -1;
	b->extra = EXTRA;
	b->who = (struct dn_identity){ .uid = UID, .gid = GID, .groups = &b->extra, .ngroups = 1, .user = "ada" };
	*state = b;
	return 0;
}

static int tear_down(void **state)
{
	char command[128];
	struct bed *b = *state;
	int rc;

	snprintf(command, sizeof(command), "rm -rf '%s'", b->dir);
	rc = system(command);
	free(b);
	return rc;
}

static void opens(struct bed *b, const char *path, const char *name)
{
	uid_t before = geteuid();
	char *resolved;
	struct dn_err err;
	int fd;

	if (dn_open_image(&b->who, path, &fd, &resolved, &err))
		fail_msg("%s: %s", path, err.msg);
	assert_string_equal(resolved, at(b, name));
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(geteuid(), before);
	free(resolved);
	close(fd);
}

static void refused(struct bed *b, const char *path, enum dn_code code, const char *text)
{
	char *resolved;
	struct dn_err err;
	int fd;

	assert_int_equal(dn_open_image(&b->who, path, &fd, &resolved, &err), -1);
	if (err.code != code || !strstr(err.msg, text))
		fail_msg("%d: '%s' is not %d '%s'", err.code, err.msg, code, text);
	assert_int_equal(geteuid(), 0);
	assert_int_equal(getegid(), 0);
}

static void opens_with_the_users_rights(void **state)
{
	struct bed *b = *state;
	char cwd[PATH_MAX];

	make_file(b, "mine", UID, 0, 0400);
	make_file(b, "of_my_group", 0, GID, 0440);
	make_file(b, "of_my_other_group", 0, EXTRA, 0440);
	make_file(b, "roots", 0, 0, 0600);
	assert_int_equal(symlink("mine", at(b, "link")), 0);
	opens(b, at(b, "mine"), "mine");
	opens(b, at(b, "link"), "mine");
	opens(b, at(b, "of_my_group"), "of_my_group");
	opens(b, at(b, "of_my_other_group"), "of_my_other_group");
	refused(b, at(b, "roots"), DN_IMAGE_ABSENT, "may not be read by ada: permission denied");
	assert_non_null(getcwd(cwd, sizeof(cwd)));
	assert_int_equal(chdir(b->dir), 0);
	opens(b, "mine", "mine");
	opens(b, "./../././mine" + 5, "mine");
	assert_int_equal(chdir(cwd), 0);
}

static void closed_directory(void **state)
{
	struct bed *b = *state;

	assert_int_equal(mkdir(at(b, "closed"), 0700), 0);
	make_file(b, "closed/image", UID, GID, 0644);
	refused(b, at(b, "closed/image"), DN_IMAGE_ABSENT, "permission denied");
}

static void what_is_no_image(void **state)
{
	struct bed *b = *state;
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(mkfifo(at(b, "fifo"), 0666), 0);
	strcpy(addr.sun_path, at(b, "sock"));
	assert_int_equal(bind(sock, (struct sockaddr *)&addr, sizeof(addr)), 0);
	assert_int_equal(symlink("loop", at(b, "loop")), 0);
	make_file(b, "file", UID, GID, 0644);
	refused(b, b->dir, DN_IMAGE_BAD, "is a directory, not a SIF image file");
	refused(b, at(b, "fifo"), DN_IMAGE_BAD, "is a named pipe, not a SIF image file");
	refused(b, at(b, "sock"), DN_IMAGE_BAD, "is a socket, not a SIF image file");
	refused(b, "/dev/null", DN_IMAGE_BAD, "is a character device, not a SIF image file");
	refused(b, at(b, "none"), DN_IMAGE_ABSENT, "does not exist on this node");
	refused(b, at(b, "file/below"), DN_IMAGE_ABSENT, "does not exist on this node");
	refused(b, at(b, "loop"), DN_IMAGE_ABSENT, "loop of symbolic links");
	refused(b, "", DN_REQUEST, "empty");
	close(sock);
}

static void control_characters_stay_out_of_messages(void **state)
{
	struct bed *b = *state;
	char *resolved;
	struct dn_err err;
	int fd;

	assert_int_equal(dn_open_image(&b->who, "/none\n\033[31mfake", &fd, &resolved, &err), -1);
	assert_null(strpbrk(err.msg, "\n\033"));
	assert_non_null(strstr(err.msg, "/none??[31mfake"));
}

static void errors_can_quote_themselves(void **state)
{
	struct dn_err err;
	char large[6000];

	(void)state;
	assert_int_equal(dn_fail(&err, DN_SETUP, "inner"), -1);
	assert_int_equal(dn_fail_errno(&err, DN_CONFIG, ENOENT, "outer: %s", err.msg), -1);
	assert_string_equal(err.msg, "outer: inner: No such file or directory");
	assert_int_equal(err.code, DN_CONFIG);
	memset(large, 'x', sizeof(large) - 1);
	large[sizeof(large) - 1] = 0;
	dn_fail(&err, DN_SETUP, "%s", large);
	assert_int_equal(strlen(err.msg), sizeof(err.msg) - 1);
	dn_fail_errno(&err, DN_SETUP, EIO, "%s", large);
	assert_int_equal(strlen(err.msg), sizeof(err.msg) - 1);
}

static void as_user_and_back(void **state)
{
	struct bed *b = *state;
	struct dn_ids before;
	struct dn_err err;
	gid_t groups[64];
	int n = getgroups(64, groups);

	assert_int_equal(dn_as_user(&b->who, &before, &err), 0);
	assert_int_equal(geteuid(), UID);
	assert_int_equal(getegid(), GID);
	assert_int_equal(getgroups(64, groups), 1);
	assert_int_equal(groups[0], EXTRA);
	assert_int_equal(open("/etc/shadow", O_RDONLY), -1);
	dn_as_before(&before);
	assert_int_equal(geteuid(), 0);
	assert_int_equal(getegid(), 0);
	assert_int_equal(getgroups(0, NULL), n);
}

/* Runs check in a child; what it returns is the child's exit status, 0: fine. */
static void in_child(int (*check)(void))
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit(check());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static bool cloexec(int fd)
{
	return fcntl(fd, F_GETFD) & FD_CLOEXEC;
}

static int marks(void)
{
	struct dn_err err;
	int pair[2], file = open("/dev/null", O_RDONLY);

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		return 1;
	if (dn_close_on_exec(file, &err) != -1 || !strstr(err.msg, "is no socket"))
		return 2;
	if (dn_close_on_exec(999, &err) != -1)
		return 3;
	if (dn_close_on_exec(pair[0], &err) || cloexec(pair[0]) || !cloexec(pair[1]) || !cloexec(file) || cloexec(2))
		return 4;
	if (dn_close_on_exec(-1, &err) || !cloexec(pair[0]))
		return 5;
	return 0;
}

static void close_on_exec(void **state)
{
	(void)state;
	in_child(marks);
}

static int confines(void)
{
	char line[256];
	unsigned found = 0;
	struct dn_err err;
	FILE *f;

	const struct dn_plan plan = { 0 };

	if (dn_confine(&plan, &err))
		return 1;
	f = fopen("/proc/self/status", "r");
	while (f && fgets(line, sizeof(line), f)) {
		if (strcmp(line, "CapBnd:\t0000000000000000\n") == 0 || strcmp(line, "CapInh:\t0000000000000000\n") == 0 ||
		    strcmp(line, "CapAmb:\t0000000000000000\n") == 0 || strcmp(line, "NoNewPrivs:\t1\n") == 0)
			found++;
		if (strcmp(line, "CapEff:\t0000000000000000\n") == 0)
			return 2; /* Slurm still has to change the uid */
	}
	if (f)
		fclose(f);
	if (found != 4)
		return 3;
	if (setgroups(0, NULL) || setresgid(GID, GID, GID) || setresuid(UID, UID, UID))
		return 4;
	return setresuid(0, 0, 0) == 0;
}

static void confine(void **state)
{
	(void)state;
	in_child(confines);
}

static void workdir(void **state)
{
	struct bed *b = *state;
	char cwd[PATH_MAX], *dir = at(b, "");
	const char *went;
	struct dn_err err;

	assert_non_null(getcwd(cwd, sizeof(cwd)));
	assert_int_equal(dn_enter_workdir(dir, "/", &went, &err), 0);
	assert_string_equal(went, dir);
	assert_int_equal(dn_enter_workdir("/no/such", dir, &went, &err), 0);
	assert_string_equal(went, dir);
	assert_int_equal(dn_enter_workdir(".", NULL, &went, &err), 0);
	assert_string_equal(went, "/");
	assert_int_equal(dn_enter_workdir(NULL, "relative", &went, &err), 0);
	assert_string_equal(went, "/");
	assert_int_equal(chdir(cwd), 0);
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(opens_with_the_users_rights), T(closed_directory),	T(what_is_no_image),
		T(control_characters_stay_out_of_messages), T(errors_can_quote_themselves), T(as_user_and_back),
		T(close_on_exec),		T(confine),		T(workdir),
	};

	if (geteuid() != 0) {
		puts("SKIPPED: acting as another user needs root");
		return 0;
	}
	return cmocka_run_group_tests_name("process", tests, NULL, NULL);
}
