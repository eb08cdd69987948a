/* What Slurm and the node say about a step: identity from the credential, names from the user database, the step's own
 * directories. Gathered in slurmstepd's parent, before tasks are forked (name services are not safe in a fork of a
 * multi-threaded process). */
#ifndef DUNNAGE_FACTS_H
#define DUNNAGE_FACTS_H

#include <slurm/spank.h>

#include "dunnage/container.h"
#include "jobrecord.h"

struct dn_facts {
	uint32_t job_id, step_id, restart, step_tasks, local_tasks, node_number;
	uint64_t memory; /* bytes that the step was given on this node; 0: Slurm counts none */
	uint32_t processors; /* that the step was given on this node; 0: Slurm gives whole nodes */
	struct dn_identity who;
	struct dn_step_dirs dirs;
	struct dn_job_record job;
	char node[256];
};

int dn_facts_gather(spank_t sp, struct dn_facts *facts, struct dn_err *err);
/* Slurm makes the PMIx directory after the plugin's set-up and before the tasks: in the task, forgets it if it is not there. */
void dn_facts_check_pmix(struct dn_facts *facts);
void dn_facts_free(struct dn_facts *facts);

/* A variable of the step's environment, malloc'ed; *value is NULL when it is not set. Too long is an error. */
int dn_step_variable(spank_t sp, const char *name, char **value, struct dn_err *err);

#endif
