/* Limits of a step beside those that Slurm enforces itself. */
#ifndef DUNNAGE_LIMITS_H
#define DUNNAGE_LIMITS_H

#include "dunnage/container.h"
#include "facts.h"

/* In the task, root, on the host, once for each rank: the plan's limits, and the allocation's memory and processors
 * where the site wants that. */
int dn_step_limits_apply(const struct dn_site *site, const struct dn_facts *facts, const struct dn_plan *plan, struct dn_err *err);
/* After the last task: tells the user when the memory of a group that we limited did not suffice. */
void dn_step_limits_tell(const struct dn_site *site, const struct dn_facts *facts);

#endif
