/* dunnage instance start|list|stop: a container that waits in the background for programs, by the means of share.h. */
#ifndef DUNNAGE_FRONT_INSTANCE_H
#define DUNNAGE_FRONT_INSTANCE_H

#include "front.h"

/* argv[0] is "instance". *status is the exit status. */
int dn_instance(int argc, char **argv, int *status, struct dn_err *err);
/* NAME of "instance://NAME"; NULL: an image of another form. */
const char *dn_instance_name(const char *image);
/* Name of the instance's meeting place; malloc'ed. */
char *dn_instance_key(const char *name);

#endif
