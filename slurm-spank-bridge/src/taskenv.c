#include <stdint.h>

#include "taskenv.h"

#include "facts.h"
#include "slurmconf.h"
#include "userenv.h"

#include "dunnage/rankenv.h"

#include "dunnage/container.h"
#include "dunnage/slurmgate.h"

#include <errno.h>
#include <slurm/slurm_errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SCRIPT_SECONDS 60

static int set_variable(const char *name, const char *value, void *sp)
{
	return spank_setenv(sp, name, value, 1) == ESPANK_SUCCESS ? 0 : -1;
}

static int unset_variable(const char *name, void *sp)
{
	spank_err_t rc = spank_unsetenv(sp, name);

	return rc == ESPANK_SUCCESS || rc == ESPANK_ENV_NOEXIST ? 0 : -1;
}

/* Runs the scripts; *list is what they change. */
static int evaluate(spank_t sp, enum dn_env_scope scope, int envdump, char **list, size_t *len, struct dn_err *err)
{
	char **env = NULL, **before = NULL, **after = NULL;
	int rc = -1;

	if (spank_get_item(sp, S_JOB_ENV, &env) != ESPANK_SUCCESS || env == NULL)
		return dn_fail(err, DN_INTERNAL, "Slurm does not tell the task's environment");
	before = dn_env_visible(env, scope);
	if (before == NULL)
		return dn_fail(err, DN_INTERNAL, "out of memory");
	rc = dn_image_environment(before, SCRIPT_SECONDS, envdump, &after, err);
	if (rc == 0)
		rc = dn_env_changes(before, after != NULL ? after : before, scope, list, len, err);
	free(after);
	free(before);
	return rc;
}

/* The first rank: runs the scripts for the node, or says that every rank has to. */
static int evaluate_and_store(spank_t sp, const struct dn_session *session, int envdump, enum dn_environment *state,
			      char **list, size_t *len, struct dn_err *err)
{
	struct dn_err ignored = {0};
	int rc;

	if (dn_scripts_mention_rank()) {
		*state = DN_ENVIRONMENT_PER_RANK;
		return dn_session_store_environment(session, *state, "", 0, err);
	}
	rc = evaluate(sp, DN_ENV_FOR_NODE, envdump, list, len, err);
	*state = rc == 0 ? DN_ENVIRONMENT_READY : DN_ENVIRONMENT_FAILED;
	if (rc == 0)
		return dn_session_store_environment(session, *state, *list, *len, err);
	dn_session_store_environment(session, *state, "", 0, &ignored);
	return -1;
}

/* The changes that the scripts make for this rank. */
static int obtain(spank_t sp, const struct dn_session *session, const struct dn_place *place, int envdump, bool *told,
		  char **list, size_t *len, struct dn_err *err)
{
	enum dn_environment state = DN_ENVIRONMENT_MISSING;
	int rc;

	if (dn_session_lock(place, SCRIPT_SECONDS + 30, err) < 0)
		return -1;
	rc = dn_session_load_environment(session, &state, list, len, err);
	if (rc == 0 && state == DN_ENVIRONMENT_MISSING) {
		rc = evaluate_and_store(sp, session, envdump, &state, list, len, err);
	} else if (rc == 0 && state == DN_ENVIRONMENT_FAILED) {
		*told = true;
		rc = -1;
	}
	dn_session_unlock(place);
	if (rc == 0 && state == DN_ENVIRONMENT_PER_RANK) {
		free(*list);
		*list = NULL;
		rc = evaluate(sp, DN_ENV_FOR_RANK, envdump, list, len, err);
	}
	return rc;
}

/* Names in one block, each ended by NUL; Slurm's list changes while variables are taken out of it. */
static int names_to_drop(char *const env[], const struct dn_plan *plan, char **names, size_t *len)
{
	FILE *f = open_memstream(names, len);

	if (f == NULL)
		return -1;
	for (size_t i = 0; env[i] != NULL; i++) {
		size_t name = strcspn(env[i], "=");

		if (!dn_env_passes(plan, env[i], name))
			fprintf(f, "%.*s%c", (int)name, env[i], '\0');
	}
	return fclose(f) == 0 ? 0 : -1;
}

static int set_missing(spank_t sp, const char *name, const char *value)
{
	spank_err_t rc = spank_setenv(sp, name, value, 0);

	return rc == ESPANK_SUCCESS || rc == ESPANK_ENV_EXISTS ? 0 : -1;
}

#define DEFAULT_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/* Before the image's scripts run. What a program cannot do without comes from the node's user database. */
static int drop_variables(spank_t sp, const struct dn_plan *plan, const struct dn_identity *who, struct dn_err *err)
{
	char **env = NULL, *names = NULL;
	size_t len = 0;
	int rc = 0;

	if (!plan->env_filter)
		return 0;
	if (spank_get_item(sp, S_JOB_ENV, &env) != ESPANK_SUCCESS || env == NULL)
		return dn_fail(err, DN_INTERNAL, "Slurm does not tell the task's environment");
	if (names_to_drop(env, plan, &names, &len) < 0 || dn_env_apply(names, len, set_variable, unset_variable, sp) < 0 ||
	    set_missing(sp, "PATH", DEFAULT_PATH) < 0 || set_missing(sp, "HOME", who->home) < 0 ||
	    set_missing(sp, "USER", who->user) < 0 || set_missing(sp, "LOGNAME", who->user) < 0)
		rc = dn_fail(err, DN_SETUP, "cannot take variables out of the environment that the policy does not pass");
	free(names);
	return rc;
}

