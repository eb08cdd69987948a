/* What remains of jobs that are over: whose slurmstepd is still at work. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "dunnage/leftovers.h"

#define JOB 4000000001u /* no job of a Slurm that this machine may have */

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
	pid_t pid = called("slurmstepd: [4000000001.batch]", 0);

	(void)state;
	assert_true(seen(JOB));
	assert_false(dn_job_has_slurmstepd(JOB / 10));
	assert_false(dn_job_has_slurmstepd(JOB + 1));
	ended(pid);
	assert_false(dn_job_has_slurmstepd(JOB));
}

static void a_users_process_of_that_name(void **state)
{
	pid_t root = called("slurmstepd: [4000000003.0]", 0), user = called("slurmstepd: [4000000001.0]", 54321);

	(void)state;
	assert_true(seen(JOB + 2)); /* the user's started at the same time */
	nanosleep(&(struct timespec){ .tv_nsec = 200000000 }, NULL);
	assert_false(dn_job_has_slurmstepd(JOB));
	ended(user);
	ended(root);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(slurmstepd_of_the_job),
		cmocka_unit_test(a_users_process_of_that_name),
	};

	if (geteuid() != 0) {
		puts("SKIPPED: processes of root and of another user need root");
		return 0;
	}
	return cmocka_run_group_tests_name("leftovers", tests, NULL, NULL);
}
