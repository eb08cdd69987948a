/* The builder's side of dunnage/entrypoint.h. */
#ifndef DUNNAGE_ENTRYPOINT_PART_H
#define DUNNAGE_ENTRYPOINT_PART_H

#include "dunnage/container.h"
#include "dunnage/entrypoint.h"

/* The file, into the container's own directory. */
int dn_entrypoint_fill(int dir, struct dn_err *err);

#endif
