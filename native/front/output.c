#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "output.h"

static bool hush(void)
{
	const int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	return null >= 0 && dup2(null, STDIN_FILENO) >= 0 && dup2(null, STDERR_FILENO) >= 0;
}

static void become(char *const argv[], char *const env[], unsigned seconds, int to)
{
	(void)alarm(seconds);
	if (dup2(to, STDOUT_FILENO) >= 0)
		execvpe(argv[0], argv, env);
	_exit(127);
}

struct dn_output dn_output_of(char *const argv[], char *const env[], unsigned seconds, bool quiet)
{
	struct dn_output o = { NULL, -1 };
	int ends[2];

	if (pipe2(ends, O_CLOEXEC))
		return o;
	o.pid = fork();
	if (o.pid == 0 && quiet && !hush())
		_exit(127);
	if (o.pid == 0)
		become(argv, env, seconds, ends[1]);
	close(ends[1]);
	o.lines = o.pid > 0 ? fdopen(ends[0], "re") : NULL;
	if (!o.lines)
		close(ends[0]);
	return o;
}

int dn_output_end(struct dn_output *o)
{
	int status = -1;
	const int read = o->lines ? fclose(o->lines) : -1;

	if (o->pid > 0 && waitpid(o->pid, &status, 0) < 0)
		status = -1;
	return read == 0 && status == 0 ? 0 : -1;
}
