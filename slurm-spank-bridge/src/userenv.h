/* The user's wishes about the variables of a rank: what the container starts without, and what it finds whatever the image says. */
#ifndef DUNNAGE_USERENV_H
#define DUNNAGE_USERENV_H

#include <slurm/spank.h>
#include <stdbool.h>

#include "dunnage/err.h"
#include "options.h"

/* NAME or NAME=VALUE, with commas between several; the reason when it is not. */
int dn_user_env_check(const char *list, struct dn_err *err);

/* Before the image's scripts: --container-cleanenv and --container-no-env take variables away. *kept (malloc'ed) holds what
 * --container-env names, as it is now. */
int dn_user_env_before(spank_t sp, const struct dn_options *o, char ***kept, struct dn_err *err);
/* After them: SINGULARITYENV_X, APPTAINERENV_X and DUNNAGEENV_X set X, the last one named wins; then those of --container-env. */
int dn_user_env_after(spank_t sp, char **kept, struct dn_err *err);
void dn_user_env_free(char **kept);

/* DUNNAGE_BIND, else APPTAINER_BIND, else SINGULARITY_BIND (each also with BINDPATH) of the step, in the form of
 * --container-mounts; malloc'ed, NULL when none is set. */
int dn_user_binds(spank_t sp, char **mounts, struct dn_err *err);

#endif
