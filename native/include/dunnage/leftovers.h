/* What a step, an agent or a slurmstepd that was killed can leave on a node, and its removal. Root. */
#ifndef DUNNAGE_LEFTOVERS_H
#define DUNNAGE_LEFTOVERS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "dunnage/err.h"

struct dn_sweep {
	/* True when something of this job may still be in use. */
	bool (*living)(uint32_t job, const void *context);
	const void *context;
	/* Called for each thing that was removed, or with dry_run would be; may be NULL. */
	void (*removed)(const char *what, const char *name);
	/* Called for each thing that could not be removed, with the reason; may be NULL. */
	void (*failed)(const char *what, const char *name, const char *why);
	/* What is younger stays: a job may have begun since the living ones were counted. 0: no such time. */
	time_t since;
	bool dry_run;
};

/* Helpers and FUSE servers of ours in the cgroups of jobs that are over: killed. Slurm's ranks are none of our business. */
void dn_leftovers_processes(const struct dn_sweep *sweep);
/* Groups that were made for a policy's limit, beside slurmd's; with version 2 none is made. One with a process in it stays: the kernel keeps it. */
void dn_leftovers_cgroups(const struct dn_sweep *sweep);
/* Slurm's groups of a job that is over, of either version of cgroups; one with a process in it stays. For the job's epilog, which
 * waits up to five seconds for slurmstepd to remove its own. */
void dn_leftovers_job_groups(uint32_t job, uid_t uid);
/* Files of a directory of root's that have a job's number as their name. */
void dn_leftovers_records(const struct dn_sweep *sweep, const char *directory);
/* Loop devices over files of the store that nothing uses. */
void dn_leftovers_loops(const struct dn_sweep *sweep, const char *store);
/* Trees of builds of definition files that were killed, whoever made them. */
void dn_leftovers_builds(const struct dn_sweep *sweep, const char *directory);
/* Networks that steps were joined to (dunnage/networks.h). prefix: where we are installed. */
void dn_leftovers_networks(const struct dn_sweep *sweep, const char *prefix);
/* A socket on which nobody listens. */
void dn_leftovers_socket(const struct dn_sweep *sweep, const char *path);

#endif