static int plan_variables(spank_t sp, const struct dn_plan *plan, struct dn_err *err)
{
	for (size_t i = 0; i < plan->env.n; i++) {
		char *entry = plan->env.v[i], *equals = strchr(entry, '=');
		int rc;

		*equals = '\0'; /* the codec has checked that it is there */
		rc = set_variable(entry, equals + 1, sp);
		*equals = '=';
		if (rc < 0)
			return dn_fail(err, DN_INTERNAL, "cannot set the variable %s", entry);
	}
	return 0;
}

/* The driver of the node's GPUs, behind what image and user want to be found. */
static int offer_libraries(spank_t sp, const struct dn_plan *plan, struct dn_err *err)
{
	char *old = NULL, *path;
	int rc = 0;

	if (dn_step_variable(sp, "LD_LIBRARY_PATH", &old, err) < 0)
		return -1;
	path = dn_env_library_path(plan, old);
	if (path != NULL && set_variable("LD_LIBRARY_PATH", path, sp) < 0)
		rc = dn_fail(err, DN_INTERNAL, "cannot set LD_LIBRARY_PATH");
	free(path);
	free(old);
	return rc;
}

/* The commands that work come before those that an image may hold: these would need the site's configuration, its munge and
 * its release of Slurm. */
static int offer_commands(spank_t sp, const struct dn_plan *plan, struct dn_err *err)
{
	static const char bin[] = DN_SLURM_GATE_BIN;
	char *path = NULL, *longer = NULL;
	int rc = 0;

	if (plan->slurm_commands.n == 0 || access(bin, X_OK) < 0)
		return 0;
	if (dn_step_variable(sp, "PATH", &path, err) < 0)
		return -1;
	if (path != NULL && strncmp(path, bin, sizeof(bin) - 1) == 0 && strchr(":", path[sizeof(bin) - 1]) != NULL)
		goto out;
	if (asprintf(&longer, "%s:%s", bin, path != NULL ? path : DEFAULT_PATH) < 0 || set_variable("PATH", longer, sp) < 0)
		rc = dn_fail(err, DN_INTERNAL, "cannot set PATH");
out:
	free(longer);
	free(path);
	return rc;
}

int dn_task_environment(spank_t sp, const struct dn_session *session, const struct dn_place *place,
			const struct dn_plan *plan, const struct dn_identity *who, int envdump, bool *told, struct dn_err *err)
{
	char *list = NULL, **kept = NULL;
	size_t len = 0;
	int rc = drop_variables(sp, plan, who, err);

	/* what the user sets by other means would be a way around the rule */
	if (rc == 0 && plan->env_filter && dn_options()->env != NULL)
		rc = dn_fail(err, DN_POLICY, "--container-env: the policy's rule passes only the variables that it names; leave the option out (%s)",
			     plan->decision);
	if (rc == 0)
		rc = dn_user_env_before(sp, dn_options(), &kept, err);

	if (rc == 0 && plan->env_scripts != 0) {
		rc = obtain(sp, session, place, envdump, told, &list, &len, err);
		if (rc == 0 && dn_env_apply(list, len, set_variable, unset_variable, sp) < 0)
			rc = dn_fail(err, DN_INTERNAL, "cannot set the variables of the image");
		free(list);
	}
	if (rc == 0 && !plan->env_filter)
		rc = dn_user_env_after(sp, kept, err);
	dn_user_env_free(kept);
	return rc < 0 || plan_variables(sp, plan, err) < 0 || offer_libraries(sp, plan, err) < 0 ? -1 : offer_commands(sp, plan, err);
}

/* Of Slurm's common code, not declared in its headers; weak, and the second one new with the way of starting that is meant. */
extern int run_command_init(int argc, char **argv, char *binary) __attribute__((weak));
extern bool run_command_is_launcher(int argc, char **argv) __attribute__((weak));

int dn_task_launcher(const char *prefix, struct dn_err *err)
{
	char *path;
	int rc = 0;

	if (run_command_init == NULL || run_command_is_launcher == NULL)
		return 0;
	if (asprintf(&path, "%s" DN_SLURM_CLIENT, prefix) < 0)
		return dn_fail(err, DN_INTERNAL, "out of memory");
	if (access(path, X_OK) < 0)
		rc = dn_fail_errno(err, DN_SETUP, errno, "cannot start %s; reinstall dunnage on this node", path);
	else
		run_command_init(0, NULL, path);
	free(path);
	return rc;
}

const char *dn_task_prolog(void)
{
	const char *path = &slurm_conf != NULL ? slurm_conf.task_prolog : NULL;

	return path != NULL && path[0] == '/' ? path : NULL;
}
