/* Slurm's cgroups of a step, for processes of ours that belong in them. */
#ifndef DUNNAGE_STEPCGROUPS_H
#define DUNNAGE_STEPCGROUPS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "cgroups.h"
#include "dunnage/err.h"

#define DN_STEP_CGROUPS_MAX 24

/* Opens, for writing and close-on-exec, cgroup.procs of each group of the job that task is in. None: Slurm uses no cgroups
 * here. Root. On -1 nothing is left open. */
int dn_step_cgroups_open(pid_t task, uint32_t job, int fds[DN_STEP_CGROUPS_MAX], size_t *n, struct dn_err *err);
/* The same of the job's step_extern, for what is to outlive the calling step: it ends with the job. None: there is no such step, or it has
 * no group that takes processes. */
int dn_extern_cgroups_open(uint32_t job, int fds[DN_STEP_CGROUPS_MAX], size_t *n, struct dn_err *err);
/* With files of a test. */
int dn_extern_cgroups_open_at(const struct dn_cgroup_files *files, uint32_t job, int fds[DN_STEP_CGROUPS_MAX], size_t *n,
			      struct dn_err *err);
/* Puts this process in. */
int dn_step_cgroups_enter(const int fds[], size_t n, struct dn_err *err);

#endif
