#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "forward.h"

/* The first line that `program --version` prints tells whether it is Open MPI's (version 5: PRRTE's). */
static bool takes_x(const char *program)
{
	char line[256] = "", *argv[] = { (char *)program, "--version", NULL };
	int ends[2], null;
	pid_t pid;
	FILE *f;

	if (pipe2(ends, O_CLOEXEC))
		return false;
	pid = fork();
	if (pid == 0) {
		null = open("/dev/null", O_RDWR | O_CLOEXEC);
		if (null < 0 || dup2(null, 0) < 0 || dup2(ends[1], 1) < 0 || dup2(null, 2) < 0)
			_exit(127);
		execvp(program, argv);
		_exit(127);
	}
	close(ends[1]);
	f = fdopen(ends[0], "r");
	if (f && !fgets(line, sizeof(line), f))
		*line = 0;
	/* to the end, so that it is not stopped by a closed pipe */
	while (f && fgetc(f) != EOF)
		;
	if (f)
		(void)fclose(f);
	else
		close(ends[0]);
	if (pid > 0)
		(void)waitpid(pid, NULL, 0);
	return strstr(line, "Open MPI") || strstr(line, "OpenRTE") || strstr(line, "PRRTE") || strstr(line, "prterun");
}

static bool about_containers(const char *variable)
{
	static const char *const prefixes[] = { "DUNNAGE_",	  "DUNNAGEENV_",     "APPTAINER_",
						"APPTAINERENV_", "SINGULARITY_", "SINGULARITYENV_" };
	size_t i;

	for (i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		if (strncmp(variable, prefixes[i], strlen(prefixes[i])) == 0)
			return true;
	return false;
}

void dn_forwarded(const char *program, struct dn_list *arguments)
{
	struct dn_list found = { NULL, 0 };
	char **e;
	size_t i;

	for (e = environ; *e; e++)
		if (about_containers(*e))
			dn_list_add(&found, dn_text("%.*s", (int)strcspn(*e, "="), *e));
	if (found.n && takes_x(program))
		for (i = 0; i < found.n; i++) {
			dn_list_add(arguments, dn_text("-x"));
			dn_list_add(arguments, dn_text("%s", found.v[i]));
		}
}
