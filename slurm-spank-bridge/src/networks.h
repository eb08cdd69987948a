/* The step's network: what was asked for, and the end of it. */
#ifndef DUNNAGE_BRIDGE_NETWORKS_H
#define DUNNAGE_BRIDGE_NETWORKS_H

#include "facts.h"

#include "dunnage/wire.h"

/* Fills networks and ports of the request, from the options or the variables DUNNAGE_CONTAINER_NETWORK and _NETWORK_ARGS. */
int dn_networks_ask(spank_t sp, struct dn_launch *req, struct dn_err *err);
void dn_networks_free(struct dn_launch *req);
/* slurmstepd, once no rank is left; what cannot be undone is told in the log, and by dunnage gc again. */
void dn_networks_end(const struct dn_site *site, const struct dn_facts *facts);

#endif
