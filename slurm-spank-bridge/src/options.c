/* spank.h of every release compiles without it, but does not define uint32_t. */
#include <stdint.h>

#include "options.h"

#include "dunnage/gpudevices.h"
#include "dunnage/mpiwish.h"
#include "dunnage/networkwish.h"
#include "dunnage/overlaywish.h"
#include "dunnage/transportwish.h"
#include "dunnage/unshare.h"
#include "named.h"
#include "userenv.h"

#include <slurm/slurm.h>
#include <slurm/slurm_errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern char **environ;

/* One process has one set of options; SPANK's callbacks carry no pointer of ours. */
static struct dn_options options = {.mount_home = 2};

static int keep(char **field, const char *value)
{
	/* Slurm before 24.05 calls twice with the same value. */
	char *copy = value != NULL ? strdup(value) : NULL;

	if (copy == NULL)
		return -1;
	free(*field);
	*field = copy;
	return 0;
}

static int on_mounts(int val, const char *optarg, int remote)
{
	(void)val;
	(void)remote;
	return keep(&options.mounts, optarg);
}

static int on_workdir(int val, const char *optarg, int remote)
{
	(void)val;
	(void)remote;
	return keep(&options.workdir, optarg);
}

/* Where the user is told by srun; the node's planner checks it again. */
static int on_mpi(int val, const char *optarg, int remote)
{
	(void)val;
	if (!remote && (optarg == NULL || !dn_mpi_wish_known(optarg))) {
		slurm_error("dunnage: --container-mpi=%s: allowed are " DN_MPI_WISHES, optarg != NULL ? optarg : "");
		return -1;
	}
	return keep(&options.mpi, optarg);
}

static int on_mount_home(int val, const char *optarg, int remote)
{
	(void)optarg;
	(void)remote;
	options.mount_home = (uint32_t)val;
	return 0;
}

/* Words of two kinds in any order. */
static int on_pull(int val, const char *optarg, int remote)
{
	static const char *const times[] = {"submit", "start", "nodes"}, *const modes[] = {"missing", "always", "never"};
	const char *word = optarg != NULL ? optarg : "";

	(void)val;
	(void)remote;
	for (;;) {
		size_t len = strcspn(word, ","), found = 0;

		for (size_t i = 0; i < 3; i++)
			if (strlen(times[i]) == len && strncmp(word, times[i], len) == 0) {
				options.pull_at = times[i];
				found++;
			}
		for (size_t i = 0; i < 3; i++)
			if (strlen(modes[i]) == len && strncmp(word, modes[i], len) == 0) {
				options.pull = modes[i];
				found++;
			}
		if (found == 0) {
			slurm_error("dunnage: --container-pull=%s: give submit, start or nodes, and missing, always or never, with "
				    "a comma between them",
				    optarg != NULL ? optarg : "");
			return -1;
		}
		if (word[len] == '\0')
			return 0;
		word += len + 1;
	}
}

static int on_env(int val, const char *optarg, int remote)
{
	struct dn_err err = {0};

	(void)val;
	if (!remote && dn_user_env_check(optarg != NULL ? optarg : "", &err) < 0) {
		slurm_error("dunnage: %s", err.msg);
		return -1;
	}
	return keep(&options.env, optarg);
}

static int on_no_env(int val, const char *optarg, int remote)
{
	(void)val;
	if (!remote && (optarg == NULL || *optarg == '\0' || strchr(optarg, '=') != NULL)) {
		slurm_error("dunnage: --container-no-env=%s: give patterns of names, such as MY_* or LD_LIBRARY_PATH, with commas between "
			    "several", optarg != NULL ? optarg : "");
		return -1;
	}
	return keep(&options.no_env, optarg);
}

static int on_clean_env(int val, const char *optarg, int remote)
{
	(void)val;
	(void)optarg;
	(void)remote;
	options.clean_env = true;
	return 0;
}

/* Told where the user waits; a node takes what it does not know for the default. */
static int on_scope(int val, const char *optarg, int remote)
{
	const char *scope = optarg != NULL ? optarg : "";

	(void)val;
	if (!remote && strcmp(scope, "job") != 0 && strcmp(scope, "steps") != 0) {
		slurm_error("dunnage: --container-scope=%s: allowed are job (the script runs in the container too) and steps (only the "
			    "steps do)", scope);
		return -1;
	}
	options.scope = true;
	options.steps_only = strcmp(scope, "steps") == 0;
	return 0;
}

/* What a client has not checked the node refuses, when it builds. */
static int on_unshare(int val, const char *optarg, int remote)
{
	struct dn_err err = {0};
	unsigned what = 0;

	(void)val;
	if (!remote && dn_unshare_read("--container-unshare", optarg != NULL ? optarg : "", &what, &err) < 0) {
		slurm_error("dunnage: %s", err.msg);
		return -1;
	}
	return keep(&options.unshare, optarg);
}

