#include <stdint.h>

#include "stepimage.h"

#include "facts.h"
#include "options.h"

#include "dunnage/pull.h"

#include <slurm/slurm_errno.h>
#include <stdio.h>
#include <stdlib.h>

#define ADMISSION_MS 10000

static void tell_line(const char *line)
{
	slurm_spank_log("dunnage: %s", line);
}

static int add_variable(char **env, size_t *n, const char *name, const char *value, struct dn_err *err)
{
	if (asprintf(&env[*n], "%s=%s", name, value) < 0) {
		env[*n] = NULL;
		return dn_fail(err, DN_INTERNAL, "out of memory");
	}
	(*n)++;
	return 0;
}

/* Fixed, but for the user's names and those variables that say how and where to pull. */
static int pull_environment(spank_t sp, const struct dn_step_image *from, char **env, struct dn_err *err)
{
	const struct dn_identity *who = from->who;
	size_t n = 0;

	if (add_variable(env, &n, "PATH", "/usr/local/bin:/usr/bin:/bin", err) < 0 ||
	    add_variable(env, &n, "LC_ALL", "C.UTF-8", err) < 0 || add_variable(env, &n, "HOME", who->home, err) < 0 ||
	    add_variable(env, &n, "USER", who->user, err) < 0 ||
	    add_variable(env, &n, "DUNNAGE_JAVA", from->site->java, err) < 0)
		return -1;
	for (size_t i = 0; dn_pull_variables[i] != NULL; i++) {
		char *value = NULL;
		int rc;

		if (dn_step_variable(sp, dn_pull_variables[i], &value, err) < 0)
			return -1;
		rc = value != NULL ? add_variable(env, &n, dn_pull_variables[i], value, err) : 0;
		free(value);
		if (rc < 0)
			return -1;
	}
	return 0;
}

#define MOST_VARIABLES 32

/* The image of a reference: pulled as the user, whose rights alone count for what comes of it. */
static int open_pulled(spank_t sp, const struct dn_step_image *from, const char *ref, int *image, char **resolved, struct dn_err *err)
{
	char *env[MOST_VARIABLES] = {NULL}, *path = NULL;
	const struct dn_pull pull = {
		.prefix = from->site->prefix, .who = from->who, .reference = ref, .mode = dn_options()->pull, .env = env,
		.tell = tell_line,
	};
	int rc = -1;

	/* Memory and processor time of the pull are the step's own. */
	if (!dn_session_await_admission(from->session, ADMISSION_MS))
		slurm_debug("dunnage: slurmstepd takes long to place its tasks");
	if (pull_environment(sp, from, env, err) == 0 && dn_pull_image(&pull, &path, err) == 0)
		rc = dn_open_image(from->who, path, image, resolved, err);
	if (rc == 0)
		rc = dn_image_in_use(*image, ref, err);
	for (size_t i = 0; i < MOST_VARIABLES; i++)
		free(env[i]);
	free(path);
	return rc;
}

int dn_step_image_open(spank_t sp, const struct dn_step_image *from, const char *name, int *image, char **resolved, struct dn_err *err)
{
	return dn_is_reference(name) ? open_pulled(sp, from, name, image, resolved, err)
				     : dn_open_image(from->who, name, image, resolved, err);
}
