/* Who calls, and where the installation is. */
#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "front.h"

#define AGENT_USER "dunnage"

static int names(struct dn_identity *who)
{
	struct passwd *pw = getpwuid(who->uid);
	const char *home = getenv("HOME");

	if (pw) {
		who->user = dn_text("%s", pw->pw_name);
		who->home = dn_text("%s", pw->pw_dir);
		who->shell = dn_text("%s", pw->pw_shell);
		who->gecos = dn_text("%s", pw->pw_gecos);
	} else {
		who->user = dn_text("uid%u", who->uid);
		who->home = dn_text("%s", home && *home == '/' ? home : "/");
		who->shell = dn_text("/bin/sh");
		who->gecos = dn_text("%s", "");
	}
	return 0;
}

void dn_caller_groups(struct dn_identity *who)
{
	size_t i;

	who->group_names = calloc(who->ngroups + 1, sizeof(char *));
	for (i = 0; who->group_names && i <= who->ngroups; i++) {
		struct group *gr = getgrgid(i ? who->groups[i - 1] : who->gid);

		who->group_names[i] = gr ? dn_text("%s", gr->gr_name) : NULL;
	}
}

int dn_caller(struct dn_identity *who, struct dn_err *err)
{
	int n = getgroups(0, NULL);

	*who = (struct dn_identity){ .uid = getuid(), .gid = getgid(), .own = getuid() != 0 };
	if (geteuid() != getuid() || getegid() != getgid())
		return dn_fail(err, DN_CONFIG, "this program is not made to run setuid or setgid; take the bits away");
	if (n < 0)
		return dn_fail_errno(err, DN_INTERNAL, errno, "cannot read the supplementary groups");
	who->groups = calloc((size_t)n + 1, sizeof(gid_t));
	if (!who->groups)
		return dn_fail(err, DN_INTERNAL, "out of memory for %d groups", n);
	n = getgroups(n, who->groups);
	who->ngroups = n > 0 ? (size_t)n : 0;
	return names(who);
}

/* PREFIX of PREFIX/bin/dunnage. */
int dn_front_prefix(char **prefix, struct dn_err *err)
{
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *cut;
	int i;

	if (n <= 0)
		return dn_fail_errno(err, DN_SETUP, errno, "cannot find my own installation; is /proc mounted?");
	self[n] = 0;
	for (i = 0; i < 2 && (cut = strrchr(self, '/')); i++)
		*cut = 0;
	*prefix = dn_text("%s", self);
	return 0;
}

static char *find_java(const struct dn_identity *who)
{
	const char *named = who->own ? getenv("DUNNAGE_JAVA") : NULL, *path = who->own ? getenv("PATH") : NULL;
	char *copy, *rest, *dir;

	if (named && *named)
		return dn_text("%s", named);
	if (access("/usr/bin/java", X_OK) == 0 || !path)
		return dn_text("/usr/bin/java");
	rest = copy = dn_text("%s", path);
	while ((dir = strsep(&rest, ":"))) {
		char *java = dn_text("%s/java", dir);

		if (*dir == '/' && access(java, X_OK) == 0)
			return java;
		free(java);
	}
	free(copy);
	return dn_text("/usr/bin/java");
}

static bool is_program(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

/* The account is looked up only where somebody may listen: a name service can be slow. */
static void find_agent(struct dn_site *site)
{
	struct passwd *pw = access(site->agent_socket, F_OK) == 0 ? getpwnam(AGENT_USER) : NULL;

	site->agent_uid = pw ? pw->pw_uid : 0;
	site->agent_gid = pw ? pw->pw_gid : 0;
}

int dn_front_site(const struct dn_identity *who, struct dn_site *site, struct dn_err *err)
{
	*site = (struct dn_site){
		.agent_socket = dn_text("/run/dunnage/agent.sock"), .agent_user = dn_text(AGENT_USER),
		.java = find_java(who), .squashfuse = dn_text("/usr/bin/squashfuse_ll"),
		.policy = dn_text("/etc/dunnage/policy.yaml"), .one_shot = true, .timeout = 600,
	};
	site->store = who->own ? dn_text("%s/.dunnage/cache", who->home) : dn_text("/var/cache/dunnage/images");
	if (!is_program(site->squashfuse))
		site->squashfuse = dn_text("/usr/bin/squashfuse");
	find_agent(site);
	if (!who->own && !site->agent_uid) {
		struct passwd *pw = getpwnam(AGENT_USER);

		if (!pw || !pw->pw_uid)
			return dn_fail(err, DN_CONFIG,
				       "root needs the account '" AGENT_USER "' for reading images; create it (useradd --system "
				       AGENT_USER ") or run this as an ordinary user");
		site->agent_uid = pw->pw_uid;
		site->agent_gid = pw->pw_gid;
	}
	return dn_front_prefix(&site->prefix, err);
}