static int on_network_text(int (*read)(const char *, struct dn_strings *, struct dn_err *), char **field, const char *optarg, int remote)
{
	struct dn_strings words = {0};
	struct dn_err err = {0};

	if (!remote && read(optarg != NULL ? optarg : "", &words, &err) < 0) {
		slurm_error("dunnage: %s", err.msg);
		return -1;
	}
	dn_strings_free(&words);
	return keep(field, optarg);
}

static int on_network(int val, const char *optarg, int remote)
{
	(void)val;
	return on_network_text(dn_network_read, &options.network, optarg, remote);
}

static int on_network_args(int val, const char *optarg, int remote)
{
	(void)val;
	return on_network_text(dn_network_args_read, &options.network_args, optarg, remote);
}

static int on_hostname(int val, const char *optarg, int remote)
{
	struct dn_err err = {0};

	(void)val;
	if (!remote && dn_hostname_check("--container-hostname", optarg != NULL ? optarg : "", &err) < 0) {
		slurm_error("dunnage: %s", err.msg);
		return -1;
	}
	return keep(&options.hostname, optarg);
}

static int on_name(int val, const char *optarg, int remote)
{
	(void)val;
	if (!remote && (optarg == NULL || !dn_named_valid(optarg))) {
		slurm_error("dunnage: --container-name=%.100s: give " DN_NAMED_ALLOWED, optarg != NULL ? optarg : "");
		return -1;
	}
	return keep(&options.name, optarg);
}

static int on_overlay(int val, const char *optarg, int remote)
{
	struct dn_overlay_list wish;
	struct dn_err err = {0};

	(void)val;
	if (!remote && dn_overlay_read("--container-overlay", optarg != NULL ? optarg : "", &wish, &err) < 0) {
		slurm_error("dunnage: %s", err.msg);
		return -1;
	}
	if (!remote)
		dn_overlay_free(&wish);
	return keep(&options.overlay, optarg);
}

static int on_entrypoint(int val, const char *optarg, int remote)
{
	(void)optarg;
	(void)remote;
	options.entrypoint = val != 0;
	return 0;
}

static int on_writable(int val, const char *optarg, int remote)
{
	(void)optarg;
	(void)remote;
	options.writable = val != 0;
	return 0;
}

/* The last one said of "none" and "some" counts. */
static int on_gpu(int val, const char *optarg, int remote)
{
	(void)optarg;
	(void)remote;
	options.gpu = val == DN_GPU_NONE ? DN_GPU_NONE : (options.gpu & ~(uint32_t)DN_GPU_NONE) | (uint32_t)val;
	return 0;
}

/* What a client has not checked the node refuses. */
static int on_transport(int val, const char *optarg, int remote)
{
	struct dn_strings words = {0};
	struct dn_err err = {0};

	(void)val;
	if (!remote && dn_transport_split(optarg != NULL ? optarg : "", &words, &err) < 0) {
		slurm_error("dunnage: %s", err.msg);
		return -1;
	}
	dn_strings_free(&words);
	return keep(&options.transports, optarg);
}

/* Known elsewhere, and not offered here: a line that says why is better than one that calls the option unknown. */
enum not_offered { REMAP_ROOT, SAVE };

static int on_not_offered(int val, const char *optarg, int remote)
{
	(void)optarg;
	if (!remote && val == REMAP_ROOT)
		slurm_error("dunnage: --container-remap-root: nobody becomes root in a step; build and install with 'dunnage exec --fakeroot' "
			    "instead, or leave the option out");
	else if (!remote)
		slurm_error("dunnage: --container-save: a step never changes an image or makes a new one, which nobody would have signed; keep "
			    "what is written with --container-overlay=DIR, and make images with 'dunnage build'");
	return remote ? 0 : -1;
}

#if SLURM_VERSION_NUMBER < SLURM_VERSION_NUM(21, 8, 0)
static int on_container(int val, const char *optarg, int remote)
{
	(void)val;
	(void)remote;
	return keep(&options.container, optarg);
}
#endif

