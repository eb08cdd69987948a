/* dunnage gc: removes what killed parts of earlier steps have left on this node. */
#ifndef DUNNAGE_FRONT_GC_H
#define DUNNAGE_FRONT_GC_H

#include "dunnage/err.h"

/* argv[0] is "gc". */
int dn_gc(int argc, char **argv, struct dn_err *err);

#endif
