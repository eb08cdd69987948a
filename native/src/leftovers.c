#include "dunnage/leftovers.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/loop.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "cgroups.h"
#include "dunnage/kernel.h"

#define OWN_GROUP "dunnage_"
#define TEXT 4096

static void tell(const struct dn_sweep *sweep, const char *what, const char *name)
{
	if (sweep->removed)
		sweep->removed(what, name);
}

static bool young(const struct dn_sweep *sweep, time_t made)
{
	return sweep->since && made >= sweep->since;
}

/* A number at the start of text, with an end as given; false when there is none. */
static bool number(const char *text, const char *ends, uint32_t *value)
{
	unsigned long long n;
	char *end;

	if (!isdigit((unsigned char)*text))
		return false;
	errno = 0;
	n = strtoull(text, &end, 10);
	*value = (uint32_t)n;
	return !errno && n <= UINT32_MAX && (*end ? strchr(ends, *end) != NULL : strchr(ends, '$') != NULL);
}

static bool read_file(const char *path, char text[TEXT], ssize_t *len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0)
		return false;
	*len = read(fd, text, TEXT - 1);
	close(fd);
	if (*len < 0)
		return false;
	text[*len] = 0;
	return true;
}

/* ---- processes */

/* The command lines that we give them; a user may call a program alike, in a job that is over: it goes as well. */
static bool is_ours(pid_t pid)
{
	char path[64], text[TEXT];
	ssize_t len;

	(void)snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)pid);
	if (!read_file(path, text, &len) || len == 0)
		return false;
	if (strstr(text, "/dunnage-slurm-helper"))
		return true;
	for (ssize_t i = 0; i < len; i++)
		if (text[i] == '\0')
			text[i] = ' ';
	return (strstr(text, "squashfuse") || strstr(text, "gocryptfs")) && strstr(text, " /dev/fd/4");
}

static bool job_of(pid_t pid, uint32_t *job)
{
	char path[64], text[TEXT];
	const char *mark;
	ssize_t len;

	(void)snprintf(path, sizeof(path), "/proc/%d/cgroup", (int)pid);
	if (!read_file(path, text, &len))
		return false;
	mark = strstr(text, "/job_");
	return mark && number(mark + strlen("/job_"), "/\n", job);
}

/* Field 22 of stat: ticks from the machine's start to the process's. */
static time_t started(pid_t pid)
{
	char path[64], text[TEXT], *field;
	struct timespec up;
	ssize_t len;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	if (clock_gettime(CLOCK_BOOTTIME, &up) || !read_file(path, text, &len) || !(field = strrchr(text, ')')))
		return time(NULL);
	for (int i = 2; field && i < 22; i++)
		field = strchr(field + 1, ' ');
	return field ? time(NULL) - up.tv_sec + (time_t)(strtoll(field, NULL, 10) / sysconf(_SC_CLK_TCK)) : time(NULL);
}

static void end_process(const struct dn_sweep *sweep, pid_t pid)
{
	int fd = (int)syscall(SYS_pidfd_open, pid, 0); /* the C library knows it from 2.36 on only */
	char name[64];
	uint32_t job;

	if (fd < 0)
		return;
	/* looked at again: the number could be another process's by now */
	if (is_ours(pid) && !young(sweep, started(pid)) && job_of(pid, &job) && !sweep->living(job, sweep->context) &&
	    (sweep->dry_run || syscall(SYS_pidfd_send_signal, fd, SIGKILL, NULL, 0) == 0)) {
		(void)snprintf(name, sizeof(name), "%d of job %" PRIu32, (int)pid, job);
		tell(sweep, "process", name);
	}
	close(fd);
}

void dn_leftovers_processes(const struct dn_sweep *sweep)
{
	DIR *d = opendir("/proc");
	struct dirent *e;
	uint32_t pid;

	if (!d)
		return;
	while ((e = readdir(d)))
		if (number(e->d_name, "$", &pid) && is_ours((pid_t)pid))
			end_process(sweep, (pid_t)pid);
	closedir(d);
}

/* ---- cgroups */

/* One slurmd's group, or our own when no slurmd runs here. */
static void membership_of_slurmd(char path[64])
{
	DIR *d = opendir("/proc");
	char comm[64], text[TEXT];
	struct dirent *e;
	uint32_t pid;
	ssize_t len;

	(void)snprintf(path, 64, "/proc/self/cgroup");
	if (!d)
		return;
	while ((e = readdir(d))) {
		if (!number(e->d_name, "$", &pid))
			continue;
		(void)snprintf(comm, sizeof(comm), "/proc/%" PRIu32 "/comm", pid);
		if (read_file(comm, text, &len) && strcmp(text, "slurmd\n") == 0)
			(void)snprintf(path, 64, "/proc/%" PRIu32 "/cgroup", pid);
	}
	closedir(d);
}

