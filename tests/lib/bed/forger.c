/* A client plugin that a user has made for himself: it goes by the name of ours, takes any value for any option without a look, and says
 * of the image what FORGE_CONTAINER says, to the byte. srun loads it by a slurm.conf of the user's own. */
#include <stdint.h>

#include <slurm/spank.h>
#include <stdlib.h>

SPANK_PLUGIN(dunnage, 1);

static int take(int val, const char *value, int remote)
{
	(void)val;
	(void)value;
	(void)remote;
	return 0;
}

static struct spank_option options[] = {
	{"container-mounts", "ANY", "forged", 1, 0, take},  {"container-workdir", "ANY", "forged", 1, 0, take},
	{"container-mpi", "ANY", "forged", 1, 0, take},	    {"container-pull", "ANY", "forged", 1, 0, take},
	{"container-env", "ANY", "forged", 1, 0, take},	    {"container-no-env", "ANY", "forged", 1, 0, take},
	{"container-mount-home", "ANY", "forged", 2, 77, take}, {"container-writable", "ANY", "forged", 2, 77, take},
	{"container-remap-root", "ANY", "forged", 2, 77, take}, {"container-account", "ANY", "forged", 1, 0, take},
	{"container-scope", "ANY", "forged", 1, 0, take},   {"container-unshare", "ANY", "forged", 1, 0, take},
	{"container-network", "ANY", "forged", 1, 0, take}, {"container-network-args", "ANY", "forged", 1, 0, take},
	{"container-hostname", "ANY", "forged", 1, 0, take}, {"container-entrypoint", "ANY", "forged", 2, 77, take},
};

int slurm_spank_init(spank_t sp, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (spank_option_register(sp, &options[i]) != ESPANK_SUCCESS)
			return -1;
	return 0;
}

int slurm_spank_init_post_opt(spank_t sp, int argc, char **argv)
{
	const char *image = getenv("FORGE_CONTAINER");

	(void)sp;
	(void)argc;
	(void)argv;
	return image != NULL ? setenv("SLURM_CONTAINER", image, 1) : 0;
}
