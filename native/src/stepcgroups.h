/* Slurm's cgroups of a step, for processes of ours that belong in them. */
#ifndef DUNNAGE_STEPCGROUPS_H
#define DUNNAGE_STEPCGROUPS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "dunnage/err.h"

#define DN_STEP_CGROUPS_MAX 24

/* Opens, for writing and close-on-exec, cgroup.procs of each group of the job that task is in. None: Slurm uses no cgroups
 * here. Root. On -1 nothing is left open. */
int dn_step_cgroups_open(pid_t task, uint32_t job, int fds[DN_STEP_CGROUPS_MAX], size_t *n, struct dn_err *err);
/* Puts this process in. */
int dn_step_cgroups_enter(const int fds[], size_t n, struct dn_err *err);

#endif
