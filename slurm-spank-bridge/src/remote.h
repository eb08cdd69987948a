/* The half of the plugin that runs in slurmstepd, on the node. */
#ifndef DUNNAGE_REMOTE_H
#define DUNNAGE_REMOTE_H

#include <slurm/spank.h>

/* Parent, root. Decides whether this is a container step and gathers what the tasks need. Never fails: Slurm would drain the
 * node or report success (seen on 22.05), so a failure is kept for dn_remote_task_init_privileged. */
int dn_remote_init_post_opt(spank_t sp, const char *plugin_path, int argc, char *argv[]);
/* Parent, the user, in the step's working directory: it is kept, since a task that Slurm has put into a job's own /tmp begins in the
 * root directory. */
void dn_remote_user_init(void);
/* Task child, root: the container is built or joined here. -1 ends the task, with the reason on the user's terminal. */
int dn_remote_task_init_privileged(spank_t sp);
/* Task child, the user: image environment, working directory, descriptors. */
int dn_remote_task_init(spank_t sp);
/* Parent, root, once per task when all are forked: with the last one the parent leaves the session, so that the container
 * ends with its last rank and not with slurmstepd (which waits for the FUSE server to be gone). */
int dn_remote_task_post_fork(spank_t sp);
/* Parent, root, once per task that has ended: with the last one the helper for Slurm's commands ends. */
int dn_remote_task_exit(void);
/* Parent, root. */
int dn_remote_exit(void);

#endif
