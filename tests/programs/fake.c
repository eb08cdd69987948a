/* fake.so: preloaded into srun by a user who wants to pass for another account. Says so in every way that a client has. */
#include <stdlib.h>

static const char *const lies[][2] = {
	{"SLURM_JOB_ACCOUNT", "physics"},
	{"SLURM_JOB_PARTITION", "debug"},
	{"SPANK_SLURM_JOB_ACCOUNT", "physics"},
	{"SPANK_SLURM_JOB_PARTITION", "debug"},
	{"_SLURM_SPANK_OPTION_dunnage_account", "physics"},
	{"SLURM_JOB_UID", "0"},
};

__attribute__((constructor)) static void lie(void)
{
	for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++)
		setenv(lies[i][0], lies[i][1], 1);
}
