#ifndef DUNNAGE_NETWORK_H
#define DUNNAGE_NETWORK_H

#include "dunnage/err.h"

/* Moves the calling process into a new network namespace, which *net_fd (close-on-exec) names. */
int dn_network_make(int *net_fd, struct dn_err *err);

#endif