static struct spank_option table[] = {
	{"container-mounts", "SRC:DST[:ro][,SRC:DST...]",
	 "[dunnage] bind directories or files of the host into the container", 1, 0, on_mounts},
	{"container-pull", "WHEN[,IF]",
	 "[dunnage] when an image from a registry is pulled: submit, start or nodes; and if: missing, always, never", 1, 0, on_pull},
	{"container-workdir", "PATH", "[dunnage] working directory inside the container", 1, 0, on_workdir},
	{"container-mpi", "HOW",
	 "[dunnage] how MPI programs of the image are started: " DN_MPI_WISHES, 1, 0, on_mpi},
	{"container-mount-home", NULL, "[dunnage] bind the home directory into the container", 0, 1, on_mount_home},
	{"no-container-mount-home", NULL, "[dunnage] leave the home directory out of the container", 0, 0,
	 on_mount_home},
	{"container-env", "NAME[=VALUE],...",
	 "[dunnage] variables whose value is the job's, or this one, whatever the image says", 1, 0, on_env},
	{"container-cleanenv", NULL, "[dunnage] start without the variables of the job, but those of Slurm and MPI", 0, 1, on_clean_env},
	{"container-no-env", "PATTERN,...", "[dunnage] leave variables of the job out", 1, 0, on_no_env},
	{"container-scope", "SCOPE", "[dunnage] what of a job runs in its container: job (default), or steps without the script", 1, 0,
	 on_scope},
	{"container-unshare", "ipc,uts", "[dunnage] namespaces of the step's own on each node, for System V IPC and for the host's name", 1, 0,
	 on_unshare},
	{"container-network", "NAME[,NAME]", "[dunnage] the step's network on each node: networks of the site, none (loopback only) or host", 1, 0,
	 on_network},
	{"container-network-args", "portmap=HOST:CONTAINER[/PROTOCOL]", "[dunnage] ports of the node that lead into the step's network", 1, 0,
	 on_network_args},
	{"container-hostname", "NAME", "[dunnage] the name that the host has in the container", 1, 0, on_hostname},
	{"container-entrypoint", NULL, "[dunnage] start the program by the image's runscript", 0, 1, on_entrypoint},
	{"no-container-entrypoint", NULL, "[dunnage] start the program itself (default)", 0, 0, on_entrypoint},
	{"container-writable", NULL, "[dunnage] allow writes to the image's files; they are kept in memory until the step ends", 0, 1,
	 on_writable},
	{"container-readonly", NULL, "[dunnage] refuse writes to the image's files (default)", 0, 0, on_writable},
	{"container-name", "NAME",
	 "[dunnage] a name for the container, by which later steps of the job enter it while this one runs", 1, 0, on_name},
	{"container-overlay", "DIR[:ro],...",
	 "[dunnage] lay directories over the image's files; what is written is kept in the one without :ro", 1, 0, on_overlay},
	{"container-nv", NULL, "[dunnage] show the NVIDIA GPUs of the step and the node's driver libraries", 0, DN_GPU_NVIDIA, on_gpu},
	{"container-rocm", NULL, "[dunnage] show the AMD GPUs of the step", 0, DN_GPU_AMD, on_gpu},
	{"no-container-gpu", NULL, "[dunnage] show no GPU, whatever the site's default is", 0, DN_GPU_NONE, on_gpu},
	{"container-require-transport", "NAME,...",
	 "[dunnage] refuse the step where its ranks could not talk this way: shm, cma, xpmem, verbs, ucx, ofi, cxi, opa, gpu", 1, 0,
	 on_transport},
	{"container-remap-root", NULL, "[dunnage] not offered: nobody becomes root", 0, REMAP_ROOT, on_not_offered},
	{"container-save", "PATH", "[dunnage] not offered: keep what is written with --container-overlay", 1, SAVE, on_not_offered},
#if SLURM_VERSION_NUMBER < SLURM_VERSION_NUM(21, 8, 0)
	/* Later releases have an option of this name themselves: registering it there prints an error at every srun. */
	{"container", "IMAGE", "[dunnage] run in this SIF image", 1, 0, on_container},
#endif
};

int dn_options_register(spank_t sp)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (spank_option_register(sp, &table[i]) != ESPANK_SUCCESS) {
			slurm_error("dunnage: cannot register the option --%s", table[i].name);
			return -1;
		}
	}
	return 0;
}

const struct dn_options *dn_options(void)
{
	return &options;
}

bool dn_options_given(void)
{
	return options.mounts != NULL || options.workdir != NULL || options.mpi != NULL || options.env != NULL || options.no_env != NULL || options.clean_env ||
	       options.writable || options.overlay != NULL || options.name != NULL || options.scope || options.unshare != NULL || options.network != NULL || options.network_args != NULL || options.entrypoint || options.hostname != NULL || options.mount_home != 2 || options.pull != NULL || options.pull_at != NULL || options.gpu != 0 ||
	       options.transports != NULL;
}

char *dn_options_shape(const char *binds)
{
	const struct dn_options *o = &options;
	const char *texts[] = {binds, o->mounts, o->overlay, o->unshare, o->hostname, o->transports, o->mpi, o->network, o->network_args};
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	if (out == NULL)
		return NULL;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (texts[i] != NULL)
			fprintf(out, "%zu:%zu:%s,", i, strlen(texts[i]), texts[i]);
	if (o->writable || o->gpu != 0 || o->mount_home != 2)
		fprintf(out, "w%d,g%u,h%u", o->writable, o->gpu, o->mount_home);
	return fclose(out) == 0 ? text : NULL;
}

bool dn_options_inherited(void)
{
	static const char prefix[] = "SLURM_SPANK__SLURM_SPANK_OPTION_dunnage_";

	for (char **e = environ; *e != NULL; e++)
		if (strncmp(*e, prefix, sizeof(prefix) - 1) == 0)
			return true;
	return false;
}
