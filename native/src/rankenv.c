#include "dunnage/rankenv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct name_rule {
	const char *text;
	enum dn_env_owner owner;
};

static const struct name_rule names[] = {
	{"SLURM_PROCID", DN_ENV_RANK},	       {"SLURM_LOCALID", DN_ENV_RANK},	     {"SLURM_TASK_PID", DN_ENV_RANK},
	{"SLURM_CPU_BIND", DN_ENV_RANK},       {"SLURM_CPU_BIND_LIST", DN_ENV_RANK}, {"CUDA_VISIBLE_DEVICES", DN_ENV_RANK},
	{"ROCR_VISIBLE_DEVICES", DN_ENV_RANK}, {"ZE_AFFINITY_MASK", DN_ENV_RANK},    {"GPU_DEVICE_ORDINAL", DN_ENV_RANK},
	{"MPI_LOCALRANKID", DN_ENV_RANK},      {"PWD", DN_ENV_SHELL},		     {"OLDPWD", DN_ENV_SHELL},
	{"SHLVL", DN_ENV_SHELL},	       {"_", DN_ENV_SHELL},
};
static const struct name_rule prefixes[] = {
	{"PMI_", DN_ENV_PMI}, {"PMIX_", DN_ENV_PMI}, {"OMPI_COMM_WORLD_", DN_ENV_RANK},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum dn_env_owner dn_env_owner(const char *name, size_t len)
{
	for (size_t i = 0; i < COUNT(names); i++)
		if (strlen(names[i].text) == len && strncmp(names[i].text, name, len) == 0)
			return names[i].owner;
	for (size_t i = 0; i < COUNT(prefixes); i++)
		if (strncmp(prefixes[i].text, name, strlen(prefixes[i].text)) == 0)
			return prefixes[i].owner;
	return DN_ENV_STEP;
}

bool dn_env_mentions_rank(const char *text)
{
	for (size_t i = 0; i < COUNT(names); i++)
		if (names[i].owner == DN_ENV_RANK && strstr(text, names[i].text) != NULL)
			return true;
	for (size_t i = 0; i < COUNT(prefixes); i++)
		if (strstr(text, prefixes[i].text) != NULL)
			return true;
	return false;
}

static bool fits(const char *pattern, const char *name, size_t len)
{
	size_t plain = strcspn(pattern, "*");

	return pattern[plain] == '*' ? len >= plain && strncmp(pattern, name, plain) == 0 :
				       len == plain && strncmp(pattern, name, len) == 0;
}

bool dn_env_passes(const struct dn_plan *plan, const char *name, size_t len)
{
	if (!plan->env_filter)
		return true;
	for (size_t i = 0; i < plan->env_pass.n; i++)
		if (fits(plan->env_pass.v[i], name, len))
			return true;
	/* Open MPI takes itself for a program of one rank without the variables of the step. */
	return strncmp(name, "SLURM_", 6) == 0 ||
	       (dn_env_owner(name, len) == DN_ENV_PMI && strncmp(name, "PMIX_MCA_", 9) != 0);
}

static size_t name_length(const char *entry)
{
	const char *equals = strchr(entry, '=');

	return equals != NULL ? (size_t)(equals - entry) : 0;
}

static bool visible(const char *entry, enum dn_env_scope scope)
{
	size_t len = name_length(entry);
	enum dn_env_owner owner = dn_env_owner(entry, len);

	return len > 0 && (owner == DN_ENV_STEP || (scope == DN_ENV_FOR_RANK && owner != DN_ENV_SHELL));
}

/* Ranks' own variables may be set by scripts that run for one rank, but nothing may cut a rank off its launcher. */
static bool changeable(const char *entry, enum dn_env_scope scope)
{
	return visible(entry, scope) && dn_env_owner(entry, name_length(entry)) != DN_ENV_PMI;
}

char **dn_env_visible(char *const env[], enum dn_env_scope scope)
{
	size_t n = 0, kept = 0;
	char **out;

	while (env[n] != NULL)
		n++;
	out = calloc(n + 1, sizeof(*out));
	for (size_t i = 0; out != NULL && i < n; i++)
		if (visible(env[i], scope))
			out[kept++] = env[i];
	return out;
}

/* The entry of the same name, or NULL. */
static const char *find(char *const env[], const char *entry, size_t len)
{
	for (size_t i = 0; env[i] != NULL; i++)
		if (strncmp(env[i], entry, len) == 0 && env[i][len] == '=')
			return env[i];
	return NULL;
}

static void write_changes(FILE *f, char *const before[], char *const after[], enum dn_env_scope scope)
{
	for (size_t i = 0; after[i] != NULL; i++) {
		bool ours = changeable(after[i], scope);
		const char *old = ours ? find(before, after[i], name_length(after[i])) : NULL;

		if (ours && (old == NULL || strcmp(old, after[i]) != 0))
			fwrite(after[i], strlen(after[i]) + 1, 1, f);
	}
	for (size_t i = 0; before[i] != NULL; i++) {
		size_t len = name_length(before[i]);

		if (changeable(before[i], scope) && find(after, before[i], len) == NULL) {
			fwrite(before[i], len, 1, f);
			fputc('\0', f);
		}
	}
}

int dn_env_changes(char *const before[], char *const after[], enum dn_env_scope scope, char **list, size_t *len,
		   struct dn_err *err)
{
	FILE *f = open_memstream(list, len);

	if (f == NULL)
		return dn_fail(err, DN_INTERNAL, "out of memory");
	write_changes(f, before, after, scope);
	if (fclose(f) != 0) {
		free(*list);
		*list = NULL;
		return dn_fail(err, DN_INTERNAL, "out of memory");
	}
	return 0;
}

int dn_env_apply(char *list, size_t len, int (*set)(const char *name, const char *value, void *ctx),
		 int (*unset)(const char *name, void *ctx), void *ctx)
{
	for (size_t at = 0; at < len;) {
		char *entry = list + at, *equals = strchr(entry, '=');
		int rc;

		at += strlen(entry) + 1;
		if (equals != NULL) {
			*equals = '\0';
			rc = set(entry, equals + 1, ctx);
			*equals = '=';
		} else {
			rc = unset(entry, ctx);
		}
		if (rc != 0)
			return -1;
	}
	return 0;
}

#define LIBRARY_PATH "DUNNAGE_GPU_LIBRARY_PATH="

char *dn_env_library_path(const struct dn_plan *plan, const char *old)
{
	const char *more = NULL;
	char *path = NULL;
	size_t len;

	for (size_t i = 0; i < plan->env.n; i++)
		if (strncmp(plan->env.v[i], LIBRARY_PATH, sizeof(LIBRARY_PATH) - 1) == 0)
			more = plan->env.v[i] + sizeof(LIBRARY_PATH) - 1;
	if (more == NULL || *more == '\0')
		return NULL;
	if (old == NULL || *old == '\0')
		return strdup(more);
	len = strlen(old);
	/* inherited from a container in a container */
	if (len >= strlen(more) && strcmp(old + len - strlen(more), more) == 0)
		return NULL;
	return asprintf(&path, "%s:%s", old, more) < 0 ? NULL : path;
}
