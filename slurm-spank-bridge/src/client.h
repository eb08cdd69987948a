/* The half of the plugin that runs in srun, sbatch and salloc, as the user. */
#ifndef DUNNAGE_CLIENT_H
#define DUNNAGE_CLIENT_H

#include "choose.h"

/* Before Slurm reads its options: takes an inherited SLURM_CONTAINER out of the environment, since Slurm never
 * overwrites it (seen 21.08 to 26.05) and would run the enclosing job's image instead of the one asked for. */
int dn_client_init(void);

/* After Slurm has read its options: decides and puts the answer back into SLURM_CONTAINER. */
int dn_client_init_post_opt(enum dn_command command, const char *plugin_path, int argc, char *const argv[]);

#endif
