/* What a program in the container finds in its environment. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dunnage/rankenv.h"
#include "front.h"

#define PATH_DEFAULT "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

extern char **environ;

/* Prefixes of variables for the container, the strongest last. */
static const char *const inside_prefixes[] = { "SINGULARITYENV_", "APPTAINERENV_", "DUNNAGEENV_" };

const char *dn_env_get(char *const *env, const char *name)
{
	size_t len = strlen(name), i;

	for (i = 0; env && env[i]; i++)
		if (strncmp(env[i], name, len) == 0 && env[i][len] == '=')
			return env[i] + len + 1;
	return NULL;
}

/* entry is NAME=VALUE; an entry of the same name gives way. */
static void set(struct dn_list *env, char *entry)
{
	size_t len = strcspn(entry, "=") + 1, i;

	for (i = 0; i < env->n; i++)
		if (strncmp(env->v[i], entry, len) == 0) {
			env->v[i] = entry;
			return;
		}
	dn_list_add(env, entry);
}

static bool is_one_of(const char *entry, const char *const names[], size_t n)
{
	size_t len = strcspn(entry, "="), i;

	for (i = 0; i < n; i++)
		if (strlen(names[i]) == len && strncmp(entry, names[i], len) == 0)
			return true;
	return false;
}

static bool starts_with_one_of(const char *entry, const char *const prefixes[], size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strncmp(entry, prefixes[i], strlen(prefixes[i])) == 0)
			return true;
	return false;
}

/* A rank that lost its launcher's variables would run alone, as rank 0 of 1. */
static bool is_launchers(const char *entry)
{
	static const char *const prefixes[] = { "OMPI_", "PRTE_", "HYDRA_", "HYDI_", "MPI_LOCAL", "I_MPI_", "SLURM_" };

	return dn_env_owner(entry, strcspn(entry, "=")) == DN_ENV_PMI || starts_with_one_of(entry, prefixes, COUNT(prefixes));
}

/* mpirun of some builds of Open MPI 5 tells its ranks PMIx's directory of components as Open MPI's: an Open MPI 4 would find none of its
 * own. */
static bool misleads(const char *entry)
{
	static const char name[] = "OMPI_MCA_mca_base_component_path=", end[] = "/pmix";
	size_t len = strlen(entry);

	return strncmp(entry, name, strlen(name)) == 0 && len > strlen(end) && strcmp(entry + len - strlen(end), end) == 0;
}

static bool is_passed(const struct dn_wishes *w, const char *entry)
{
	static const char *const never[] = { "PATH", "LD_LIBRARY_PATH", "LD_PRELOAD", "HOME" };
	static const char *const always[] = { "TERM",	     "http_proxy", "https_proxy", "ftp_proxy",	 "all_proxy", "no_proxy",
					      "HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY",   "ALL_PROXY", "NO_PROXY" };

	/* Passphrases of images are for nobody inside. */
	static const char *const secrets[] = { "DUNNAGE_ENCRYPTION_PASSPHRASE", "APPTAINER_ENCRYPTION_PASSPHRASE",
					       "SINGULARITY_ENCRYPTION_PASSPHRASE" };

	if (!strchr(entry, '=') || misleads(entry) || is_one_of(entry, never, COUNT(never)) || is_one_of(entry, secrets, COUNT(secrets)) ||
	    starts_with_one_of(entry, inside_prefixes, COUNT(inside_prefixes)))
		return false;
	return !w->cleanenv || is_one_of(entry, always, COUNT(always)) || is_launchers(entry);
}

