/* Slurm's groups of a job that is over, of either version of cgroups. */
#ifndef DUNNAGE_JOBGROUPS_H
#define DUNNAGE_JOBGROUPS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "cgroups.h"

/* True while a slurmstepd serves a step of the job on this node. */
bool dn_job_has_slurmstepd(uint32_t job);
/* As dn_leftovers_job_groups, with files of a test. */
void dn_leftovers_job_groups_at(const struct dn_cgroup_files *files, uint32_t job, uid_t uid);

#endif
