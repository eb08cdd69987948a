#include <stdint.h>

#include "facts.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <slurm/slurm_errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BATCH_STEP 0xfffffffbu
#define NAME_BUFFER 65536
#define MAX_FD 1024 /* slurmstepd's own sockets are among its first descriptors */

int dn_step_variable(spank_t sp, const char *name, char **value, struct dn_err *err)
{
	size_t size = 32768;
	char *buf = malloc(size);
	spank_err_t rc;

	*value = NULL;
	if (buf == NULL)
		return dn_fail(err, DN_INTERNAL, "out of memory");
	rc = spank_getenv(sp, name, buf, (int)size);
	if (rc == ESPANK_SUCCESS) {
		*value = buf;
		return 0;
	}
	free(buf);
	if (rc == ESPANK_ENV_NOEXIST)
		return 0;
	return dn_fail(err, DN_REQUEST, "the variable %s cannot be read: %s", name, spank_strerror(rc));
}

static char *or_empty(const char *text)
{
	return strdup(text != NULL ? text : "");
}

static int user_names(struct dn_identity *who, struct dn_err *err)
{
	struct passwd pw, *found = NULL;
	char *buf = malloc(NAME_BUFFER);
	int rc;

	if (buf == NULL)
		return dn_fail(err, DN_INTERNAL, "out of memory");
	rc = getpwuid_r(who->uid, &pw, buf, NAME_BUFFER, &found);
	if (found != NULL) {
		who->user = or_empty(pw.pw_name);
		who->home = or_empty(pw.pw_dir);
		who->shell = or_empty(pw.pw_shell);
		who->gecos = or_empty(pw.pw_gecos);
	}
	free(buf);
	if (found == NULL)
		return dn_fail(err, DN_SETUP, "uid %u has no account on this node (%s); ask the site to add it",
			       (unsigned)who->uid, rc != 0 ? strerror(rc) : "not in the user database");
	if (who->user == NULL || who->home == NULL || who->shell == NULL || who->gecos == NULL)
		return dn_fail(err, DN_INTERNAL, "out of memory");
	if (who->home[0] != '/')
		return dn_fail(err, DN_SETUP, "the home directory of %s is '%s', not an absolute path", who->user,
			       who->home);
	return 0;
}

/* Unknown groups keep a NULL name: the container's /etc/group then lacks them, as on the host. */
static int group_names(struct dn_identity *who, struct dn_err *err)
{
	char *buf = malloc(NAME_BUFFER);

	who->group_names = calloc(who->ngroups + 1, sizeof(char *));
	if (buf == NULL || who->group_names == NULL) {
		free(buf);
		return dn_fail(err, DN_INTERNAL, "out of memory");
	}
	for (size_t i = 0; i <= who->ngroups; i++) {
		struct group gr, *found = NULL;

		getgrgid_r(i == 0 ? who->gid : who->groups[i - 1], &gr, buf, NAME_BUFFER, &found);
		if (found != NULL)
			who->group_names[i] = strdup(gr.gr_name);
	}
	free(buf);
	return 0;
}

static int credential(spank_t sp, struct dn_identity *who, struct dn_err *err)
{
	gid_t *groups = NULL;
	int n = 0;

	if (spank_get_item(sp, S_JOB_UID, &who->uid) != ESPANK_SUCCESS ||
	    spank_get_item(sp, S_JOB_GID, &who->gid) != ESPANK_SUCCESS ||
	    spank_get_item(sp, S_JOB_SUPPLEMENTARY_GIDS, &groups, &n) != ESPANK_SUCCESS || n < 0)
		return dn_fail(err, DN_INTERNAL, "Slurm does not tell the step's user and groups");
	/* slurmstepd sets this list after the container was joined. Without one it would look groups up itself, as root, where
	 * the image's /etc/group and NSS libraries would answer (22.05: slurmd makes a list even with disable_send_gids). */
	if (n == 0)
		return dn_fail(err, DN_SETUP,
			       "Slurm does not tell the user's groups on this node, which container steps need; see that "
			       "slurmd can look the user up");
	who->groups = calloc((size_t)n + 1, sizeof(gid_t));
	if (who->groups == NULL)
		return dn_fail(err, DN_INTERNAL, "out of memory");
	if (n > 0)
		memcpy(who->groups, groups, (size_t)n * sizeof(gid_t));
	who->ngroups = (size_t)n;
	return 0;
}

/* slurmstepd listens on SPOOLDIR/NODE_JOB.STEP: its own descriptor names the spool directory, whatever slurm.conf says. */
static char *spool_directory(uint32_t job_id)
{
	char mark[32];

	snprintf(mark, sizeof(mark), "_%u.", job_id);
	for (int fd = 3; fd < MAX_FD; fd++) {
		struct sockaddr_un sa = {0};
		socklen_t len = sizeof(sa) - 1;
		int listening = 0;
		socklen_t size = sizeof(listening);
		char *slash;

		if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) < 0 || listening == 0 ||
		    getsockname(fd, (struct sockaddr *)&sa, &len) < 0 || sa.sun_family != AF_UNIX)
			continue;
		slash = strrchr(sa.sun_path, '/');
		if (slash == NULL || slash == sa.sun_path || strstr(slash, mark) == NULL)
			continue;
		return strndup(sa.sun_path, (size_t)(slash - sa.sun_path));
	}
	return NULL;
}

