#include "site.h"

#include "submitcheck.h"

#include <errno.h>
#include <stdint.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PLUGIN_DIR "/lib/dunnage/"
#define DEFAULT_PREFIX "/usr"

static int set_text(char **field, const char *value, struct dn_err *err)
{
	char *copy = strdup(value);

	if (copy == NULL)
		return dn_fail(err, DN_INTERNAL, "out of memory");
	free(*field);
	*field = copy;
	return 0;
}

/* slurmstepd lies in SLURM/sbin, or in SLURM/lib/slurm and the like where distributions move it: srun is in SLURM/bin. */
static char *beside_slurmstepd(void)
{
	char path[4096], *slash;
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - sizeof("/bin/srun"));

	if (n <= 0)
		return NULL;
	path[n] = '\0';
	while ((slash = strrchr(path, '/')) != NULL) {
		strcpy(slash, "/bin/srun");
		if (access(path, X_OK) == 0) {
			*strrchr(path, '/') = '\0';
			return strdup(path);
		}
		*slash = '\0';
	}
	return NULL;
}

char *dn_site_prefix(const char *plugin_path, int argc, char *const argv[])
{
	const char *end = plugin_path != NULL && plugin_path[0] == '/' ? strstr(plugin_path, PLUGIN_DIR) : NULL;

	for (int i = 0; i < argc; i++)
		if (strncmp(argv[i], "prefix=/", 8) == 0)
			return strdup(argv[i] + 7);
	return end != NULL && end != plugin_path ? strndup(plugin_path, (size_t)(end - plugin_path)) : strdup(DEFAULT_PREFIX);
}

static int set_defaults(struct dn_site *site, const char *plugin_path, struct dn_err *err)
{
	site->one_shot = true;
	site->timeout = 600;
	site->slurm_bin = beside_slurmstepd();
	site->prefix = dn_site_prefix(plugin_path, 0, NULL);
	if (site->prefix == NULL)
		return dn_fail(err, DN_INTERNAL, "out of memory");
	if (set_text(&site->agent_socket, "/run/dunnage/agent.sock", err) < 0 ||
	    set_text(&site->agent_user, "dunnage", err) < 0 || set_text(&site->java, "/usr/bin/java", err) < 0 ||
	    set_text(&site->store, "/var/cache/dunnage/images", err) < 0 ||
	    set_text(&site->squashfuse, "/usr/bin/squashfuse_ll", err) < 0)
		return -1;
	site->network_timeout = 30;
	if (set_text(&site->network_plugins, "/usr/lib/cni", err) < 0 || set_text(&site->audit_file, "/var/log/dunnage/audit.jsonl", err) < 0)
		return -1;
	return set_text(&site->policy, "/etc/dunnage/policy.yaml", err);
}

static int set_seconds(unsigned *field, const char *key, const char *value, unsigned most, struct dn_err *err)
{
	char *end = NULL;
	unsigned long n;

	errno = 0;
	n = strtoul(value, &end, 10);
	if (errno != 0 || end == value || *end != '\0' || *value == '-' || n < 1 || n > most)
		return dn_fail(err, DN_CONFIG, "plugstack.conf: %s=%s: give seconds from 1 to %u", key, value, most);
	*field = (unsigned)n;
	return 0;
}

static int set_one_shot(struct dn_site *site, const char *value, struct dn_err *err)
{
	if (strcmp(value, "yes") != 0 && strcmp(value, "no") != 0)
		return dn_fail(err, DN_CONFIG, "plugstack.conf: one_shot=%s: give yes or no", value);
	site->one_shot = strcmp(value, "yes") == 0;
	return 0;
}

static int set_allocated(bool *allocated, const char *arg, const char *value, struct dn_err *err)
{
	if (strcmp(value, "slurm") != 0 && strcmp(value, "allocation") != 0)
		return dn_fail(err, DN_CONFIG,
			       "plugstack.conf: %s: give slurm (Slurm's own limits alone) or allocation (what a step was given is its limit)", arg);
	*allocated = strcmp(value, "allocation") == 0;
	return 0;
}

