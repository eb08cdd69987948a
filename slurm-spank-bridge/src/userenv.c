#include <stdint.h>

#include "userenv.h"

#include "facts.h"

#include <ctype.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define DEFAULT_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

static size_t name_length(const char *text)
{
	size_t n = 0;

	if (isalpha((unsigned char)*text) || *text == '_')
		while (isalnum((unsigned char)text[n]) || text[n] == '_')
			n++;
	return n;
}

int dn_user_env_check(const char *list, struct dn_err *err)
{
	for (const char *one = list;; one++) {
		size_t len = strcspn(one, ","), name = name_length(one);

		if (name == 0 || (name < len && one[name] != '='))
			return dn_fail(err, DN_REQUEST,
				       "--container-env=%s: '%.*s' is no variable; give NAME or NAME=VALUE, with commas between several",
				       list, (int)len, one);
		one += len;
		if (*one == '\0')
			return 0;
	}
}

/* Without these a rank would not find its launcher, and Slurm's commands not their job. */
static bool is_needed(const char *entry)
{
	static const char *const names[] = {"HOME=", "USER=", "LOGNAME=", "SHELL=", "TERM=", "LANG=", "LC_", "TZ=", "PWD=", "TMPDIR="};
	static const char *const prefixes[] = {"SLURM", "PMI_", "PMI2_", "PMIX_", "OMPI_", "SPANK_", "DUNNAGE", "APPTAINERENV_",
					       "SINGULARITYENV_", "CUDA_VISIBLE_DEVICES=", "ROCR_VISIBLE_DEVICES=",
					       "GPU_DEVICE_ORDINAL=", "ZE_AFFINITY_MASK="};

	for (size_t i = 0; i < COUNT(names); i++)
		if (strncmp(entry, names[i], strlen(names[i])) == 0)
			return true;
	for (size_t i = 0; i < COUNT(prefixes); i++)
		if (strncmp(entry, prefixes[i], strlen(prefixes[i])) == 0)
			return true;
	return false;
}

static bool matches(const char *name, const char *patterns)
{
	char one[256];

	for (const char *p = patterns; p != NULL && *p != '\0'; p += strcspn(p, ",") + (p[strcspn(p, ",")] == ',')) {
		snprintf(one, sizeof(one), "%.*s", (int)strcspn(p, ","), p);
		if (fnmatch(one, name, 0) == 0)
			return true;
	}
	return false;
}

static int put(spank_t sp, const char *name, const char *value, struct dn_err *err)
{
	return spank_setenv(sp, name, value, 1) == ESPANK_SUCCESS ? 0
								   : dn_fail(err, DN_INTERNAL, "cannot set the variable %s", name);
}

static int job_environment(spank_t sp, char ***env, struct dn_err *err)
{
	*env = NULL;
	if (spank_get_item(sp, S_JOB_ENV, env) != ESPANK_SUCCESS || *env == NULL)
		return dn_fail(err, DN_INTERNAL, "Slurm does not tell the task's environment");
	return 0;
}

/* Slurm's array changes under our hands: names are gathered first. */
static int take_away(spank_t sp, const struct dn_options *o, struct dn_err *err)
{
	char **env, **names = NULL;
	size_t n = 0, count = 0;
	int rc = -1;

	if (job_environment(sp, &env, err) < 0)
		return -1;
	while (env[count] != NULL)
		count++;
	names = calloc(count + 1, sizeof(*names));
	if (names == NULL)
		return dn_fail(err, DN_INTERNAL, "out of memory");
	for (size_t i = 0; i < count; i++) {
		char *name = strndup(env[i], strcspn(env[i], "="));

		if (name == NULL) {
			dn_fail(err, DN_INTERNAL, "out of memory");
			goto out;
		}
		if ((o->clean_env && !is_needed(env[i])) || (matches(name, o->no_env) && strncmp(name, "SLURM", 5) != 0 && strncmp(name, "PMI", 3) != 0))
			names[n++] = name;
		else
			free(name);
	}
	for (size_t i = 0; i < n; i++)
		(void)spank_unsetenv(sp, names[i]);
	rc = o->clean_env ? put(sp, "PATH", DEFAULT_PATH, err) : 0;
out:
	for (size_t i = 0; i < n; i++)
		free(names[i]);
	free(names);
	return rc;
}

static int keep_one(spank_t sp, const char *one, size_t len, char **entry, struct dn_err *err)
{
	size_t name = name_length(one);
	char text[256], *value = NULL;
	int rc = 0;

	*entry = NULL;
	snprintf(text, sizeof(text), "%.*s", (int)name, one);
	if (name < len)
		*entry = strndup(one, len);
	else if (dn_step_variable(sp, text, &value, err) < 0)
		return -1;
	else if (value != NULL && asprintf(entry, "%s=%s", text, value) < 0)
		*entry = NULL, rc = dn_fail(err, DN_INTERNAL, "out of memory");
	free(value);
	return rc;
}

