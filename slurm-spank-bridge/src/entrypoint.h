/* --container-entrypoint: the image's runscript gets the step's program and its arguments. */
#ifndef DUNNAGE_BRIDGE_ENTRYPOINT_H
#define DUNNAGE_BRIDGE_ENTRYPOINT_H

#include <slurm/spank.h>

#include "dunnage/err.h"

/* As the user, in the task and in the container, after everything that sets variables. */
int dn_use_entrypoint(spank_t sp, struct dn_err *err);

#endif
