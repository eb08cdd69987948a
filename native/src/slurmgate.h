/* The builder's side of dunnage/slurmgate.h. */
#ifndef DUNNAGE_SLURMGATE_PART_H
#define DUNNAGE_SLURMGATE_PART_H

#include "dunnage/slurmgate.h"
#include "parts.h"

bool dn_slurm_gate_wanted(const struct dn_build *b);
/* The clients and the socket, in the container's own directory; *listener is the socket. */
int dn_slurm_gate_fill(const struct dn_build *b, int dir, struct dn_parts *parts, int *listener, struct dn_err *err);
/* Leaves the process that starts the helper; the listener stays the caller's. */
int dn_slurm_gate_start(const struct dn_build *b, int listener, struct dn_err *err);

#endif
