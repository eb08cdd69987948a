/* What the launcher wanted, and the message when it did not come about. */
#ifndef DUNNAGE_GUARD_REPORT_H
#define DUNNAGE_GUARD_REPORT_H

enum guard_family { GUARD_UNKNOWN, GUARD_OPEN_MPI, GUARD_MPICH };

/* Ranks that this process's launcher started; 0: not known. */
int guard_expected(void);

/* Tells the user once for the step, and ends the process. */
void guard_stop(enum guard_family family, const char *version, int size, int expected) __attribute__((noreturn));

#endif
