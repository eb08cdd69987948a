/* dunnage pull as the C side runs it, with a script in the place of the command. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dunnage/pull.h"

static char prefix[] = "/tmp/dunnage-pull-XXXXXX";
static char told[4096];

static void tell(const char *line)
{
	size_t len = strlen(told);

	(void)snprintf(told + len, sizeof(told) - len, "%s;", line);
}

static int make_prefix(void **state)
{
	char path[64];

	(void)state;
	if (!mkdtemp(prefix))
		return -1;
	(void)snprintf(path, sizeof(path), "%s/bin", prefix);
	return mkdir(path, 0755) || chmod(prefix, 0755);
}

static int remove_prefix(void **state)
{
	char command[96];

	(void)state;
	(void)snprintf(command, sizeof(command), "rm -rf %s", prefix);
	return system(command);
}

static void script(const char *text)
{
	char path[64];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/bin/dunnage", prefix);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fprintf(f, "#!/bin/sh\n%s\n", text) > 0);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path, 0755), 0);
}

static int pull(char **answer, struct dn_err *err)
{
	static char *const env[] = { "PATH=/usr/bin:/bin", "ONLY=this", NULL };
	const struct dn_identity self = { .own = true };
	const struct dn_pull p = { .prefix = prefix, .who = &self, .reference = "oras://h/a:1", .mode = "always", .env = env,
				   .tell = tell };

	told[0] = 0;
	*answer = NULL;
	return dn_pull_image(&p, answer, err);
}

static void references_are_told_from_paths(void **state)
{
	static const char *const references[] = { "oras://h/a", "docker://a", "library:a", "library://a", "https://h/a", "shub://a/b" };
	static const char *const paths[] = { "a.sif", "/a.sif", "./oras://a", "file:///a", "file:a", "", "://a" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(references) / sizeof(references[0]); i++)
		assert_true(dn_is_reference(references[i]));
	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		assert_false(dn_is_reference(paths[i]));
}

static void answers_the_line_and_passes_on_what_is_said(void **state)
{
	struct dn_err err = { 0 };
	char *answer;

	(void)state;
	script("echo 'dunnage: waiting for node1' >&2; echo 'and more' >&2; echo \"$* $ONLY $HOME\"");
	assert_int_equal(pull(&answer, &err), 0);
	assert_string_equal(answer, "pull --to-cache --pull always -- oras://h/a:1 this ");
	assert_string_equal(told, "waiting for node1;and more;");
	free(answer);
}

static void a_failure_has_the_programs_words(void **state)
{
	struct dn_err err = { 0 };
	char *answer;

	(void)state;
	script("echo 'dunnage: asking again' >&2; printf 'dunnage: oras://h/a:1: 404\\tgone' >&2; echo /etc/passwd; exit 7");
	assert_int_equal(pull(&answer, &err), -1);
	assert_string_equal(err.msg, "oras://h/a:1: 404?gone");
	assert_string_equal(told, "asking again;");
	script("exit 0");
	assert_int_equal(pull(&answer, &err), -1);
	assert_non_null(strstr(err.msg, "named no image"));
	script("kill -KILL $$");
	assert_int_equal(pull(&answer, &err), -1);
	assert_non_null(strstr(err.msg, "memory limit"));
}

/* As in a task of Slurm, whose signals are held back. */
static void a_cancelled_step_ends_its_pull(void **state)
{
	struct dn_err err = { 0 };
	sigset_t term, before;
	char *answer;
	int sig;

	(void)state;
	(void)sigemptyset(&term);
	(void)sigaddset(&term, SIGTERM);
	assert_int_equal(sigprocmask(SIG_BLOCK, &term, &before), 0);
	assert_int_equal(raise(SIGTERM), 0);
	script("exec sleep 30");
	assert_int_equal(pull(&answer, &err), -1);
	assert_non_null(strstr(err.msg, "was cancelled"));
	assert_int_equal(sigwait(&term, &sig), 0);
	assert_int_equal(sigprocmask(SIG_SETMASK, &before, NULL), 0);
}

static void images_in_use_are_locked(void **state)
{
	struct dn_err err = { 0 };
	char path[64];
	int image, remover;

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/image", prefix);
	image = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	remover = open(path, O_RDWR | O_CLOEXEC);
	assert_true(image >= 0 && remover >= 0);
	assert_int_equal(dn_image_in_use(image, "oras://h/a", &err), 0);
	assert_int_equal(flock(remover, LOCK_EX | LOCK_NB), -1);
	close(image);
	assert_int_equal(flock(remover, LOCK_EX | LOCK_NB), 0);
	image = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(image >= 0);
	assert_int_equal(dn_image_in_use(image, "oras://h/a", &err), -1);
	assert_non_null(strstr(err.msg, "being removed"));
	close(image);
	close(remover);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(references_are_told_from_paths),
		cmocka_unit_test(answers_the_line_and_passes_on_what_is_said),
		cmocka_unit_test(a_failure_has_the_programs_words),
		cmocka_unit_test(a_cancelled_step_ends_its_pull),
		cmocka_unit_test(images_in_use_are_locked),
	};

	return cmocka_run_group_tests(tests, make_prefix, remove_prefix);
}
