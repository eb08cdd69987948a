/* What is known about a job: the record that its prolog writes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "jobrecord.h"

static void in_place(char dir[64], char sub[80])
{
	snprintf(dir, 64, "/tmp/dunnage-record-XXXXXX");
	assert_non_null(mkdtemp(dir));
	snprintf(sub, 80, "%s/jobs", dir);
}

static void remove_place(const char *dir)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", dir);
	assert_int_equal(system(command), 0);
}

static void expect_record(const char *dir, uint32_t job, uid_t uid, const char *account, const char *partition)
{
	struct dn_job_record got;
	struct dn_err err = {0};

	assert_int_equal(dn_job_record_read(dir, job, uid, &got, &err), 0);
	assert_true(account == NULL ? got.account == NULL : strcmp(account, got.account) == 0);
	assert_true(partition == NULL ? got.partition == NULL : strcmp(partition, got.partition) == 0);
	dn_job_record_free(&got);
}

static void expect_bad_record(const char *dir, uint32_t job, uid_t uid, const char *word)
{
	struct dn_job_record got;
	struct dn_err err = {0};

	assert_int_equal(dn_job_record_read(dir, job, uid, &got, &err), -1);
	assert_non_null(strstr(err.msg, word));
	assert_null(got.account);
	assert_null(got.partition);
}

static void record_round_trip(void **state)
{
	struct dn_job_record r = {.account = "a\nb=c|\xff", .partition = "gpu"}, none = {0};
	char dir[64], jobs[80];
	struct dn_err err = {0};

	(void)state;
	in_place(dir, jobs);
	expect_record(jobs, 7, 1000, NULL, NULL);
	assert_int_equal(dn_job_record_write(jobs, 7, 1000, &r, &err), 0);
	expect_record(jobs, 7, 1000, r.account, r.partition);
	expect_record(jobs, 70, 1000, NULL, NULL);
	/* a requeued job has the same number */
	r.account = "other";
	assert_int_equal(dn_job_record_write(jobs, 7, 1000, &r, &err), 0);
	expect_record(jobs, 7, 1000, "other", "gpu");
	assert_int_equal(dn_job_record_write(jobs, 7, 1000, &none, &err), 0);
	expect_record(jobs, 7, 1000, NULL, NULL);
	assert_int_equal(dn_job_record_remove(jobs, 7, &err), 0);
	assert_int_equal(dn_job_record_remove(jobs, 7, &err), 0);
	expect_record(jobs, 7, 1000, NULL, NULL);
	remove_place(dir);
	assert_int_equal(dn_job_record_remove(jobs, 7, &err), 0);
}

static void record_of_somebody_else(void **state)
{
	struct dn_job_record r = {.account = "a", .partition = "p"};
	char dir[64], jobs[80], path[100];
	struct dn_err err = {0};
	int fd;

	(void)state;
	in_place(dir, jobs);
	assert_int_equal(dn_job_record_write(jobs, 7, 1000, &r, &err), 0);
	expect_bad_record(jobs, 7, 1001, "not of this job");
	snprintf(path, sizeof(path), "%s/8", jobs);
	assert_int_equal(symlink("7", path), 0);
	expect_bad_record(jobs, 8, 1000, "cannot open");
	snprintf(path, sizeof(path), "%s/9", jobs);
	assert_int_equal(mkfifo(path, 0600), 0);
	expect_bad_record(jobs, 9, 1000, "not of this job");
	snprintf(path, sizeof(path), "%s/7", jobs);
	fd = open(path, O_WRONLY | O_APPEND);
	assert_int_equal(write(fd, "x", 1), 1);
	close(fd);
	expect_bad_record(jobs, 7, 1000, "not of this job");
	assert_int_equal(truncate(path, 10), 0);
	expect_bad_record(jobs, 7, 1000, "not of this job");
	assert_int_equal(truncate(path, 100000), 0);
	expect_bad_record(jobs, 7, 1000, "not of this job");
	assert_int_equal(chmod(jobs, 0755), 0);
	expect_bad_record(jobs, 7, 1000, "0700");
	assert_int_equal(dn_job_record_write(jobs, 7, 1000, &r, &err), -1);
	assert_int_equal(dn_job_record_remove(jobs, 7, &err), -1);
	remove_place(dir);
}

static void record_too_long(void **state)
{
	char dir[64], jobs[80], *text = calloc(1, 9001);
	struct dn_job_record r = {.account = memset(text, 'x', 9000)};
	struct dn_err err = {0};

	(void)state;
	in_place(dir, jobs);
	assert_int_equal(dn_job_record_write(jobs, 7, 1000, &r, &err), -1);
	expect_record(jobs, 7, 1000, NULL, NULL);
	free(text);
	remove_place(dir);
}

static void stale_records(void **state)
{
	struct dn_job_record r = {.account = "a"};
	struct timespec old[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
	char dir[64], jobs[80], path[100];
	struct dn_err err = {0};

	(void)state;
	in_place(dir, jobs);
	dn_job_record_sweep(jobs, 90);
	for (uint32_t job = 1; job <= 3; job++) {
		assert_int_equal(dn_job_record_write(jobs, job, 1000, &r, &err), 0);
		snprintf(path, sizeof(path), "%s/%u", jobs, job);
		if (job < 3)
			assert_int_equal(utimensat(AT_FDCWD, path, old, 0), 0);
	}
	expect_record(jobs, 2, 1000, "a", NULL);
	dn_job_record_sweep(jobs, 90);
	expect_record(jobs, 1, 1000, NULL, NULL);
	expect_record(jobs, 2, 1000, "a", NULL);
	expect_record(jobs, 3, 1000, "a", NULL);
	remove_place(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(record_round_trip),
		cmocka_unit_test(record_of_somebody_else),
		cmocka_unit_test(record_too_long),
		cmocka_unit_test(stale_records),
	};

	return cmocka_run_group_tests_name("job record", tests, NULL, NULL);
}
