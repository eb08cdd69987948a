/* Groups of a job that is over. Slurm removes them with its steps, but not when a process of a rank that was killed was still
 * ending there, or when slurmstepd was killed. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cgroups.h"
#include "dunnage/leftovers.h"

#define WAITS 250 /* for slurmstepd, which removes its groups itself and complains in the job's output when another does */
#define TRIES 25  /* a process in them may be about to end */
#define PAUSE_NS 20000000L

static const char *const controllers[] = { "freezer", "memory", "devices", "cpuset", "cpuacct" };

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

/* The job's group in version 1 of a controller; false where there is none, or version 2. */
static bool pattern_of(char *pattern, size_t size, const char *controller, uint32_t job, uid_t uid, const char *below)
{
	struct dn_cgroup group;
	struct dn_err ignored;

	if (dn_cgroup_find(&dn_cgroup_files_of_self, controller, &group, &ignored) || group.v2)
		return false;
	return (size_t)snprintf(pattern, size, "%s/slurm*/uid_%u/job_%u%s", group.mount, (unsigned)uid, (unsigned)job, below) < size;
}

static bool any_group(uint32_t job, uid_t uid)
{
	char pattern[PATH_MAX + 128];
	bool any = false;

	for (size_t c = 0; !any && c < sizeof(controllers) / sizeof(controllers[0]); c++) {
		glob_t found = { 0 };

		if (!pattern_of(pattern, sizeof(pattern), controllers[c], job, uid, ""))
			continue;
		any = glob(pattern, GLOB_NOSORT | GLOB_ONLYDIR, NULL, &found) == 0 && found.gl_pathc > 0;
		globfree(&found);
	}
	return any;
}

/* False when some are still there. */
static bool remove_matching(const char *pattern)
{
	glob_t found = { 0 };
	bool done = true;

	/* what is no directory, or has a process in it, stays: the kernel keeps it */
	if (glob(pattern, GLOB_NOSORT | GLOB_ONLYDIR, NULL, &found) == 0)
		for (size_t i = 0; i < found.gl_pathc; i++)
			if (rmdir(found.gl_pathv[i]) && errno == EBUSY)
				done = false;
	globfree(&found);
	return done;
}

static bool remove_groups(uint32_t job, uid_t uid)
{
	static const char *const depths[] = { "/*/*", "/*", "" }; /* tasks, steps, the job */
	char pattern[PATH_MAX + 128];
	bool done = true;

	for (size_t c = 0; c < sizeof(controllers) / sizeof(controllers[0]); c++)
		for (size_t d = 0; d < sizeof(depths) / sizeof(depths[0]); d++)
			if (pattern_of(pattern, sizeof(pattern), controllers[c], job, uid, depths[d]) && !remove_matching(pattern))
				done = false;
	return done;
}

void dn_leftovers_job_groups(uint32_t job, uid_t uid)
{
	for (int i = 0; i < WAITS && any_group(job, uid) && dn_job_has_slurmstepd(job); i++)
		wait_a_moment();
	for (int i = 0; i < TRIES && !remove_groups(job, uid); i++)
		wait_a_moment();
}
