/* The options that the plugin adds to srun, sbatch and salloc, and their values in this process. */
#ifndef DUNNAGE_OPTIONS_H
#define DUNNAGE_OPTIONS_H

#include <slurm/spank.h>
#include <stdbool.h>
#include <stdint.h>

struct dn_options {
	char *mounts;        /* --container-mounts; NULL: not given */
	char *workdir;       /* --container-workdir; NULL: not given */
	char *mpi;           /* --container-mpi; NULL: not given */
	char *container;     /* --container where Slurm has no such option (before 21.08) */
	const char *pull_at; /* submit, start or nodes; NULL: not given, the site's default */
	const char *pull;    /* missing, always or never; NULL: not given, the site's default */
	char *env;           /* --container-env; NULL: not given */
	char *no_env;        /* --container-no-env; NULL: not given */
	bool clean_env;      /* --container-cleanenv */
	bool steps_only;     /* --container-scope=steps; the job's script stays on the node */
	bool scope;          /* --container-scope was given */
	bool entrypoint;     /* --container-entrypoint */
	char *unshare;       /* --container-unshare; NULL: not given */
	char *network;       /* --container-network; NULL: not given */
	char *network_args;  /* --container-network-args; NULL: not given */
	char *hostname;      /* --container-hostname; NULL: not given */
	uint32_t gpu;        /* enum dn_gpu: --container-nv, --container-rocm, --no-container-gpu; 0: not given */
	char *transports;    /* --container-require-transport; NULL: not given */
	char *name;          /* --container-name; NULL: not given */
	char *overlay;       /* --container-overlay; NULL: not given */
	bool writable;       /* --container-writable; writes to the root go to memory */
	uint32_t mount_home; /* 0 no, 1 yes, 2 not given: the site's default */
};

/* Registers the options in this context. Answers 0, or -1 with a message in Slurm's log. */
int dn_options_register(spank_t sp);
const struct dn_options *dn_options(void);
/* True when any option was given on the command line, in #SBATCH lines or by an enclosing job. */
bool dn_options_given(void);
/* The options that a container is built by, as one text, malloc'ed; "" when none was given. NULL: no memory. */
char *dn_options_shape(const char *binds);
/* True when an enclosing job left its options for inner commands. */
bool dn_options_inherited(void);

#endif
