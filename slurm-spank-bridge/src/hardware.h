/* What a step says about the node's GPUs and networks, and which GPUs it was given. */
#ifndef DUNNAGE_HARDWARE_H
#define DUNNAGE_HARDWARE_H

#include <slurm/spank.h>

#include "session.h"

#include "dunnage/wire.h"

/* Fills gpu, gpu_devices and transports of the request, from the options, variables such as DUNNAGE_CONTAINER_NV, and the step's
 * devices cgroup. Root, in the first rank; waits for slurmstepd to place its tasks when the node has GPUs. */
int dn_hardware_ask(spank_t sp, const struct dn_session *session, struct dn_launch *req, struct dn_err *err);
void dn_hardware_free(struct dn_launch *req);

#endif