static int set_argument(struct dn_site *site, const char *arg, struct dn_err *err)
{
	const struct {
		const char *key;
		char **field;
	} paths[] = {
		{"prefix", &site->prefix},         {"agent_socket", &site->agent_socket},
		{"java", &site->java},             {"store", &site->store},
		{"squashfuse", &site->squashfuse}, {"policy", &site->policy},
		{"slurm_bin", &site->slurm_bin},   {"audit_file", &site->audit_file},
		{"network_plugins", &site->network_plugins},
	};
	const char *equals = strchr(arg, '=');
	size_t len = equals != NULL ? (size_t)(equals - arg) : strlen(arg);
	const char *value = equals != NULL ? equals + 1 : "";

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		if (strlen(paths[i].key) != len || strncmp(arg, paths[i].key, len) != 0)
			continue;
		if (value[0] != '/')
			return dn_fail(err, DN_CONFIG, "plugstack.conf: %s: give an absolute path", arg);
		return set_text(paths[i].field, value, err);
	}
	if (len == 10 && strncmp(arg, "agent_user", len) == 0 && *value != '\0')
		return set_text(&site->agent_user, value, err);
	if (len == 8 && strncmp(arg, "one_shot", len) == 0)
		return set_one_shot(site, value, err);
	if (len == 6 && strncmp(arg, "memory", len) == 0)
		return set_allocated(&site->allocated_memory, arg, value, err);
	if (len == 10 && strncmp(arg, "processors", len) == 0)
		return set_allocated(&site->allocated_processors, arg, value, err);
	if (len == 7 && strncmp(arg, "timeout", len) == 0)
		return set_seconds(&site->timeout, "timeout", value, 86400, err);
	if (len == 15 && strncmp(arg, "network_timeout", len) == 0)
		return set_seconds(&site->network_timeout, "network_timeout", value, 600, err);
	if (len == 12 && strncmp(arg, "submit_check", len) == 0 && equals != NULL) {
		enum dn_submit_check ignored;

		return dn_submit_check_mode(1, (char *const[]){(char *)(uintptr_t)arg}, &ignored, err);
	}
	return dn_fail(err, DN_CONFIG,
		       "plugstack.conf: spank_dunnage.so does not know the argument '%s' (known: prefix, agent_socket, "
		       "agent_user, java, store, squashfuse, slurm_bin, policy, audit_file, memory, network_plugins, network_timeout, one_shot, processors, "
		       "submit_check, timeout)",
		       arg);
}

static int resolve_agent(struct dn_site *site, struct dn_err *err)
{
	struct passwd pw, *found = NULL;
	char buf[16384];
	int rc = getpwnam_r(site->agent_user, &pw, buf, sizeof(buf), &found);

	if (rc != 0)
		return dn_fail_errno(err, DN_CONFIG, rc, "cannot look up the account '%s'", site->agent_user);
	if (found == NULL)
		return dn_fail(err, DN_CONFIG,
			       "the account '%s' does not exist on this node; create it (useradd --system %s) or name "
			       "another with agent_user= in plugstack.conf",
			       site->agent_user, site->agent_user);
	if (pw.pw_uid == 0)
		return dn_fail(err, DN_CONFIG,
			       "plugstack.conf: agent_user=%s has uid 0; the agent's account must be unprivileged",
			       site->agent_user);
	site->agent_uid = pw.pw_uid;
	site->agent_gid = pw.pw_gid;
	return 0;
}

int dn_site_load(struct dn_site *site, const char *plugin_path, int argc, char *const argv[], struct dn_err *err)
{
	struct dn_err ignored;
	int rc = 0;

	*site = (struct dn_site){0};
	if (set_defaults(site, plugin_path, err) < 0)
		return -1;
	for (int i = 0; i < argc && rc == 0; i++)
		rc = set_argument(site, argv[i], err);
	/* The record of the refusal is written as the agent's account, so that is looked up all the same. */
	if (resolve_agent(site, rc == 0 ? err : &ignored) < 0)
		rc = -1;
	return rc;
}

void dn_site_free(struct dn_site *site)
{
	free(site->prefix);
	free(site->agent_socket);
	free(site->agent_user);
	free(site->java);
	free(site->store);
	free(site->squashfuse);
	free(site->slurm_bin);
	free(site->policy);
	free(site->audit_file);
	free(site->network_plugins);
	*site = (struct dn_site){0};
}
