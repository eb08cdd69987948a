/* The plugin's settings: its own location, compiled defaults, and the arguments of its plugstack.conf line. */
#ifndef DUNNAGE_BRIDGE_SITE_H
#define DUNNAGE_BRIDGE_SITE_H

#include "dunnage/err.h"
#include "dunnage/site.h"

/* plugin_path: file that this plugin was loaded from; PREFIX is what precedes /lib/dunnage/ in it. args: the words after
 * the path in plugstack.conf, each key=value:
 *   prefix agent_socket agent_user java store squashfuse slurm_bin policy audit_file   texts, paths absolute
 *   network_plugins network_timeout=SECONDS (1..600)   memory=slurm|allocation   processors=slurm|allocation   one_shot=yes|no
 *   timeout=SECONDS (1..86400)   submit_check=no|warn|refuse (used by submitcheck.h)
 * Resolves agent_user. On -1 the site is still safe to free. */
int dn_site_load(struct dn_site *site, const char *plugin_path, int argc, char *const argv[], struct dn_err *err);
void dn_site_free(struct dn_site *site);

/* Only the installation's prefix, malloc'ed: login nodes have no account of the agent. NULL: out of memory. */
char *dn_site_prefix(const char *plugin_path, int argc, char *const argv[]);

#endif
