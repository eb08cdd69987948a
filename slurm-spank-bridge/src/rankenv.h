/* What the image's environment scripts change, as a list that any rank can apply to its own environment.
 * The list is a run of NUL-ended strings: NAME=VALUE sets, NAME alone unsets. */
#ifndef DUNNAGE_RANKENV_H
#define DUNNAGE_RANKENV_H

#include <stdbool.h>
#include <stddef.h>

#include "dunnage/err.h"

/* True for variables that belong to one rank (SLURM_PROCID, PMI_FD, PMIX_RANK ...) or to the shell that ran the scripts
 * (PWD, SHLVL, _): they are neither shown to the scripts of the whole node nor taken from them. */
bool dn_env_is_private(const char *name, size_t len);

/* env without private variables: a NULL-ended array in one block (free() it), pointing into env's strings. */
char **dn_env_shared(char *const env[]);

/* Changes from before to after, without private variables; *list is malloc'ed. */
int dn_env_changes(char *const before[], char *const after[], char **list, size_t *len, struct dn_err *err);

/* Calls set(name, value, ctx) or unset(name, ctx) for each entry; stops with -1 when one of them fails. */
int dn_env_apply(char *list, size_t len, int (*set)(const char *name, const char *value, void *ctx),
		 int (*unset)(const char *name, void *ctx), void *ctx);

#endif