static void sweep_groups(const struct dn_sweep *sweep, const struct dn_cgroup *group)
{
	char dir[2 * PATH_MAX], name[3 * PATH_MAX];
	struct dirent *e;
	uint32_t job;
	DIR *d;

	(void)snprintf(dir, sizeof(dir), "%s%s", group->mount, group->path);
	d = opendir(dir);
	if (!d)
		return;
	while ((e = readdir(d))) {
		if (strncmp(e->d_name, OWN_GROUP, strlen(OWN_GROUP)) != 0 || !number(e->d_name + strlen(OWN_GROUP), ".", &job) ||
		    sweep->living(job, sweep->context))
			continue;
		if (sweep->dry_run || unlinkat(dirfd(d), e->d_name, AT_REMOVEDIR) == 0) {
			(void)snprintf(name, sizeof(name), "%s/%s", dir, e->d_name);
			tell(sweep, "cgroup", name);
		}
	}
	closedir(d);
}

void dn_leftovers_cgroups(const struct dn_sweep *sweep)
{
	static const char *const controllers[] = { "pids", "memory" };
	char membership[64];
	const struct dn_cgroup_files files = { dn_cgroup_files_of_self.mountinfo, membership };
	struct dn_cgroup group;
	struct dn_err ignored;

	membership_of_slurmd(membership);
	for (size_t i = 0; i < sizeof(controllers) / sizeof(controllers[0]); i++)
		if (dn_cgroup_find(&files, controllers[i], &group, &ignored) == 0 && !group.v2)
			sweep_groups(sweep, &group);
}

/* ---- files */

void dn_leftovers_records(const struct dn_sweep *sweep, const char *directory)
{
	int at = open(directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	char name[PATH_MAX];
	struct dirent *e;
	struct stat st;
	uint32_t job;
	DIR *d;

	if (at < 0)
		return;
	/* not root's alone: not ours */
	if (fstat(at, &st) || st.st_uid != geteuid() || (st.st_mode & 077) || !(d = fdopendir(at))) {
		close(at);
		return;
	}
	while ((e = readdir(d))) {
		/* JOB, or JOB@NAME for a container with a name */
		if (!number(e->d_name, "$@", &job) || sweep->living(job, sweep->context) ||
		    fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) || young(sweep, st.st_mtime))
			continue;
		if (sweep->dry_run || unlinkat(dirfd(d), e->d_name, 0) == 0) {
			(void)snprintf(name, sizeof(name), "%s/%s", directory, e->d_name);
			tell(sweep, "record", name);
		}
	}
	closedir(d);
}

/* ---- loop devices */

static bool beneath(const char *path, const char *directory)
{
	size_t len = strlen(directory);

	return strncmp(path, directory, len) == 0 && path[len] == '/';
}

/* False also when something has it mounted or open: mounts hold the device, and we want it for ourselves alone. */
static bool release_loop(const struct dn_sweep *sweep, const char *device)
{
	int fd = open(device, O_RDONLY | O_CLOEXEC | O_EXCL);
	bool done;

	if (fd < 0)
		return false;
	done = sweep->dry_run || ioctl(fd, LOOP_CLR_FD, 0) == 0;
	close(fd);
	return done;
}

void dn_leftovers_loops(const struct dn_sweep *sweep, const char *store)
{
	char path[sizeof("/sys/block//loop/backing_file") + 256], device[300], text[TEXT];
	DIR *d = opendir("/sys/block");
	struct dirent *e;
	ssize_t len;

	if (!d)
		return;
	while ((e = readdir(d))) {
		if (strncmp(e->d_name, "loop", 4) != 0)
			continue;
		(void)snprintf(path, sizeof(path), "/sys/block/%s/loop/backing_file", e->d_name);
		(void)snprintf(device, sizeof(device), "/dev/%s", e->d_name);
		if (!read_file(path, text, &len))
			continue;
		text[strcspn(text, "\n")] = 0;
		if (beneath(text, store) && release_loop(sweep, device))
			tell(sweep, "loop device", device);
	}
	closedir(d);
}

/* ---- socket */

void dn_leftovers_socket(const struct dn_sweep *sweep, const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	struct stat st;
	int sock;

	if (strlen(path) >= sizeof(addr.sun_path) || lstat(path, &st) || !S_ISSOCK(st.st_mode))
		return;
	memcpy(addr.sun_path, path, strlen(path) + 1);
	sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (sock < 0)
		return;
	if (connect(sock, (struct sockaddr *)&addr, sizeof(addr)) && errno == ECONNREFUSED && (sweep->dry_run || unlink(path) == 0))
		tell(sweep, "socket", path);
	close(sock);
}
