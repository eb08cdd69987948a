#include "submitcheck.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define ARGUMENT "submit_check="
#define NO_JAVA 8 /* exit status of "no launcher answers" */

extern char **environ;

int dn_submit_check_mode(int argc, char *const argv[], enum dn_submit_check *mode, struct dn_err *err)
{
	static const char *const names[] = {"no", "warn", "refuse"};

	*mode = DN_SUBMIT_NO;
	for (int i = 0; i < argc; i++) {
		const char *value = argv[i] + sizeof(ARGUMENT) - 1;
		size_t at = 0;

		if (strncmp(argv[i], ARGUMENT, sizeof(ARGUMENT) - 1) != 0)
			continue;
		while (at < sizeof(names) / sizeof(names[0]) && strcmp(value, names[at]) != 0)
			at++;
		if (at == sizeof(names) / sizeof(names[0]))
			return dn_fail(err, DN_CONFIG, "plugstack.conf: %s: give no, warn or refuse", argv[i]);
		*mode = (enum dn_submit_check)at;
	}
	return 0;
}

/* The value of an option that stands as "--name=value", "--name value", "-nvalue" or "-n value"; NULL: it is another word. */
static const char *value_of(const char *word, const char *next, const char *name)
{
	size_t n = strlen(name);
	bool is_long = name[1] == '-';

	if (strncmp(word, name, n) != 0)
		return NULL;
	if (word[n] == '\0')
		return next;
	if (is_long)
		return word[n] == '=' ? word + n + 1 : NULL;
	return word + n;
}

void dn_submit_words(const char *command_line, size_t len, const char **mpi, unsigned *tasks)
{
	const char *end = command_line + len, *word = command_line;

	*mpi = NULL;
	*tasks = 0;
	while (word < end) {
		const char *next = word + strlen(word) + 1, *value;

		if (next >= end)
			next = NULL;
		value = value_of(word, next, "--mpi");
		if (value != NULL)
			*mpi = value;
		value = value_of(word, next, "-n");
		if (value == NULL)
			value = value_of(word, next, "--ntasks");
		if (value != NULL && *value >= '0' && *value <= '9')
			*tasks = (unsigned)strtoul(value, NULL, 10);
		if (next == NULL)
			break;
		word = next;
	}
}

/* 0: nothing to object. */
static int run(const char *program, char *const argv[])
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		/* what it says goes where errors go: the standard output of sbatch may be read by a program */
		if (dup2(STDERR_FILENO, STDOUT_FILENO) >= 0)
			execve(program, argv, environ);
		_exit(NO_JAVA);
	}
	if (pid < 0)
		return NO_JAVA;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return NO_JAVA;
	return WIFEXITED(status) ? WEXITSTATUS(status) : NO_JAVA;
}

int dn_submit_check(enum dn_command command, const char *image, const char *prefix, enum dn_submit_check mode,
		    const char *command_line, size_t len)
{
	char *program = NULL, *mpi_option = NULL, *tasks_option = NULL;
	char *argv[8] = {"dunnage", "submit-check"};
	const char *mpi = NULL;
	unsigned tasks = 0;
	size_t n = 2;
	int rc = 0;

	/* a step in a job that runs waits for nothing, and its node checks it now */
	if (mode == DN_SUBMIT_NO || (command == DN_COMMAND_STEP && getenv("SLURM_JOB_ID") != NULL))
		return 0;
	if (command == DN_COMMAND_STEP)
		dn_submit_words(command_line, len, &mpi, &tasks);
	if (mpi == NULL)
		mpi = getenv("SLURM_MPI_TYPE");
	if (asprintf(&program, "%s/bin/dunnage", prefix) < 0)
		program = NULL;
	if (mpi != NULL && asprintf(&mpi_option, "--mpi=%s", mpi) >= 0)
		argv[n++] = mpi_option;
	if (tasks != 0 && asprintf(&tasks_option, "--tasks=%u", tasks) >= 0)
		argv[n++] = tasks_option;
	if (mode == DN_SUBMIT_WARN)
		argv[n++] = "--warn";
	argv[n++] = "--";
	argv[n++] = (char *)(uintptr_t)image;
	if (program != NULL && access(program, X_OK) == 0)
		rc = run(program, argv);
	free(program);
	free(mpi_option);
	free(tasks_option);
	return mode == DN_SUBMIT_REFUSE && rc != 0 && rc != NO_JAVA ? -1 : 0;
}
