/* What the image's environment scripts change, as a list that any rank can apply to its own environment.
 * The list is a run of NUL-ended strings: NAME=VALUE sets, NAME alone unsets. */
#ifndef DUNNAGE_RANKENV_H
#define DUNNAGE_RANKENV_H

#include <stdbool.h>
#include <stddef.h>

#include "dunnage/err.h"
#include "dunnage/wire.h"

/* Whom a variable belongs to. */
enum dn_env_owner {
	DN_ENV_STEP,  /* may be the same for all ranks of the node */
	DN_ENV_RANK,  /* one rank's own: SLURM_PROCID, CUDA_VISIBLE_DEVICES ... */
	DN_ENV_PMI,   /* one rank's way to its launcher: PMI_FD, PMIX_RANK ...; an image never changes it */
	DN_ENV_SHELL, /* the shell that ran the scripts: PWD, SHLVL, _ */
};

/* How far the result of the scripts reaches. */
enum dn_env_scope {
	DN_ENV_FOR_NODE, /* run once, for all ranks: variables of one rank are neither shown nor taken */
	DN_ENV_FOR_RANK, /* run for one rank: variables of that rank are shown and taken */
};

enum dn_env_owner dn_env_owner(const char *name, size_t len);

/* The part of env that the scripts may see and change: a NULL-ended array in one block (free() it), pointing into env's
 * strings. NULL when memory is short. */
char **dn_env_visible(char *const env[], enum dn_env_scope scope);

/* Changes from before to after within the scope; *list is malloc'ed. */
int dn_env_changes(char *const before[], char *const after[], enum dn_env_scope scope, char **list, size_t *len,
		   struct dn_err *err);

/* Calls set(name, value, ctx) or unset(name, ctx) for each entry; stops with -1 when one of them fails. */
int dn_env_apply(char *list, size_t len, int (*set)(const char *name, const char *value, void *ctx),
		 int (*unset)(const char *name, void *ctx), void *ctx);

/* Whether a variable of the user's reaches the processes of a step under this plan. What joins a rank to its launcher always
 * does (PMI's and Slurm's), but for the places that it would load more code from. */
bool dn_env_passes(const struct dn_plan *plan, const char *name, size_t len);

/* True when text (a script) names a variable of one rank, so that running it once for the node would be wrong. */
bool dn_env_mentions_rank(const char *text);

/* Directories that the plan wants at the end of LD_LIBRARY_PATH: the whole new value (malloc'ed) for this old one (NULL: none), or NULL
 * when nothing is to be changed. */
char *dn_env_library_path(const struct dn_plan *plan, const char *old);

#endif