static int keep_named(spank_t sp, const char *list, char ***kept, struct dn_err *err)
{
	size_t n = 0, room = 2;

	for (const char *p = list; *p != '\0'; p++)
		room += *p == ',';
	*kept = calloc(room, sizeof(**kept));
	if (*kept == NULL)
		return dn_fail(err, DN_INTERNAL, "out of memory");
	for (const char *p = list;; p++) {
		size_t len = strcspn(p, ",");

		if (keep_one(sp, p, len, &(*kept)[n], err) < 0)
			return -1;
		n += (*kept)[n] != NULL;
		p += len;
		if (*p == '\0')
			return 0;
	}
}

int dn_user_env_before(spank_t sp, const struct dn_options *o, char ***kept, struct dn_err *err)
{
	*kept = NULL;
	if (o->env != NULL && keep_named(sp, o->env, kept, err) < 0)
		return -1;
	return o->clean_env || o->no_env != NULL ? take_away(sp, o, err) : 0;
}

static int set_entry(spank_t sp, const char *entry, struct dn_err *err)
{
	char *name = strndup(entry, strcspn(entry, "="));
	int rc = name != NULL ? put(sp, name, entry + strlen(name) + 1, err) : dn_fail(err, DN_INTERNAL, "out of memory");

	free(name);
	return rc;
}

/* All entries of one prefix, copied first since Slurm's array changes. */
static int set_prefixed(spank_t sp, const char *prefix, struct dn_err *err)
{
	char **env, **found = NULL;
	size_t n = 0, count = 0;
	int rc = 0;

	if (job_environment(sp, &env, err) < 0)
		return -1;
	while (env[count] != NULL)
		count++;
	found = calloc(count + 1, sizeof(*found));
	if (found == NULL)
		return dn_fail(err, DN_INTERNAL, "out of memory");
	for (size_t i = 0; i < count; i++)
		if (strncmp(env[i], prefix, strlen(prefix)) == 0 && name_length(env[i] + strlen(prefix)) > 0)
			found[n++] = strdup(env[i] + strlen(prefix));
	for (size_t i = 0; i < n && rc == 0; i++)
		rc = found[i] != NULL ? set_entry(sp, found[i], err) : dn_fail(err, DN_INTERNAL, "out of memory");
	for (size_t i = 0; i < n; i++)
		free(found[i]);
	free(found);
	return rc;
}

int dn_user_env_after(spank_t sp, char **kept, struct dn_err *err)
{
	static const char *const prefixes[] = {"SINGULARITYENV_", "APPTAINERENV_", "DUNNAGEENV_"};

	for (size_t i = 0; i < COUNT(prefixes); i++)
		if (set_prefixed(sp, prefixes[i], err) < 0)
			return -1;
	for (size_t i = 0; kept != NULL && kept[i] != NULL; i++)
		if (set_entry(sp, kept[i], err) < 0)
			return -1;
	return 0;
}

void dn_user_env_free(char **kept)
{
	for (size_t i = 0; kept != NULL && kept[i] != NULL; i++)
		free(kept[i]);
	free(kept);
}

/* "SRC" is short for "SRC:SRC". */
static int in_long_form(const char *value, char **mounts, struct dn_err *err)
{
	size_t room = 2 * strlen(value) + 64, n = 0;

	for (const char *p = value; *p != '\0'; p++)
		room += *p == ',';
	*mounts = malloc(room);
	if (*mounts == NULL)
		return dn_fail(err, DN_INTERNAL, "out of memory");
	**mounts = '\0';
	for (const char *p = value;; p++) {
		int len = (int)strcspn(p, ",");
		bool both = memchr(p, ':', (size_t)len) != NULL;

		n += (size_t)snprintf(*mounts + n, room - n, both ? "%s%.*s" : "%s%.*s:%.*s", n ? "," : "", len, p, len, p);
		p += len;
		if (*p == '\0')
			return 0;
	}
}

int dn_user_binds(spank_t sp, char **mounts, struct dn_err *err)
{
	static const char *const names[] = {"DUNNAGE_BIND", "DUNNAGE_BINDPATH", "APPTAINER_BIND", "APPTAINER_BINDPATH",
					    "SINGULARITY_BIND", "SINGULARITY_BINDPATH"};
	char *value = NULL;
	int rc = 0;

	*mounts = NULL;
	for (size_t i = 0; i < COUNT(names) && value == NULL; i++) {
		if (dn_step_variable(sp, names[i], &value, err) < 0)
			return -1;
		if (value != NULL && *value == '\0') {
			free(value);
			value = NULL;
		}
	}
	if (value != NULL)
		rc = in_long_form(value, mounts, err);
	free(value);
	return rc;
}
