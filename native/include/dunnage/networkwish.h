/* Values of --container-network and --container-network-args. */
#ifndef DUNNAGE_NETWORKWISH_H
#define DUNNAGE_NETWORKWISH_H

#include "dunnage/err.h"
#include "dunnage/wire.h"

#define DN_NETWORK_OPTION "--container-network"
#define DN_NETWORK_ARGS_OPTION "--container-network-args"

/* Names with commas between, or "host" or "none" alone; malloc'ed. */
int dn_network_read(const char *list, struct dn_strings *names, struct dn_err *err);
/* "portmap=HOST:CONTAINER[/PROTOCOL]" with ';' or ',' between several, each written out; malloc'ed. */
int dn_network_args_read(const char *args, struct dn_strings *ports, struct dn_err *err);

#endif
