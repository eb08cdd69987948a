#include "steplimits.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define OWN_GROUP "dunnage_"

#define PERIOD_US 100000 /* the kernel's own default */

static const char *const controllers[] = { "pids", "memory", "cpu" };

struct limit {
	const char *controller;
	const char *v1_file, *v1_swap_file, *v2_file, *v2_swap_file; /* none: processors */
	uint64_t value;
};

static int join(char to[PATH_MAX], const char *a, const char *b, const char *c)
{
	int n = snprintf(to, PATH_MAX, "%s%s%s", a, b, c);

	return n > 0 && n < PATH_MAX ? 0 : -1;
}

static int write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), rc = 0, errnum;
	size_t len = strlen(text);

	if (fd < 0)
		return -1;
	if (write(fd, text, len) != (ssize_t)len)
		rc = -1;
	errnum = errno;
	close(fd);
	errno = errnum;
	return rc;
}

static int read_text(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -1;
	n = read(fd, text, size - 1);
	close(fd);
	if (n < 0)
		return -1;
	text[n] = 0;
	return 0;
}

/* Only ever downwards: "max" and numbers above the value become the value. */
static int lower(const char *dir, const char *file, uint64_t value, struct dn_err *err)
{
	char path[PATH_MAX], now[64], text[32];
	uint64_t current;

	if (join(path, dir, "/", file) || read_text(path, now, sizeof(now)))
		return dn_fail_errno(err, DN_SETUP, errno,
				     "the step is to be limited, but %s/%s cannot be read; does the node have this cgroup "
				     "controller?",
				     dir, file);
	current = now[0] == 'm' ? UINT64_MAX : strtoull(now, NULL, 10);
	if (current <= value)
		return 0;
	(void)snprintf(text, sizeof(text), "%" PRIu64, value);
	if (write_text(path, text))
		return dn_fail_errno(err, DN_SETUP, errno, "cannot lower %s to the step's limit of %" PRIu64, path, value);
	return 0;
}

/* Version 2 has quota and period in one file, and "max" for none; version 1 has two files, and -1 for none. */
static int lower_processors(const char *dir, bool v2, uint64_t processors, struct dn_err *err)
{
	const char *const file = v2 ? "cpu.max" : "cpu.cfs_quota_us";
	char path[PATH_MAX], period_path[PATH_MAX], now[64], text[64], *rest = now;
	uint64_t period;
	long long quota;

	if (join(path, dir, "/", file) || read_text(path, now, sizeof(now)) || join(period_path, dir, "/", "cpu.cfs_period_us") ||
	    (!v2 && read_text(period_path, text, sizeof(text))))
		return dn_fail_errno(err, DN_SETUP, errno,
				     "the step is to be limited, but %s/%s cannot be read; does the node have this cgroup controller?", dir,
				     file);
	quota = now[0] == 'm' ? -1 : strtoll(now, &rest, 10);
	if (v2)
		rest += strcspn(rest, " ");
	period = strtoull(v2 ? rest : text, NULL, 10);
	if (period == 0)
		period = PERIOD_US;
	if (quota >= 0 && (uint64_t)quota <= processors * period)
		return 0;
	(void)snprintf(text, sizeof(text), v2 ? "%" PRIu64 " %" PRIu64 : "%" PRIu64, processors * period, period);
	/* version 1: EINVAL when a group above has less already */
	if (write_text(path, text) && (v2 || errno != EINVAL))
		return dn_fail_errno(err, DN_SETUP, errno, "cannot lower %s to the time of %" PRIu64 " processors", path, processors);
	return 0;
}

/* Length of the path up to and with Slurm's group of the step; 0: the path leads to no step of this job. */
static size_t step_part(const char *path, uint32_t job)
{
	char mark[32];
	const char *at;
	size_t len;

	(void)snprintf(mark, sizeof(mark), "/job_%" PRIu32 "/step_", job);
	at = strstr(path, mark);
	if (!at)
		return 0;
	len = (size_t)(at - path) + strlen(mark);
	return len + strcspn(path + len, "/");
}

static int own_group(const struct dn_cgroup *g, uint32_t job, uint32_t step, char dir[PATH_MAX], struct dn_err *err)
{
	char name[64];

	(void)snprintf(name, sizeof(name), "/" OWN_GROUP "%" PRIu32 ".%" PRIu32, job, step);
	if (join(dir, g->mount, g->path, name))
		return dn_fail(err, DN_SETUP, "the path of this node's cgroup is too long");
	return 0;
}

/* Only after the limit of memory: the kernel wants it the larger of the two at all times. */
static int lower_swap_v1(const char *dir, const struct limit *l, struct dn_err *err)
{
	char swap[PATH_MAX];

	if (!l->v1_swap_file || join(swap, dir, "/", l->v1_swap_file) || access(swap, F_OK))
		return 0;
	return lower(dir, l->v1_swap_file, l->value, err);
}

