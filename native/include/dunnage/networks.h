/* Networks of the site that a step's own network namespace is joined to. Root; the work is done by a program of ours, dunnage-network. */
#ifndef DUNNAGE_NETWORKS_H
#define DUNNAGE_NETWORKS_H

#include <stdint.h>

#include "dunnage/err.h"

#define DN_NETWORK_RECORDS "/run/dunnage-networks"

/* The step whose networks these are. */
struct dn_network_step {
	uint32_t job, step;
	const char *node;
};

/* Undoes what was done for the step, and what remains of it in /run; nothing when there is nothing. */
int dn_networks_down(const char *prefix, uint32_t job, uint32_t step, struct dn_err *err);

#endif
