/* Groups of a job that is over. Slurm removes them with its steps, but not when a process of a rank that was killed was still
 * ending there, or when slurmstepd was killed. */
#include "jobgroups.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "dunnage/leftovers.h"

#define WAITS 250 /* for slurmstepd, which removes its groups itself and complains in the job's output when another does */
#define TRIES 25  /* a process in them may be about to end */
#define PAUSE_NS 20000000L
#define DEPTH 16 /* job, step, user, task, and what users made in there */

static void wait_a_moment(void)
{
	const struct timespec pause = { .tv_nsec = PAUSE_NS };

	(void)nanosleep(&pause, NULL);
}

/* slurmstepd names its process after its step: "slurmstepd: [JOB.STEP]". */
static bool serves(int proc, const char *pid, const char *title)
{
	char path[64], text[64];
	struct stat st;
	ssize_t len;
	int fd;

	(void)snprintf(path, sizeof(path), "%.20s/cmdline", pid);
	fd = openat(proc, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return false;
	len = fstat(fd, &st) || st.st_uid != 0 ? -1 : read(fd, text, sizeof(text) - 1);
	close(fd);
	if (len < 0)
		return false;
	text[len] = '\0';
	return strncmp(text, title, strlen(title)) == 0;
}

bool dn_job_has_slurmstepd(uint32_t job)
{
	DIR *d = opendir("/proc");
	struct dirent *e;
	bool found = false;
	char title[64];

	if (!d)
		return false;
	(void)snprintf(title, sizeof(title), "slurmstepd: [%u.", (unsigned)job);
	while (!found && (e = readdir(d)))
		found = isdigit((unsigned char)e->d_name[0]) && serves(dirfd(d), e->d_name, title);
	closedir(d);
	return found;
}

/* The innermost first. What has a process in it stays: the kernel keeps it. False when such a group is there. */
static bool remove_tree(int at, const char *name, int depth)
{
	int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	struct dirent *e;
	bool done = true;

	if (!d) {
		if (fd >= 0)
			close(fd);
		return true;
	}
	while (depth > 0 && (e = readdir(d)))
		if (e->d_type == DT_DIR && strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0 &&
		    !remove_tree(dirfd(d), e->d_name, depth - 1))
			done = false;
	closedir(d);
	if (unlinkat(at, name, AT_REMOVEDIR) && errno == EBUSY)
		done = false;
	return done;
}

static bool removed(const char *name)
{
	return remove_tree(AT_FDCWD, name, DEPTH);
}

static bool absent(const char *name)
{
	(void)name;
	return false;
}

/* True when it is so of all groups that match, if any. */
static bool all(const char *pattern, bool (*is)(const char *name))
{
	glob_t found = { 0 };
	bool so = true;

	if (glob(pattern, GLOB_NOSORT | GLOB_ONLYDIR, NULL, &found) == 0)
		for (size_t i = 0; i < found.gl_pathc; i++)
			if (!is(found.gl_pathv[i]))
				so = false;
	globfree(&found);
	return so;
}

/* Version 1: one tree per controller, sorted by users. */
static bool all_v1(const struct dn_cgroup *group, uint32_t job, uid_t uid, bool (*is)(const char *name))
{
	char pattern[PATH_MAX + 128];

	(void)snprintf(pattern, sizeof(pattern), "%s/slurm*/uid_%u/job_%u", group->mount, (unsigned)uid, (unsigned)job);
	return all(pattern, is);
}

/* Version 2: slurmd puts the scope of its steps into system.slice, of the whole machine or of the group that its container has. Where
 * several slurmds run, each has a scope with its node's name in front. */
static bool all_v2(const struct dn_cgroup *group, uint32_t job, bool (*is)(const char *name))
{
	static const char *const slices[] = { "", "/system.slice" };
	char above[PATH_MAX], pattern[2 * PATH_MAX + 128], *slash;
	bool so = true;

	memcpy(above, group->path, sizeof(above));
	for (;;) {
		for (size_t i = 0; i < sizeof(slices) / sizeof(slices[0]); i++) {
			(void)snprintf(pattern, sizeof(pattern), "%s%s%s/*slurmstepd.scope/job_%u", group->mount, above, slices[i],
				       (unsigned)job);
			if (!all(pattern, is))
				so = false;
		}
		slash = strrchr(above, '/');
		if (!slash)
			return so;
		*slash = 0;
	}
}

static bool all_groups(const struct dn_cgroup_files *files, uint32_t job, uid_t uid, bool (*is)(const char *name))
{
	static const char *const controllers[] = { "freezer", "memory", "devices", "cpuset", "cpuacct" };
	struct dn_cgroup group;
	struct dn_err ignored;
	bool so = true;

	for (size_t c = 0; c < sizeof(controllers) / sizeof(controllers[0]); c++)
		if (dn_cgroup_find(files, controllers[c], &group, &ignored) == 0 && !group.v2 && !all_v1(&group, job, uid, is))
			so = false;
	/* beside the others, where both versions are mounted */
	if (dn_cgroup_find(files, "unified", &group, &ignored) == 0 && !all_v2(&group, job, is))
		so = false;
	return so;
}

void dn_leftovers_job_groups_at(const struct dn_cgroup_files *files, uint32_t job, uid_t uid)
{
	for (int i = 0; i < WAITS && !all_groups(files, job, uid, absent) && dn_job_has_slurmstepd(job); i++)
		wait_a_moment();
	for (int i = 0; i < TRIES && !all_groups(files, job, uid, removed); i++)
		wait_a_moment();
}

void dn_leftovers_job_groups(uint32_t job, uid_t uid)
{
	dn_leftovers_job_groups_at(&dn_cgroup_files_of_self, job, uid);
}
