/* The options that srun, sbatch and salloc read, and Slurm's own function that takes one back: no interface for plugins, but their
 * names are the same from 19.05 on. Weak, so that a program or a release without them costs what needs them alone. */
#ifndef DUNNAGE_BRIDGE_SLURMOPT_H
#define DUNNAGE_BRIDGE_SLURMOPT_H

#include <stdbool.h>

struct dn_slurm_options; /* slurm_opt_t, which no header has */

extern struct dn_slurm_options opt __attribute__((weak));

bool slurm_option_reset(struct dn_slurm_options *options, const char *name) __attribute__((weak));

#endif
