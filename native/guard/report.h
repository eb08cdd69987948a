/* What the launcher wanted, and the message when it did not come about. */
#ifndef DUNNAGE_GUARD_REPORT_H
#define DUNNAGE_GUARD_REPORT_H

#include <stdbool.h>

enum guard_family { GUARD_UNKNOWN, GUARD_OPEN_MPI, GUARD_MPICH };

/* Ranks that this process's launcher started; 0: not known. */
int guard_expected(void);

/* Tells the user once for the step, and ends the process. */
void guard_stop(enum guard_family family, const char *version, int size, int expected) __attribute__((noreturn));

/* Whether the launcher's kind, or its variables, are such that this family cannot have found its ranks. */
bool guard_unreached(enum guard_family family);

/* The same for a library that ended the process in MPI_Init by itself. */
void guard_stop_ended(enum guard_family family, const char *version) __attribute__((noreturn));

#endif
