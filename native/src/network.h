#ifndef DUNNAGE_NETWORK_H
#define DUNNAGE_NETWORK_H

#include "dunnage/container.h"

/* Moves the calling process into a new network namespace, which *net_fd (close-on-exec) names. */
int dn_network_make(int *net_fd, struct dn_err *err);
/* Joins the namespace to the networks that the plan names. *resolver: text of a resolv.conf, malloc'ed, empty when they name no servers.
 * What was done is undone by dn_networks_down, also after a failure. */
int dn_networks_up(const struct dn_build *b, int net_fd, char **resolver, size_t *len, struct dn_err *err);

#endif
