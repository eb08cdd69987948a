/* Groups of a job that is over. Slurm removes them with its steps, but not when a process of a rank that was killed was still
 * ending there, or when slurmstepd was killed. */
#include <errno.h>
#include <glob.h>
#include <stdbool.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "cgroups.h"
#include "dunnage/leftovers.h"

#define TRIES 25 /* slurmstepd, which is in them, may be about to end */
#define PAUSE_NS 20000000L

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
	static const char *const controllers[] = { "freezer", "memory", "devices", "cpuset", "cpuacct" };
	static const char *const depths[] = { "/*/*", "/*", "" }; /* tasks, steps, the job */
	char pattern[PATH_MAX + 128];
	struct dn_cgroup group;
	struct dn_err ignored;
	bool done = true;

	for (size_t c = 0; c < sizeof(controllers) / sizeof(controllers[0]); c++) {
		if (dn_cgroup_find(&dn_cgroup_files_of_self, controllers[c], &group, &ignored) || group.v2)
			continue;
		for (size_t d = 0; d < sizeof(depths) / sizeof(depths[0]); d++) {
			(void)snprintf(pattern, sizeof(pattern), "%s/slurm*/uid_%u/job_%u%s", group.mount, (unsigned)uid, (unsigned)job,
				       depths[d]);
			if (!remove_matching(pattern))
				done = false;
		}
	}
	return done;
}

void dn_leftovers_job_groups(uint32_t job, uid_t uid)
{
	const struct timespec pause = { .tv_nsec = PAUSE_NS };

	for (int i = 0; i < TRIES && !remove_groups(job, uid); i++)
		(void)nanosleep(&pause, NULL);
}
