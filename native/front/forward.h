#ifndef DUNNAGE_FRONT_FORWARD_H
#define DUNNAGE_FRONT_FORWARD_H

#include "front.h"

/* Adds to an mpirun's arguments what carries this user's variables about containers (DUNNAGE_BIND, APPTAINERENV_X ...) to ranks
 * of other nodes, where that mpirun would leave them behind: "-x NAME" for Open MPI's, nothing for Hydra's, which takes all
 * along. Values stay out of the arguments. program is asked for its version once. */
void dn_forwarded(const char *program, struct dn_list *arguments);

#endif
