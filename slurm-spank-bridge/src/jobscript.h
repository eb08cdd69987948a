/* The half of the plugin that runs around a job, in a process of its own that slurmd starts (`slurmstepd spank prolog`). Its
 * environment is made by slurmd from the job's credential; what users put there starts with SPANK_. */
#ifndef DUNNAGE_JOBSCRIPT_H
#define DUNNAGE_JOBSCRIPT_H

#include <slurm/spank.h>

/* Root. Both always succeed: Slurm would drain the node. A job without a record is told so when a rule needs one. */
int dn_job_prolog(spank_t sp);
/* prefix: where we are installed. */
int dn_job_epilog(spank_t sp, const char *prefix);

#endif
