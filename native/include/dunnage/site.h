/* Where things are on this node. Filled by the plugin from its own location and its plugstack.conf arguments, never
 * from the environment. */
#ifndef DUNNAGE_SITE_H
#define DUNNAGE_SITE_H

#include <stdbool.h>
#include <sys/types.h>

struct dn_site {
	char *prefix;       /* installation tree: PREFIX/lib/java, PREFIX/libexec ... */
	char *agent_socket; /* default /run/dunnage/agent.sock */
	char *agent_user;   /* default "dunnage": account of agent and one-shot launcher; never root */
	uid_t agent_uid;    /* resolved from agent_user */
	gid_t agent_gid;
	char *java;       /* default /usr/bin/java */
	char *store;      /* default /var/cache/dunnage/images: directory of immutable copies */
	char *squashfuse; /* default /usr/bin/squashfuse_ll */
	char *slurm_bin;  /* directory of srun and the like; NULL: Slurm's commands are not offered in containers */
	char *policy;     /* default /etc/dunnage/policy.yaml, handed to the one-shot launcher */
	char *audit_file; /* default /var/log/dunnage/audit.jsonl, as audit-file of dunnage.yaml; NULL: none */
	char *network_plugins; /* default /usr/lib/cni; NULL: there are no networks of the site */
	unsigned network_timeout; /* seconds for each plugin, default 30 */
	bool allocated_memory; /* default false: the memory that Slurm allocated to the step is a limit even where Slurm enforces none */
	bool allocated_processors; /* the same for processors */
	bool one_shot;    /* default true: start the one-shot launcher when no agent answers */
	unsigned timeout; /* seconds to wait for an answer, default 600 */
};

#endif
