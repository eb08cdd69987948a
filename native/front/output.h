#ifndef DUNNAGE_FRONT_OUTPUT_H
#define DUNNAGE_FRONT_OUTPUT_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

/* A program whose standard output is read here. */
struct dn_output {
	FILE *lines; /* NULL: it could not be started */
	pid_t pid;
};

/* Starts argv[0], looked for in PATH when it has no slash. seconds: it is ended by SIGALRM then; 0: never. quiet: it reads nothing, and
 * its messages are not seen. */
struct dn_output dn_output_of(char *const argv[], char *const env[], unsigned seconds, bool quiet);
/* Waits for its end; 0 when it was started and ended with status 0. */
int dn_output_end(struct dn_output *o);

#endif
