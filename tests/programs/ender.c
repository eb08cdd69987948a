/* ender: ends as told. "exit N" leaves with status N, "signal N" kills itself, "child N" starts one child,
 * reaps it and leaves with status N, "stay" waits until it is ended from outside. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "";
	int n = argc > 2 ? atoi(argv[2]) : 0;

	if (!strcmp(verb, "exit"))
		return n;
	if (!strcmp(verb, "signal")) {
		raise(n);
		return 99;
	}
	if (!strcmp(verb, "child")) {
		if (fork() == 0)
			_exit(0);
		return wait(NULL) > 0 ? n : 98;
	}
	if (!strcmp(verb, "stay")) {
		printf("pid %d\n", (int)getpid());
		fflush(stdout);
		for (;;)
			pause();
	}
	fprintf(stderr, "ender: exit N, signal N, child N or stay\n");
	return 2;
}
