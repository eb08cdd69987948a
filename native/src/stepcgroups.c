#include "stepcgroups.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* The line's first controller; version 2 names none, and no version 1 has a controller of this name. */
static const char *controller_of(char *line)
{
	char *list = strchr(line, ':');

	if (!list)
		return NULL;
	list++;
	list[strcspn(list, ",:")] = 0;
	return *list ? list : "unified";
}

static int open_group(const struct dn_cgroup_files *files, char *line, int *fd, struct dn_err *err)
{
	const char *controller = controller_of(line);
	struct dn_cgroup group;
	struct dn_err absent;
	char *path;

	*fd = -1;
	/* Not mounted here: Slurm cannot use it either. */
	if (!controller || dn_cgroup_find(files, controller, &group, &absent))
		return 0;
	if (asprintf(&path, "%s%s/cgroup.procs", group.mount, group.path) < 0)
		return dn_fail(err, DN_INTERNAL, "out of memory for a cgroup's name");
	*fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	if (*fd < 0)
		dn_fail_errno(err, DN_SETUP, errno, "cannot open %s of the step", path);
	free(path);
	return *fd < 0 ? -1 : 0;
}

static int open_groups(const struct dn_cgroup_files *files, FILE *f, const char *job, int fds[], size_t *n,
		       struct dn_err *err)
{
	char *line = NULL;
	size_t room = 0;
	int rc = 0;

	while (!rc && *n < DN_STEP_CGROUPS_MAX && getline(&line, &room, f) > 0) {
		if (!strstr(line, job))
			continue;
		rc = open_group(files, line, &fds[*n], err);
		if (fds[*n] >= 0)
			(*n)++;
	}
	free(line);
	return rc;
}

int dn_step_cgroups_open(pid_t task, uint32_t job, int fds[DN_STEP_CGROUPS_MAX], size_t *n, struct dn_err *err)
{
	char path[64], mark[32];
	struct dn_cgroup_files files = { dn_cgroup_files_of_self.mountinfo, path };
	FILE *f;
	int rc;

	*n = 0;
	(void)snprintf(path, sizeof(path), "/proc/%d/cgroup", (int)task);
	(void)snprintf(mark, sizeof(mark), "/job_%" PRIu32 "/", job);
	f = fopen(path, "re");
	if (!f)
		return dn_fail_errno(err, DN_SETUP, errno, "cannot read %s", path);
	rc = open_groups(&files, f, mark, fds, n, err);
	(void)fclose(f);
	while (rc && *n)
		close(fds[--*n]);
	return rc;
}

/* In version 2 only the innermost groups have processes: Slurm keeps one for what joins the step from outside. */
static int open_extern_group(const struct dn_cgroup *group, size_t job_len)
{
	static const char *const v1[] = { "", NULL }, *const v2[] = { "/user/task_special", "/user/task_0", NULL };
	int fd = -1;

	for (const char *const *below = group->v2 ? v2 : v1; *below && fd < 0; below++) {
		char *path;

		if (asprintf(&path, "%s%.*s/step_extern%s/cgroup.procs", group->mount, (int)job_len, group->path, *below) < 0)
			return -1;
		fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
		free(path);
	}
	return fd;
}

/* Those that there are; missing: how many more the step has. */
static int open_extern_groups(const struct dn_cgroup_files *files, uint32_t job, int fds[DN_STEP_CGROUPS_MAX], size_t *n,
			      size_t *missing, struct dn_err *err)
{
	char *line = NULL, mark[32];
	FILE *f = fopen(files->membership, "re");
	struct dn_cgroup group;
	struct dn_err absent;
	size_t room = 0;

	*n = *missing = 0;
	if (!f)
		return dn_fail_errno(err, DN_SETUP, errno, "cannot read %s", files->membership);
	(void)snprintf(mark, sizeof(mark), "/job_%" PRIu32 "/", job);
	while (*n < DN_STEP_CGROUPS_MAX && getline(&line, &room, f) > 0) {
		const char *controller = strstr(line, mark) ? controller_of(line) : NULL, *at;

		if (!controller || dn_cgroup_find(files, controller, &group, &absent) || !(at = strstr(group.path, mark)))
			continue;
		fds[*n] = open_extern_group(&group, (size_t)(at - group.path) + strlen(mark) - 1);
		*(fds[*n] >= 0 ? n : missing) += 1;
	}
	free(line);
	(void)fclose(f);
	return 0;
}

/* Slurm makes the groups of a step_extern one by one: where some are there, the others come. */
int dn_extern_cgroups_open_at(const struct dn_cgroup_files *files, uint32_t job, int fds[DN_STEP_CGROUPS_MAX], size_t *n,
			      struct dn_err *err)
{
	static const struct timespec moment = { .tv_nsec = 20000000 };
	size_t missing;

	for (unsigned tries = 0;; tries++) {
		if (open_extern_groups(files, job, fds, n, &missing, err))
			return -1;
		if (*n == 0 || missing == 0 || tries == 50)
			return 0;
		while (*n)
			close(fds[--*n]);
		(void)nanosleep(&moment, NULL);
	}
}

int dn_extern_cgroups_open(uint32_t job, int fds[DN_STEP_CGROUPS_MAX], size_t *n, struct dn_err *err)
{
	return dn_extern_cgroups_open_at(&dn_cgroup_files_of_self, job, fds, n, err);
}

int dn_step_cgroups_enter(const int fds[], size_t n, struct dn_err *err)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (write(fds[i], "0", 1) != 1)
			return dn_fail_errno(err, DN_SETUP, errno, "cannot enter the step's cgroups");
	return 0;
}
