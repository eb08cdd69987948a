/* The builder's half of dunnage/slurmgate.h. */
#ifndef DUNNAGE_SLURMGATE_PART_H
#define DUNNAGE_SLURMGATE_PART_H

#include "dunnage/slurmgate.h"
#include "parts.h"

/* Adds the directory of clients to the parts and starts what becomes the helper. Nothing when the plan names no command or
 * there is no gate. Root, in the host's mount namespace. */
int dn_slurm_gate_part(const struct dn_build *b, struct dn_parts *parts, struct dn_err *err);

#endif
