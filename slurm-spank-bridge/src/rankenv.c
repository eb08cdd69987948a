#include "rankenv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool dn_env_is_private(const char *name, size_t len)
{
	static const char *const names[] = {
		"SLURM_PROCID", "SLURM_LOCALID", "SLURM_TASK_PID", "SLURM_GTIDS", "SLURM_NODEID", "SLURMD_NODENAME",
		"PMI_FD", "PMI_RANK", "PMI_SIZE", "PMI_JOBID", "PMIX_RANK", "PMIX_NAMESPACE", "CUDA_VISIBLE_DEVICES",
		"ROCR_VISIBLE_DEVICES", "ZE_AFFINITY_MASK", "GPU_DEVICE_ORDINAL", "PWD", "OLDPWD", "SHLVL", "_",
	};
	static const char *const prefixes[] = {"PMI_", "PMIX_", "OMPI_COMM_WORLD_", "MPI_LOCAL", "SLURM_CPU_BIND"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strlen(names[i]) == len && strncmp(names[i], name, len) == 0)
			return true;
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		if (len >= strlen(prefixes[i]) && strncmp(prefixes[i], name, strlen(prefixes[i])) == 0)
			return true;
	return false;
}

static size_t name_length(const char *entry)
{
	const char *equals = strchr(entry, '=');

	return equals != NULL ? (size_t)(equals - entry) : 0;
}

static bool is_shared(const char *entry)
{
	size_t len = name_length(entry);

	return len > 0 && !dn_env_is_private(entry, len);
}

char **dn_env_shared(char *const env[])
{
	size_t n = 0, kept = 0;
	char **out;

	while (env[n] != NULL)
		n++;
	out = calloc(n + 1, sizeof(*out));
	for (size_t i = 0; out != NULL && i < n; i++)
		if (is_shared(env[i]))
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

static void write_changes(FILE *f, char *const before[], char *const after[])
{
	for (size_t i = 0; after[i] != NULL; i++) {
		const char *old = is_shared(after[i]) ? find(before, after[i], name_length(after[i])) : NULL;

		if (is_shared(after[i]) && (old == NULL || strcmp(old, after[i]) != 0))
			fwrite(after[i], strlen(after[i]) + 1, 1, f);
	}
	for (size_t i = 0; before[i] != NULL; i++) {
		size_t len = name_length(before[i]);

		if (is_shared(before[i]) && find(after, before[i], len) == NULL) {
			fwrite(before[i], len, 1, f);
			fputc('\0', f);
		}
	}
}

int dn_env_changes(char *const before[], char *const after[], char **list, size_t *len, struct dn_err *err)
{
	FILE *f = open_memstream(list, len);

	if (f == NULL)
		return dn_fail(err, DN_INTERNAL, "out of memory");
	write_changes(f, before, after);
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
