/* Limits beside the allocation's: a step's own group in Slurm's tree is lowered, and where Slurm has none we make one. */
#ifndef DUNNAGE_STEPLIMITS_H
#define DUNNAGE_STEPLIMITS_H

#include "cgroups.h"
#include "dunnage/container.h"

/* As dn_limits_apply, dn_limits_release and dn_limits_sweep, with files of a test. */
int dn_limits_apply_at(const struct dn_cgroup_files *files, const struct dn_limits *limits, uint32_t job, uint32_t step,
		       struct dn_err *err);
int dn_limits_show_at(const struct dn_cgroup_files *files, uint32_t job, struct dn_err *err);
unsigned long dn_limits_ooms_at(const struct dn_cgroup_files *files, bool slurms, uint32_t job, uint32_t step);
void dn_limits_release_at(const struct dn_cgroup_files *files, uint32_t job, uint32_t step);
void dn_limits_sweep_at(const struct dn_cgroup_files *files, uint32_t job);

#endif
