/* The guard of MPI programs (native/guard) in the container. */
#ifndef DUNNAGE_GUARD_H
#define DUNNAGE_GUARD_H

#include "dunnage/container.h"
#include "tree.h"

/* The plan asks for it, and more than one task was started. */
bool dn_guard_wanted(const struct dn_build *b);
/* The object, and what it compares with, into the container's own directory. */
int dn_guard_fill(const struct dn_build *b, int dir, struct dn_err *err);
/* The container's /etc/ld.so.preload names it: unlike LD_PRELOAD this survives programs that clear their environment, leaves the
 * user's own variable alone, and does not travel to other steps. The image's own file is kept. */
int dn_guard_preload(const struct dn_tree *tree, struct dn_err *err);

#endif
