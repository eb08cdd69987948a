#ifndef DUNNAGE_FRONT_MPIRUN_H
#define DUNNAGE_FRONT_MPIRUN_H

#include "dunnage/err.h"

/* argv[0] is "mpirun". Becomes the host's mpirun; answers only with an error. */
int dn_mpirun(int argc, char **argv, struct dn_err *err);

#endif
