/* The front command: `dunnage exec`, `run`, `shell` and `test`, outside Slurm and mostly without root. */
#ifndef DUNNAGE_FRONT_H
#define DUNNAGE_FRONT_H

#include <stdbool.h>

#include "dunnage/container.h"
#include "dunnage/wire.h"

struct dn_plan_key;

enum dn_action { DN_EXEC, DN_RUN, DN_SHELL, DN_TEST, DN_START };

/* A list of strings that grows; the strings are its own. */
struct dn_list {
	char **v;
	size_t n;
};

struct dn_overlay_wish {
	const char *path;
	bool read_only;
};

/* What the command line and the variables of the environment ask for. Strings point into argv or the environment, or are
 * kept until the process ends. */
struct dn_wishes {
	enum dn_action action;
	const char *image;
	char **argv; /* after the image, NULL ended */
	struct dn_list binds;	  /* SRC:DST or SRC:DST:ro, absolute */
	struct dn_list env;	  /* NAME=VALUE */
	struct dn_list env_files;
	struct dn_list overlays;  /* PATH or PATH:ro */
	uint32_t hidden;	  /* enum dn_view: parts of the host's view that are left out */
	bool cleanenv, contain, containall, no_home, writable_tmpfs, fakeroot, no_network, share;
	const char *pwd, *home, *app, *shell, *workdir, *mpi;
	const char *pem_path; /* of an encrypted image: the RSA key, or a passphrase from here */
	int passphrase_fd;    /* -1: none */
	bool ask_passphrase;
	struct dn_unshared unshared;
	uint32_t gpu; /* enum dn_gpu */
	struct dn_strings transports;
	const char *pull; /* missing, always or never; NULL: the site's setting */
};

/* Fills wishes from argv (argv[0] is the action) and the environment. 1: help was printed, nothing is to be done. */
int dn_wishes_read(int argc, char **argv, struct dn_wishes *w, struct dn_err *err);

/* One value of --bind: a comma-separated list of SRC[:DST[:OPTIONS]]. */
int dn_bind_add(struct dn_wishes *w, const char *value, const char *option, struct dn_err *err);
/* One value of --mount: type=bind,source=...,destination=...[,ro]. */
int dn_mount_add(struct dn_wishes *w, const char *value, struct dn_err *err);

/* Text helpers; memory that runs out ends the process with a message. */
char *dn_text(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void dn_list_add(struct dn_list *l, char *s);
/* path, made absolute by the working directory and freed of "//" and "/."; malloc'ed. */
char *dn_absolute(const char *path);

/* The value of DUNNAGE_name, APPTAINER_name or SINGULARITY_name, the first that is set; NULL: none. */
const char *dn_option_variable(const char *name);
/* Whether NAME=VALUE tells a product of the kind how to start a container, or sets a variable in it (DUNNAGE_X, DUNNAGEENV_X ...). */
bool dn_is_for_containers(const char *variable);

/* Who calls; from the process and the user database. own is set unless it is root. */
int dn_caller(struct dn_identity *who, struct dn_err *err);
/* Looks the names of the groups up, which only a builder needs. */
void dn_caller_groups(struct dn_identity *who);
/* Where things are: beside this program, and in the places of an installation. */
int dn_front_site(const struct dn_identity *who, struct dn_site *site, struct dn_err *err);

/* PREFIX of PREFIX/bin/dunnage; malloc'ed. */
int dn_front_prefix(char **prefix, struct dn_err *err);

/* A plan for the image: from the agent, or from the planner that is started as this user. The key is made by the first of these two
 * calls, for both. */
int dn_front_plan(const struct dn_site *site, const struct dn_identity *who, const struct dn_wishes *w,
		  const char *resolved, int image_fd, struct dn_plan_key *key, struct dn_plan *plan, struct dn_err *err);
/* A plan that is remembered. False: there is none. */
bool dn_front_recall(const struct dn_site *site, const struct dn_identity *who, const struct dn_wishes *w,
		     const char *resolved, int image_fd, struct dn_plan_key *key, struct dn_plan *plan);

/* The environment that the image's scripts start from. */
char **dn_front_environment(const struct dn_wishes *w, const struct dn_plan *plan, const struct dn_identity *who);
/* The base, changed by what the image's scripts did (a list of dunnage/rankenv.h), the user and the plan. NULL-ended. */
char **dn_final_environment(const struct dn_wishes *w, const struct dn_plan *plan, char **base, char *changes, size_t len);
/* NAME's value in env, NULL when it has none. */
const char *dn_env_get(char *const *env, const char *name);

/* How many ranks the launcher of this process started, and what it is; 1 task: no launcher. */
struct dn_mpi_step dn_mpi_launch(void);

/* Exit status of a refusal, by its code. */
int dn_exit_status(enum dn_code code);

/* Becomes the first process of a container that others may join by the key; *env is what its programs start with. */
int dn_enter_instance(const struct dn_wishes *w, char *key, char ***env, int *status, struct dn_err *err);

/* Becomes the program: answers only with an error, and the exit status in *status. */
int dn_launch(const struct dn_wishes *w, int *status, struct dn_err *err);
/* In the container, everything set up. */
int dn_become_program(const struct dn_wishes *w, char **env, int *status, struct dn_err *err);

#endif
