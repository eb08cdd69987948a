/* Slurm's commands inside a container: a directory of clients in the container, and a helper of the same user on the host side
 * that runs the node's commands for them. See docs/architecture.md, "Slurm's commands inside". */
#ifndef DUNNAGE_SLURMGATE_H
#define DUNNAGE_SLURMGATE_H

#include <sys/types.h>

#include "dunnage/container.h"

/* Where the container shows the clients; stands first in PATH. */
/* The client, beneath where we are installed: a static program that needs nothing of an image. */
#define DN_SLURM_CLIENT "/libexec/dunnage/dunnage-slurm"
#define DN_SLURM_GATE "/.dunnage"
#define DN_SLURM_GATE_BIN DN_SLURM_GATE "/bin"

/* What the builder of a container needs to know. channel: the tasks' end of a socketpair (SOCK_SEQPACKET) whose other end
 * slurmstepd keeps: there it sends the step's cgroups, and its closing ends the helper. */
struct dn_slurm_gate {
	int channel;
	const char *bin; /* directory of the node's Slurm commands; NULL: unknown, nothing is offered */
	/* The site's TaskProlog, which slurmstepd starts by this path in the container though it is the node's: a client takes its
	 * place, and the helper runs it. NULL: none. */
	const char *task_prolog;
};

/* Parent, root: tells the helper's starter which cgroups task, whose process is pid, has been put in. */
int dn_slurm_gate_admit(int own_end, uint32_t job, pid_t pid, struct dn_err *err);

#endif
