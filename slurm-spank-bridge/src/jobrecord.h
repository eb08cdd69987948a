/* What slurmd says about a job when it begins, kept for its steps: account and partition reach the plugin only in the job's
 * prolog, and a step's own environment holds what the user likes. One file per job in a directory that root alone may enter. */
#ifndef DUNNAGE_JOBRECORD_H
#define DUNNAGE_JOBRECORD_H

#include <stdint.h>
#include <sys/types.h>

#include "dunnage/err.h"

/* Beside /run/dunnage, which belongs to the agent's account. */
#define DN_JOB_RECORDS "/run/dunnage-jobs"

struct dn_job_record {
	char *account, *partition; /* NULL: slurmd did not say */
};

/* Root. Writes the job's record in one go, whatever an earlier run of the same job left; makes dir when it is missing. */
int dn_job_record_write(const char *dir, uint32_t job_id, uid_t uid, const struct dn_job_record *r, struct dn_err *err);
/* Root. A record that is not there is no error: *r is empty then, and the step's facts lack account and partition. A record
 * that is not root's, of another user or malformed is one. */
int dn_job_record_read(const char *dir, uint32_t job_id, uid_t uid, struct dn_job_record *r, struct dn_err *err);
/* Root. No record is no error. */
int dn_job_record_remove(const char *dir, uint32_t job_id, struct dn_err *err);
/* Root. Removes what jobs whose epilog never came have left: not written and not read for this many days. */
void dn_job_record_sweep(const char *dir, unsigned days);
/* The text of a record, and back. The first answers its length, or more than the limit when it does not fit; the second -1 when the
 * text is not to the byte what the first makes for this user. */
#define DN_JOB_RECORD_LIMIT 8192
size_t dn_job_record_text(uid_t uid, const struct dn_job_record *r, char text[DN_JOB_RECORD_LIMIT]);
int dn_job_record_parse(const char *text, size_t len, uid_t uid, struct dn_job_record *r);
void dn_job_record_free(struct dn_job_record *r);

#endif