static int lower_v1(const char *dir, const struct limit *l, struct dn_err *err)
{
	if (!l->v1_file)
		return lower_processors(dir, false, l->value, err);
	return lower(dir, l->v1_file, l->value, err) ? -1 : lower_swap_v1(dir, l, err);
}

/* A group of ours beside Slurm's, with this process in it. */
static int enter_own(const struct dn_cgroup *g, const struct limit *l, uint32_t job, uint32_t step, struct dn_err *err)
{
	char dir[PATH_MAX], procs[PATH_MAX];

	if (own_group(g, job, step, dir, err))
		return -1;
	if (mkdir(dir, 0755) && errno != EEXIST)
		return dn_fail_errno(err, DN_SETUP, errno, "cannot make the cgroup %s for a limit of the step", dir);
	if (lower_v1(dir, l, err))
		return -1;
	if (join(procs, dir, "/", "cgroup.procs") || write_text(procs, "0"))
		return dn_fail_errno(err, DN_SETUP, errno, "cannot enter the cgroup %s", dir);
	return 0;
}

static int limit_v1(const struct dn_cgroup *g, const struct limit *l, uint32_t job, uint32_t step, struct dn_err *err)
{
	size_t part = step_part(g->path, job);
	char dir[PATH_MAX];

	if (!part)
		return enter_own(g, l, job, step, err);
	if (join(dir, g->mount, g->path, ""))
		return dn_fail(err, DN_SETUP, "the path of this node's cgroup is too long");
	dir[strlen(g->mount) + part] = 0;
	return lower_v1(dir, l, err);
}

/* Slurm turns on only the controllers that it uses itself: from the mount down to the step, ours is added. What fails
 * here shows when the limit is written. */
static void enable(const struct dn_cgroup *g, const char *path, const char *controller)
{
	char dir[PATH_MAX], file[PATH_MAX], text[32];
	size_t base = strlen(g->mount), at = base;

	(void)snprintf(text, sizeof(text), "+%s", controller);
	if (join(dir, g->mount, path, ""))
		return;
	for (;;) {
		char cut = dir[at];

		dir[at] = 0;
		if (join(file, dir, "/", "cgroup.subtree_control") == 0)
			(void)write_text(file, text);
		dir[at] = cut;
		if (!cut)
			return;
		at += 1 + strcspn(dir + at + 1, "/");
	}
}

/* Version 1 counts memory and swap together, version 2 swap alone: it may have what the memory leaves of the limit. */
static int lower_swap_v2(const char *dir, const struct limit *l, struct dn_err *err)
{
	char path[PATH_MAX], now[64];
	uint64_t memory;

	if (!l->v2_swap_file || join(path, dir, "/", l->v2_swap_file) || access(path, F_OK))
		return 0;
	if (join(path, dir, "/", l->v2_file) || read_text(path, now, sizeof(now)))
		return dn_fail_errno(err, DN_SETUP, errno, "cannot read %s/%s", dir, l->v2_file);
	memory = strtoull(now, NULL, 10);
	return lower(dir, l->v2_swap_file, memory < l->value ? l->value - memory : 0, err);
}

/* Slurm's tasks live in STEP/user, slurmstepd beside them. */
static int limit_v2(const struct dn_cgroup *g, const struct limit *l, uint32_t job, struct dn_err *err)
{
	size_t part = step_part(g->path, job);
	char step[PATH_MAX], dir[PATH_MAX];

	if (!part)
		return dn_fail(err, DN_SETUP,
			       "the step's %s is to be limited, but Slurm has made no cgroup for it; set "
			       "ProctrackType=proctrack/cgroup in slurm.conf",
			       l->controller);
	memcpy(step, g->path, part);
	step[part] = 0;
	if (join(dir, g->mount, step, "/user"))
		return dn_fail(err, DN_SETUP, "the path of this node's cgroup is too long");
	enable(g, step, l->controller);
	if (!l->v2_file)
		return lower_processors(dir, true, l->value, err);
	return lower(dir, l->v2_file, l->value, err) ? -1 : lower_swap_v2(dir, l, err);
}

static int apply(const struct dn_cgroup_files *files, const struct limit *l, uint32_t job, uint32_t step,
		 struct dn_err *err)
{
	struct dn_cgroup group;

	if (!l->value)
		return 0;
	if (dn_cgroup_find(files, l->controller, &group, err))
		return -1;
	return group.v2 ? limit_v2(&group, l, job, err) : limit_v1(&group, l, job, step, err);
}

/* A task's group of version 2 says "max" and the step's, above it, the limit: programs that look at their own group alone would take
 * the node's memory for theirs. The same number is written there; nothing is limited that was not. */