char **dn_front_environment(const struct dn_wishes *w, const struct dn_plan *plan, const struct dn_identity *who)
{
	static const char *const names[] = { [DN_EXEC] = "exec", [DN_RUN] = "run", [DN_SHELL] = "shell", [DN_TEST] = "test",
					       [DN_START] = "start" };
	static const char *const products[] = { "SINGULARITY", "APPTAINER", "DUNNAGE" };
	struct dn_list env = { NULL, 0 };
	size_t i;

	for (i = 0; environ[i]; i++)
		if (is_passed(w, environ[i]) && dn_env_passes(plan, environ[i], strcspn(environ[i], "=")))
			dn_list_add(&env, environ[i]);
	set(&env, dn_text("PATH=%s", PATH_DEFAULT));
	set(&env, dn_text("HOME=%s", who->home));
	if (w->cleanenv)
		set(&env, dn_text("LANG=C"));
	for (i = 0; i < COUNT(products); i++) {
		set(&env, dn_text("%s_COMMAND=%s", products[i], names[w->action]));
		if (w->app)
			set(&env, dn_text("%s_APPNAME=%s", products[i], w->app));
	}
	return env.v;
}

static void set_path(struct dn_list *env, const char *before, const char *after)
{
	const char *path = dn_env_get(env->v, "PATH");

	set(env, dn_text("PATH=%s%s%s%s%s", before, *before ? ":" : "", path ? path : PATH_DEFAULT, *after ? ":" : "", after));
}

static void set_from_host(struct dn_list *env)
{
	size_t i, j;

	for (i = 0; i < COUNT(inside_prefixes); i++)
		for (j = 0; environ[j]; j++) {
			char *entry = environ[j] + strlen(inside_prefixes[i]);

			if (strncmp(environ[j], inside_prefixes[i], strlen(inside_prefixes[i])))
				continue;
			if (strncmp(entry, "PREPEND_PATH=", 13) == 0)
				set_path(env, entry + 13, "");
			else if (strncmp(entry, "APPEND_PATH=", 12) == 0)
				set_path(env, "", entry + 12);
			else
				set(env, entry);
		}
}

static void unquote(char *value)
{
	size_t len = strlen(value);

	if (len >= 2 && (value[0] == '"' || value[0] == '\'') && value[len - 1] == value[0]) {
		value[len - 1] = 0;
		memmove(value, value + 1, len - 1);
	}
}

/* The files were read before the container hid them. */
static void set_lines(struct dn_list *env, const char *text)
{
	char *copy = dn_text("%s", text), *rest = copy, *line;

	while ((line = strsep(&rest, "\n"))) {
		line += strspn(line, " \t");
		if (strncmp(line, "export ", 7) == 0)
			line += 7;
		if (!*line || *line == '#' || !strchr(line, '='))
			continue;
		unquote(strchr(line, '=') + 1);
		set(env, dn_text("%s", line));
	}
	free(copy);
}

static int put(const char *name, const char *value, void *env)
{
	set(env, dn_text("%s=%s", name, value));
	return 0;
}

static int drop(const char *name, void *list)
{
	struct dn_list *env = list;
	size_t len = strlen(name), i, kept = 0;

	for (i = 0; i < env->n; i++)
		if (strncmp(env->v[i], name, len) || env->v[i][len] != '=')
			env->v[kept++] = env->v[i];
	env->n = kept;
	env->v[kept] = NULL;
	return 0;
}

char **dn_final_environment(const struct dn_wishes *w, const struct dn_plan *plan, char **base, char *changes, size_t len)
{
	struct dn_list env = { NULL, 0 };
	char *libraries;
	size_t i;

	for (i = 0; base[i]; i++)
		dn_list_add(&env, base[i]);
	(void)dn_env_apply(changes, len, put, drop, &env);
	set_from_host(&env);
	for (i = 0; i < w->env_files.n; i++)
		set_lines(&env, w->env_files.v[i]);
	for (i = 0; i < w->env.n; i++)
		set(&env, w->env.v[i]);
	for (i = 0; i < plan->env.n; i++)
		set(&env, plan->env.v[i]);
	libraries = dn_env_library_path(plan, dn_env_get(env.v, "LD_LIBRARY_PATH"));
	if (libraries)
		set(&env, dn_text("LD_LIBRARY_PATH=%s", libraries));
	free(libraries);
	if (!dn_env_get(env.v, "PS1") || w->action == DN_SHELL)
		set(&env, dn_text("PS1=Dunnage> "));
	return env.v;
}
