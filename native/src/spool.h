/* The place of the steps' directories in a container that further steps enter; see dn_step_pmix_show. */
#ifndef DUNNAGE_SPOOL_H
#define DUNNAGE_SPOOL_H

#include "dunnage/container.h"
#include "parts.h"

/* *spool is -1 where no step will enter. On -1 it may be open. */
int dn_spool_part(const struct dn_build *b, struct dn_parts *parts, int *spool, struct dn_err *err);

#endif