static int script_directory(spank_t sp, const char *spool, char **dir)
{
	char **argv = NULL;
	int argc = 0;
	const char *slash;

	if (spank_get_item(sp, S_JOB_ARGV, &argc, &argv) != ESPANK_SUCCESS || argc < 1)
		return 0;
	slash = strrchr(argv[0], '/');
	if (slash == NULL || strncmp(argv[0], spool, strlen(spool)) != 0 || argv[0][strlen(spool)] != '/')
		return 0;
	*dir = strndup(argv[0], (size_t)(slash - argv[0]));
	return *dir != NULL ? 0 : -1;
}

static int step_directories(spank_t sp, struct dn_facts *f, struct dn_err *err)
{
	char *spool = spool_directory(f->job_id);
	int rc = 0;

	if (spool == NULL)
		return 0;
	if (asprintf(&f->dirs.pmix, "%s/pmix.%u.%u", spool, f->job_id, f->step_id) < 0) {
		f->dirs.pmix = NULL;
		rc = -1;
	}
	if (rc == 0 && f->step_id == BATCH_STEP)
		rc = script_directory(sp, spool, &f->dirs.script);
	f->dirs.spool = spool;
	return rc < 0 ? dn_fail(err, DN_INTERNAL, "out of memory") : 0;
}

void dn_facts_check_pmix(struct dn_facts *f)
{
	struct stat st;

	if (f->dirs.pmix == NULL ||
	    (lstat(f->dirs.pmix, &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid == f->who.uid))
		return;
	free(f->dirs.pmix);
	f->dirs.pmix = NULL;
}

/* A record that cannot be used leaves the facts unknown: rules that need them refuse, all others go on. */
static void job_record(struct dn_facts *f)
{
	struct dn_err err = {0};

	if (dn_job_record_read(DN_JOB_RECORDS, f->job_id, f->who.uid, &f->job, &err) < 0)
		slurm_error("dunnage: %s; account and partition of job %u are not known", err.msg, f->job_id);
}

/* Slurm counts in MiB, and says 0 when the cluster does not count memory. */
static uint64_t step_memory(spank_t sp)
{
	uint64_t mib = 0;

	return spank_get_item(sp, S_STEP_ALLOC_MEM, &mib) == ESPANK_SUCCESS && mib < UINT64_MAX >> 20 ? mib << 20 : 0;
}

/* Numbers in a list such as "0-3,8": what a credential says is well-formed. */
static uint32_t listed(const char *list)
{
	uint32_t n = 0;

	while (list != NULL && *list != '\0') {
		char *end;
		unsigned long first = strtoul(list, &end, 10), last = *end == '-' ? strtoul(end + 1, &end, 10) : first;

		if (end == list || last < first || last > UINT16_MAX)
			return 0;
		n += (uint32_t)(last - first) + 1;
		list = *end == ',' ? end + 1 : end;
	}
	return n;
}

/* Slurm gives cores, each with all its threads. */
static uint32_t step_processors(spank_t sp)
{
	char threads[64] = "", *cores = NULL;
	int fd = open("/sys/devices/system/cpu/cpu0/topology/thread_siblings_list", O_RDONLY | O_CLOEXEC);
	uint32_t each;

	if (fd >= 0) {
		ssize_t n = read(fd, threads, sizeof(threads) - 1);

		threads[n > 0 ? n : 0] = '\0';
		threads[strcspn(threads, "\n")] = '\0';
		close(fd);
	}
	each = listed(threads);
	if (spank_get_item(sp, S_STEP_ALLOC_CORES, &cores) != ESPANK_SUCCESS)
		return 0;
	return listed(cores) * (each > 0 ? each : 1);
}

int dn_facts_gather(spank_t sp, struct dn_facts *f, struct dn_err *err)
{
	if (spank_get_item(sp, S_JOB_ID, &f->job_id) != ESPANK_SUCCESS ||
	    spank_get_item(sp, S_JOB_STEPID, &f->step_id) != ESPANK_SUCCESS)
		return dn_fail(err, DN_INTERNAL, "Slurm does not tell the job and step id");
	if (spank_get_item(sp, S_JOB_TOTAL_TASK_COUNT, &f->step_tasks) != ESPANK_SUCCESS)
		f->step_tasks = 1;
	if (spank_get_item(sp, S_JOB_LOCAL_TASK_COUNT, &f->local_tasks) != ESPANK_SUCCESS)
		f->local_tasks = 1;
	if (spank_get_item(sp, S_JOB_NODEID, &f->node_number) != ESPANK_SUCCESS)
		f->node_number = 0;
	if (spank_get_item(sp, S_SLURM_RESTART_COUNT, &f->restart) != ESPANK_SUCCESS)
		f->restart = 0;
	f->memory = step_memory(sp);
	f->processors = step_processors(sp);
	if (gethostname(f->node, sizeof(f->node)) < 0)
		return dn_fail_errno(err, DN_SETUP, errno, "cannot tell the node's name");
	f->node[sizeof(f->node) - 1] = '\0';
	f->node[strcspn(f->node, ".")] = '\0';
	if (credential(sp, &f->who, err) < 0 || user_names(&f->who, err) < 0 || group_names(&f->who, err) < 0)
		return -1;
	job_record(f);
	return step_directories(sp, f, err);
}

void dn_facts_free(struct dn_facts *f)
{
	for (size_t i = 0; f->who.group_names != NULL && i <= f->who.ngroups; i++)
		free(f->who.group_names[i]);
	free(f->who.group_names);
	free(f->who.groups);
	free(f->who.user);
	free(f->who.home);
	free(f->who.shell);
	free(f->who.gecos);
	free(f->dirs.spool);
	free(f->dirs.pmix);
	free(f->dirs.script);
	dn_job_record_free(&f->job);
	*f = (struct dn_facts){0};
}
