#include <stdint.h>

#include "jobscript.h"

#include "jobrecord.h"
#include "named.h"

#include "dunnage/container.h"
#include "dunnage/leftovers.h"

#include <slurm/slurm_errno.h>
#include <stdlib.h>

#define STALE_DAYS 90

int dn_job_prolog(spank_t sp)
{
	struct dn_job_record record = {.account = getenv("SLURM_JOB_ACCOUNT"), .partition = getenv("SLURM_JOB_PARTITION")};
	struct dn_err err = {0};
	uint32_t job_id = 0;
	uid_t uid = 0;

	if (spank_get_item(sp, S_JOB_ID, &job_id) != ESPANK_SUCCESS || spank_get_item(sp, S_JOB_UID, &uid) != ESPANK_SUCCESS) {
		slurm_error("dunnage: Slurm does not tell the job's prolog its job and user");
		return 0;
	}
	dn_job_record_sweep(DN_JOB_RECORDS, STALE_DAYS);
	if (dn_job_record_write(DN_JOB_RECORDS, job_id, uid, &record, &err) < 0)
		slurm_error("dunnage: %s; rules by account or partition refuse the steps of job %u", err.msg, job_id);
	return 0;
}

static void tell_failure(const char *what, const char *name, const char *why)
{
	slurm_error("dunnage: %s %s: %s; cure that and run 'dunnage gc'", what, name, why);
}

static bool another_job(uint32_t job, const void *context)
{
	return job != *(const uint32_t *)context;
}

int dn_job_epilog(spank_t sp, const char *prefix)
{
	uint32_t job_id = 0;
	const struct dn_sweep sweep = {.living = another_job, .context = &job_id, .failed = tell_failure};
	struct dn_err err = {0};
	uid_t uid = 0;

	if (spank_get_item(sp, S_JOB_ID, &job_id) != ESPANK_SUCCESS)
		return 0;
	if (dn_job_record_remove(DN_JOB_RECORDS, job_id, &err) < 0)
		slurm_error("dunnage: %s", err.msg);
	dn_named_sweep(DN_JOB_RECORDS, job_id);
	/* What a slurmstepd or a rank that was killed has left. */
	dn_leftovers_processes(&sweep);
	if (prefix != NULL)
		dn_leftovers_networks(&sweep, prefix);
	dn_limits_sweep(job_id);
	if (spank_get_item(sp, S_JOB_UID, &uid) == ESPANK_SUCCESS)
		dn_leftovers_job_groups(job_id, uid);
	return 0;
}
