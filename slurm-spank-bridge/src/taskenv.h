/* The variables of a rank in the container: the image's own environment scripts, then those of the plan. */
#ifndef DUNNAGE_TASKENV_H
#define DUNNAGE_TASKENV_H

#include <slurm/spank.h>
#include <stdbool.h>

#include "session.h"

/* Task child, the user, in the container. Variables that the plan does not pass go. The first rank runs the scripts and shares what they change. *told is set when
 * another rank has told the user why this one fails. */
int dn_task_environment(spank_t sp, const struct dn_session *session, const struct dn_place *place,
			const struct dn_plan *plan, const struct dn_identity *who, int envdump, bool *told, struct dn_err *err);

/* Task child, on the host. Has prologs of tasks started by a program that needs nothing of the image, where Slurm starts them by way of
 * slurmstepd's own (from 23.02 on), which would need the node's loader and libraries. prefix: where we are installed. */
int dn_task_launcher(const char *prefix, struct dn_err *err);

/* The site's TaskProlog; NULL: none that slurmstepd starts by its path. */
const char *dn_task_prolog(void);

#endif
