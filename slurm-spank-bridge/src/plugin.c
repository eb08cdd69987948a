/* spank_dunnage.so: every entry point that Slurm calls, and which half answers it.
 *
 * Callbacks by process: srun (local) and sbatch, salloc (allocator) go to client.c; slurmstepd (remote) to remote.c; the
 * job's prolog and epilog (job script) to jobscript.c; slurmd loads the plugin for its life and gets nothing from it. The plugin must be `required` in plugstack.conf: Slurm ignores
 * the answers of an optional one, so it could refuse nothing. Refusals answer -1, never a positive code, which 22.05 to
 * 24.11 log and then run the task. */
#include <stdint.h>

#include "client.h"
#include "jobscript.h"
#include "options.h"
#include "remote.h"
#include "site.h"

#include <dlfcn.h>
#include <stdlib.h>

/* Slurm's header does not ask for it, and the build hides what is not asked for. */
#pragma GCC visibility push(default)
#include <slurm/spank.h>

SPANK_PLUGIN(dunnage, 1)

int slurm_spank_init(spank_t sp, int ac, char **av)
{
	(void)ac;
	(void)av;
	switch (spank_context()) {
	case S_CTX_LOCAL:
	case S_CTX_ALLOCATOR:
		return dn_client_init() < 0 || dn_options_register(sp) < 0 ? -1 : 0;
	case S_CTX_REMOTE:
		return dn_options_register(sp);
	default:
		return 0;
	}
}

/* The file that this object was loaded from; the installation prefix follows from it. */
static const char *own_path(void)
{
	static const char anchor;
	Dl_info info;

	return dladdr(&anchor, &info) != 0 ? info.dli_fname : NULL;
}

int slurm_spank_init_post_opt(spank_t sp, int ac, char **av)
{
	switch (spank_context()) {
	case S_CTX_LOCAL:
		return dn_client_init_post_opt(DN_COMMAND_STEP, own_path(), ac, av);
	case S_CTX_ALLOCATOR:
		return dn_client_init_post_opt(DN_COMMAND_JOB, own_path(), ac, av);
	case S_CTX_REMOTE:
		return dn_remote_init_post_opt(sp, own_path(), ac, av);
	default:
		return 0;
	}
}

int slurm_spank_user_init(spank_t sp, int ac, char **av)
{
	(void)ac;
	(void)av;
	if (spank_remote(sp) == 1)
		dn_remote_user_init();
	return 0;
}

int slurm_spank_task_init_privileged(spank_t sp, int ac, char **av)
{
	(void)ac;
	(void)av;
	return spank_remote(sp) == 1 ? dn_remote_task_init_privileged(sp) : 0;
}

int slurm_spank_task_init(spank_t sp, int ac, char **av)
{
	(void)ac;
	(void)av;
	return spank_remote(sp) == 1 ? dn_remote_task_init(sp) : 0;
}

int slurm_spank_task_post_fork(spank_t sp, int ac, char **av)
{
	(void)ac;
	(void)av;
	return spank_remote(sp) == 1 ? dn_remote_task_post_fork(sp) : 0;
}

int slurm_spank_task_exit(spank_t sp, int ac, char **av)
{
	(void)ac;
	(void)av;
	return spank_remote(sp) == 1 ? dn_remote_task_exit() : 0;
}

int slurm_spank_exit(spank_t sp, int ac, char **av)
{
	(void)ac;
	(void)av;
	return spank_remote(sp) == 1 ? dn_remote_exit() : 0;
}

int slurm_spank_job_prolog(spank_t sp, int ac, char **av)
{
	(void)ac;
	(void)av;
	return dn_job_prolog(sp);
}

int slurm_spank_job_epilog(spank_t sp, int ac, char **av)
{
	char *prefix = dn_site_prefix(own_path(), ac, av);
	int rc = dn_job_epilog(sp, prefix);

	free(prefix);
	return rc;
}
