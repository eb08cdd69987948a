#ifndef DUNNAGE_BRIDGE_FILELIMIT_H
#define DUNNAGE_BRIDGE_FILELIMIT_H

#include "dunnage/err.h"

/* In the task, last before its program. slurmstepd sets the user's limits and then writes to its log once more (that it starts no
 * container of Slurm's own): beyond the limit of a file's size that would kill the task before its program runs. Here the line is
 * lost instead; the program itself finds the signal as it was. */
int dn_file_limit_spare(struct dn_err *err);

#endif
