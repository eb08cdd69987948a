/* What users may ask of namespaces, and that ranks share what the first one made. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/shm.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unshare.h"

static void lists(void **state)
{
	static const struct {
		const char *list, *says; /* says NULL: taken */
		unsigned what;
	} cases[] = {
		{ "ipc", NULL, DN_UNSHARE_IPC },
		{ "uts", NULL, DN_UNSHARE_UTS },
		{ "uts,ipc", NULL, DN_UNSHARE_IPC | DN_UNSHARE_UTS },
		{ "ipc,ipc", NULL, DN_UNSHARE_IPC },
		{ "", "allowed are ipc and uts", 0 },
		{ "ipc,", "allowed are ipc and uts", 0 },
		{ ",uts", "allowed are ipc and uts", 0 },
		{ "IPC", "allowed are ipc and uts", 0 },
		{ "user", "--x=user: allowed are ipc and uts", 0 },
		{ "ipc,pid", "--x=ipc,pid: pid is not offered: the program takes the very process", 0 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct dn_err err = { 0 };
		unsigned what = 0;

		assert_int_equal(dn_unshare_read("--x", cases[i].list, &what, &err), cases[i].says ? -1 : 0);
		assert_int_equal(what, cases[i].what);
		if (!cases[i].says)
			continue;
		assert_int_equal(err.code, DN_REQUEST);
		assert_non_null(strstr(err.msg, cases[i].says));
	}
}

static void host_names(void **state)
{
	static const char *const good[] = { "a", "box", "Node-7.site.org", "0" };
	static const char *const bad[] = { "", "-a", "a-", "a.", ".a", "a b", "a/b", "a\nb", "\xc3\xa4", "a_b",
					   "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" };
	struct dn_err err = { 0 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_int_equal(dn_hostname_check("--hostname", good[i], &err), 0);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(dn_hostname_check("--hostname", bad[i], &err), -1);
		assert_int_equal(err.code, DN_REQUEST);
		assert_non_null(strstr(err.msg, "--hostname="));
	}
}

static bool has_name(const char *want)
{
	struct utsname u;

	return uname(&u) == 0 && strcmp(u.nodename, want) == 0;
}

/* In a process that has left the test's namespaces behind: 0 when the two ranks see the same. */
static int two_ranks(void)
{
	const struct dn_unshared wanted = { DN_UNSHARE_IPC, "box-1" };
	struct dn_spaces spaces = DN_NO_SPACES;
	struct dn_err err = { 0 };
	int host = shmget(4711, 1, IPC_CREAT | 0600), first[2], status = -1;
	struct shmid_ds ds;
	char byte;
	pid_t other;

	if (host < 0 || pipe(first) || dn_unshare_make(&wanted, &spaces, &err) || spaces.ipc < 0 || spaces.uts < 0)
		return 10;
	if (shmctl(host, IPC_STAT, &ds) == 0 || shmget(4712, 4096, IPC_CREAT | IPC_EXCL | 0600) < 0)
		return 11;
	other = fork();
	if (other == 0) {
		/* as a rank that was forked before: out of what the first one made, then into it */
		if (unshare(CLONE_NEWIPC | CLONE_NEWUTS) || shmget(4712, 4096, 0600) >= 0)
			_exit(12);
		if (dn_unshare_join(&spaces, &err) || shmget(4712, 4096, 0600) < 0 || !has_name("box-1"))
			_exit(13);
		_exit(write(first[1], "x", 1) == 1 ? 0 : 14);
	}
	if (other < 0 || waitpid(other, &status, 0) != other || read(first[0], &byte, 1) != 1)
		return 15;
	dn_spaces_close(&spaces);
	return status != 0 || !has_name("box-1");
}

static void ranks_share(void **state)
{
	int status = -1;
	pid_t pid = fork();

	(void)state;
	assert_true(pid >= 0);
	if (pid == 0)
		_exit(unshare(CLONE_NEWIPC | CLONE_NEWUTS) ? 77 : two_ranks());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
		puts("SKIPPED: namespaces need root");
		skip();
	}
	assert_int_equal(status, 0);
}

static void bad_names_are_refused_where_they_are_set(void **state)
{
	const struct dn_unshared wanted = { 0, "a b" };
	struct dn_spaces spaces = DN_NO_SPACES;
	struct dn_err err = { 0 };

	(void)state;
	assert_int_equal(dn_unshare_make(&wanted, &spaces, &err), -1);
	assert_int_equal(err.code, DN_REQUEST);
	assert_int_equal(spaces.uts, -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists),
		cmocka_unit_test(host_names),
		cmocka_unit_test(ranks_share),
		cmocka_unit_test(bad_names_are_refused_where_they_are_set),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
