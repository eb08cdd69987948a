#include "submitcheck.h"

#include "submitwords.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define ARGUMENT "submit_check="
#define SCRIPT_MAX (1 << 16) /* more of a script is not looked at */
#define MAX_ARGUMENTS 12
#define OBJECTED 3 /* exit status of the check; with any other it has failed itself */

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

/* The exit status; -1: none. */
static int run(const char *program, char *const argv[])
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		/* what it says goes where errors go: the standard output of sbatch may be read by a program */
		if (dup2(STDERR_FILENO, STDOUT_FILENO) >= 0)
			execve(program, argv, environ);
		_exit(EXIT_FAILURE);
	}
	if (pid < 0)
		return -1;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* As Slurm weighs them: the script's lines, then the variables, then the command line. Where nobody can tell what is asked for, no GPU
 * is missing. */
static void gather(enum dn_command command, const char *mpi_default, const char *command_line, size_t len, char *script,
		   struct dn_submit_words *said)
{
	const char *name = strrchr(command_line, '/');
	bool salloc = strncmp(name != NULL ? name + 1 : command_line, "salloc", strlen("salloc")) == 0;

	if (command == DN_COMMAND_JOB && !salloc) {
		size_t n = dn_submit_script(command_line, len, script, SCRIPT_MAX);

		said->gpu = n == 0 && !dn_submit_wraps(command_line, len);
		dn_submit_words(script, dn_submit_directives(script, n), said);
	}
	dn_submit_variables(command == DN_COMMAND_STEP ? "SLURM_" : salloc ? "SALLOC_" : "SBATCH_", said);
	dn_submit_words(command_line, len, said);
	said->gpu |= len == 0 || said->several;
	if (said->several)
		said->mem = NULL;
	if (command == DN_COMMAND_JOB || said->several)
		said->tasks = 0;
	/* of a job the variable alone holds for the steps in it */
	said->mpi = command == DN_COMMAND_JOB ? dn_step_mpi(NULL, NULL) : dn_step_mpi(said->mpi, mpi_default);
}

static char *option(const char *name, const char *value)
{
	char *text = NULL;

	return value != NULL && asprintf(&text, "%s=%s", name, value) >= 0 ? text : NULL;
}

int dn_submit_check(enum dn_command command, const struct dn_submission *s, enum dn_submit_check mode, const char *command_line,
		    size_t len)
{
	static char script[SCRIPT_MAX];
	struct dn_submit_words said = {0};
	char *argv[MAX_ARGUMENTS] = {"dunnage", "submit-check"}, *program = NULL, *owned[4] = {NULL}, tasks[16];
	size_t n = 2;
	int rc = 0;

	/* a step in a job that runs waits for nothing, and its node checks it now */
	if (mode == DN_SUBMIT_NO || (command == DN_COMMAND_STEP && getenv("SLURM_JOB_ID") != NULL))
		return 0;
	gather(command, s->mpi_default, command_line, len, script, &said);
	snprintf(tasks, sizeof(tasks), "%u", said.tasks);
	owned[0] = option("--mpi", said.mpi);
	owned[1] = option("--tasks", said.tasks != 0 ? tasks : NULL);
	owned[2] = option("--container-mpi", s->container_mpi);
	owned[3] = option("--mem", said.mem);
	for (size_t i = 0; i < sizeof(owned) / sizeof(owned[0]); i++)
		if (owned[i] != NULL)
			argv[n++] = owned[i];
	if (!said.gpu)
		argv[n++] = "--no-gpu";
	if (mode == DN_SUBMIT_WARN)
		argv[n++] = "--warn";
	argv[n++] = "--";
	argv[n++] = (char *)(uintptr_t)s->image;
	if (asprintf(&program, "%s/bin/dunnage", s->prefix) < 0)
		program = NULL;
	if (program != NULL && access(program, X_OK) == 0)
		rc = run(program, argv);
	free(program);
	for (size_t i = 0; i < sizeof(owned) / sizeof(owned[0]); i++)
		free(owned[i]);
	return mode == DN_SUBMIT_REFUSE && rc == OBJECTED ? -1 : 0;
}