int dn_limits_show_at(const struct dn_cgroup_files *files, uint32_t job, struct dn_err *err)
{
	struct dn_cgroup g;
	uint64_t least = UINT64_MAX;
	char dir[PATH_MAX], path[PATH_MAX], now[64];
	size_t part, at;

	if (dn_cgroup_find(files, "memory", &g, err))
		return -1;
	part = step_part(g.path, job);
	if (!g.v2 || !part || join(dir, g.mount, g.path, ""))
		return 0;
	for (at = strlen(dir); at >= strlen(g.mount) + part; dir[at] = 0) {
		if (join(path, dir, "/", "memory.max") == 0 && read_text(path, now, sizeof(now)) == 0 && now[0] != 'm' &&
		    strtoull(now, NULL, 10) < least)
			least = strtoull(now, NULL, 10);
		at = (size_t)(strrchr(dir, '/') - dir);
	}
	if (least == UINT64_MAX || join(dir, g.mount, g.path, ""))
		return 0;
	return lower(dir, "memory.max", least, err);
}

int dn_limits_show(pid_t task, uint32_t job, struct dn_err *err)
{
	char membership[64];
	const struct dn_cgroup_files files = { dn_cgroup_files_of_self.mountinfo, membership };

	(void)snprintf(membership, sizeof(membership), "/proc/%d/cgroup", (int)task);
	return dn_limits_show_at(&files, job, err);
}

int dn_limits_apply_at(const struct dn_cgroup_files *files, const struct dn_limits *limits, uint32_t job, uint32_t step,
		       struct dn_err *err)
{
	const struct limit pids = { "pids", "pids.max", NULL, "pids.max", NULL, limits->pids };
	const struct limit memory = { "memory", "memory.limit_in_bytes", "memory.memsw.limit_in_bytes", "memory.max",
				      "memory.swap.max", limits->memory };
	const struct limit processors = { "cpu", NULL, NULL, NULL, NULL, limits->processors };

	return apply(files, &pids, job, step, err) || apply(files, &memory, job, step, err) || apply(files, &processors, job, step, err) ?
		       -1 :
		       0;
}

static unsigned long count_of(const char *dir, const char *file, const char *mark)
{
	char path[PATH_MAX], text[512], *at;

	if (join(path, dir, "/", file) || read_text(path, text, sizeof(text)))
		return 0;
	at = strstr(text, mark);
	return at ? strtoul(at + strlen(mark), NULL, 10) : 0;
}

/* Version 1 counts in the group of the process that was ended, version 2 in all above it too. */
unsigned long dn_limits_ooms_at(const struct dn_cgroup_files *files, bool slurms, uint32_t job, uint32_t step)
{
	char dir[PATH_MAX];
	struct dn_cgroup group;
	struct dn_err ignored;
	size_t part;

	if (dn_cgroup_find(files, "memory", &group, &ignored))
		return 0;
	if (!group.v2)
		return own_group(&group, job, step, dir, &ignored) ? 0 : count_of(dir, "memory.oom_control", "\noom_kill ");
	part = step_part(group.path, job);
	if (!slurms || !part || join(dir, group.mount, group.path, ""))
		return 0;
	dir[strlen(group.mount) + part] = 0;
	return count_of(dir, "memory.events", "\noom_kill ");
}

void dn_limits_release_at(const struct dn_cgroup_files *files, uint32_t job, uint32_t step)
{
	struct dn_cgroup group;
	struct dn_err ignored;
	char dir[PATH_MAX];
	size_t i;

	for (i = 0; i < sizeof(controllers) / sizeof(controllers[0]); i++)
		if (dn_cgroup_find(files, controllers[i], &group, &ignored) == 0 && !group.v2 &&
		    own_group(&group, job, step, dir, &ignored) == 0)
			(void)rmdir(dir);
}

static void sweep(const struct dn_cgroup *group, uint32_t job)
{
	char dir[PATH_MAX], mark[64];
	struct dirent *e;
	DIR *d;

	(void)snprintf(mark, sizeof(mark), OWN_GROUP "%" PRIu32 ".", job);
	if (join(dir, group->mount, group->path, "") || !(d = opendir(dir)))
		return;
	while ((e = readdir(d)))
		if (strncmp(e->d_name, mark, strlen(mark)) == 0)
			(void)unlinkat(dirfd(d), e->d_name, AT_REMOVEDIR);
	closedir(d);
}

void dn_limits_sweep_at(const struct dn_cgroup_files *files, uint32_t job)
{
	struct dn_cgroup group;
	struct dn_err ignored;
	size_t i;

	for (i = 0; i < sizeof(controllers) / sizeof(controllers[0]); i++)
		if (dn_cgroup_find(files, controllers[i], &group, &ignored) == 0 && !group.v2)
			sweep(&group, job);
}

int dn_limits_apply(const struct dn_limits *limits, uint32_t job, uint32_t step, struct dn_err *err)
{
	return dn_limits_apply_at(&dn_cgroup_files_of_self, limits, job, step, err);
}

unsigned long dn_limits_ooms(bool slurms, uint32_t job, uint32_t step)
{
	return dn_limits_ooms_at(&dn_cgroup_files_of_self, slurms, job, step);
}

void dn_limits_release(uint32_t job, uint32_t step)
{
	dn_limits_release_at(&dn_cgroup_files_of_self, job, step);
}

void dn_limits_sweep(uint32_t job)
{
	dn_limits_sweep_at(&dn_cgroup_files_of_self, job);
}
