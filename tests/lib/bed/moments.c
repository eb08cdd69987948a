/* Loaded into daemons of the test cluster by LD_PRELOAD: stops a launch at named moments, so that tests can act in between. A process
 * that comes to a moment waits as long as /run/moments/NAME is there, and tells so by a file /run/moments/NAME.reached. The product
 * knows nothing of it.
 *
 *   opened   slurmstepd: the image is open, nobody has been asked     half     launcher: a part of the copy is written
 *   copied   launcher: the copy is complete, without a name           named    launcher: it has a name, nothing is verified
 *   decided  launcher: the verdict is about to be recorded            planned  slurmstepd: the plan is there, nothing is mounted
 *   mounted  slurmstepd: the image is mounted, the container is not   exec     slurmstepd: the program is about to be started */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define PLACE "/run/moments/"
#define HALF (2 << 20)

static void *real(const char *name)
{
	void *found = dlsym(RTLD_NEXT, name);

	if (!found)
		abort();
	return found;
}

static void at(const char *moment)
{
	const struct timespec pause = {.tv_nsec = 10000000};
	char gate[64], mark[80];
	int fd;

	(void)snprintf(gate, sizeof(gate), PLACE "%s", moment);
	if (access(gate, F_OK) != 0)
		return;
	(void)snprintf(mark, sizeof(mark), "%s.reached", gate);
	fd = open(mark, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
	if (fd >= 0)
		close(fd);
	while (access(gate, F_OK) == 0)
		nanosleep(&pause, NULL);
}

static bool is_open_as(int fd, const char *part)
{
	char link[64], name[PATH_MAX];
	ssize_t n;

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, name, sizeof(name) - 1);
	name[n > 0 ? n : 0] = 0;
	return strstr(name, part) != NULL;
}

ssize_t write(int fd, const void *data, size_t size)
{
	struct stat st;

	if (is_open_as(fd, "/.copy-") && fstat(fd, &st) == 0 && st.st_size >= HALF)
		at("half");
	else if (geteuid() != 0 && is_open_as(fd, "/audit.jsonl"))
		at("decided");
	return syscall(SYS_write, fd, data, size);
}

int fsync(int fd)
{
	int (*next)(int) = (int (*)(int))real("fsync");

	if (is_open_as(fd, "/.copy-"))
		at("copied");
	return next(fd);
}

int rename(const char *from, const char *to)
{
	int (*next)(const char *, const char *) = (int (*)(const char *, const char *))real("rename");
	int rc = next(from, to);

	if (rc == 0 && strstr(from, "/.copy-"))
		at("named");
	return rc;
}

int connect(int fd, const struct sockaddr *to, socklen_t size)
{
	int (*next)(int, const struct sockaddr *, socklen_t) = (int (*)(int, const struct sockaddr *, socklen_t))real("connect");

	if (to->sa_family == AF_UNIX && strstr(((const struct sockaddr_un *)to)->sun_path, "agent.sock"))
		at("opened");
	return next(fd, to, size);
}

int unshare(int flags)
{
	int (*next)(int) = (int (*)(int))real("unshare");

	if (flags & CLONE_NEWNS)
		at("mounted");
	return next(flags);
}

int execve(const char *path, char *const argv[], char *const env[])
{
	int (*next)(const char *, char *const[], char *const[]) = (int (*)(const char *, char *const[], char *const[]))real("execve");

	if (getuid() != 0 && strstr(path, "/which-image"))
		at("exec");
	return next(path, argv, env);
}

/* The plugin opens copies of the store by openat2, which has no function of its own in the C library. */
long syscall(long number, ...)
{
	long (*next)(long, ...) = (long (*)(long, ...))real("syscall");
	long a[6];
	va_list list;

	va_start(list, number);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(list, long);
	va_end(list);
	if (number == SYS_openat2 && strstr((const char *)a[1], ".sif"))
		at("planned");
	return next(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}
