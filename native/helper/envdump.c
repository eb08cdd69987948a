/* Writes its environment to descriptor 4, each variable ended by a NUL. Started by an image's shell through
 * /proc/self/fd: the image may hold any libc, or none that fits. */
#include "nolibc.h"

enum { OUT = 4 };

void start_c(char **stack)
{
	char **env = stack + 1 + (long)stack[0] + 1;
	long failed = 0;

	for (; *env && !failed; env++)
		failed = write_all(OUT, *env, text_length(*env) + 1);
	end(failed ? 1 : 0);
}
