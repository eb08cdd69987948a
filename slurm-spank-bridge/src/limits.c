#include <stdint.h>

#include "limits.h"

#include <slurm/slurm_errno.h>
#include <slurm/spank.h>
#include <time.h>

int dn_step_limits_apply(const struct dn_site *site, const struct dn_facts *facts, const struct dn_plan *plan, struct dn_err *err)
{
	struct dn_limits limits = {.pids = plan->pids_max, .memory = plan->memory_max};

	if (site->allocated_memory && facts->memory != 0 && (limits.memory == 0 || facts->memory < limits.memory))
		limits.memory = facts->memory;
	if (site->allocated_processors)
		limits.processors = facts->processors;
	return dn_limits_apply(&limits, facts->job_id, facts->step_id, err);
}

/* Where Slurm enforces memory it tells of this itself. */
void dn_step_limits_tell(const struct dn_site *site, const struct dn_facts *facts)
{
	unsigned long ooms = dn_limits_ooms(site->allocated_memory, facts->job_id, facts->step_id);
	/* srun ends as soon as it hears of a killed task, by another way than that of messages. */
	const struct timespec pause = {.tv_nsec = 200000000};

	if (ooms == 0)
		return;
	slurm_error("dunnage: out of memory: the kernel ended %lu process%s of step %u.%u, whose memory is limited on this node; ask "
		    "for more with --mem", ooms, ooms == 1 ? "" : "es", facts->job_id, facts->step_id);
	nanosleep(&pause, NULL);
}
