#include <stdint.h>

#include "refused.h"

#include <slurm/slurm_errno.h>

void dn_record_refusal(const struct dn_audit *audit, const struct dn_facts *facts, const char *image, const struct dn_err *why)
{
	const struct dn_refused r = {
		.node = facts->node, .job = facts->job_id, .step = facts->step_id, .restart = facts->restart,
		.uid = facts->who.uid, .user = facts->who.user, .account = facts->job.account,
		.partition = facts->job.partition, .image = image != NULL ? image : "", .why = why,
	};
	struct dn_err err = {0};

	/* For the administrators, in slurmd's log: the user gets the one line of the refusal. */
	if (!why->recorded && dn_audit_refusal(audit, &r, &err) < 0)
		slurm_info("dunnage: %s", err.msg);
}
