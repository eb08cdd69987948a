#include "slurmgate.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "dotdir.h"
#include "dunnage/kernel.h"
#include "mountapi.h"
#include "program.h"
#include "stepcgroups.h"

#define HELPER "/libexec/dunnage/dunnage-slurm-helper"
#define SOCKET_NAME "slurm.sock"
#define BACKLOG 128
#define ADMISSION_MS 60000 /* slurmstepd puts its tasks into their cgroups as soon as all are forked */

/* ---- the directory in the container */

/* A command's name is a link to the client, which looks at its own name. */
static int name_commands(const struct dn_strings *commands, int bin, struct dn_err *err)
{
	size_t i;

	for (i = 0; i < commands->n; i++)
		if (symlinkat("dunnage-slurm", bin, commands->v[i]) && errno != EEXIST)
			return dn_fail_errno(err, DN_SETUP, errno, "cannot offer the command %s in the container",
					     commands->v[i]);
	return 0;
}

static int fill_bin(const struct dn_site *site, const struct dn_strings *commands, int dir, struct dn_err *err)
{
	int bin, rc = -1;

	if (mkdirat(dir, "bin", 0755))
		return dn_fail_errno(err, DN_SETUP, errno, "cannot make the directory of Slurm commands");
	bin = openat(dir, "bin", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (bin < 0)
		return dn_fail_errno(err, DN_SETUP, errno, "cannot open the directory of Slurm commands");
	if (dn_dot_dir_copy(site, DN_SLURM_CLIENT, bin, "dunnage-slurm", 0755, err) == 0)
		rc = name_commands(commands, bin, err);
	close(bin);
	return rc;
}

/* Listening from the start, so that a command that comes before the helper waits for it. */
static int listen_in(int dir, const struct dn_identity *who, int *listener, struct dn_err *err)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return dn_fail_errno(err, DN_SETUP, errno, "cannot make the socket for Slurm commands");
	(void)snprintf(at.sun_path, sizeof(at.sun_path), "/proc/self/fd/%d/" SOCKET_NAME, dir);
	if (bind(fd, (struct sockaddr *)&at, sizeof(at)) || fchmodat(dir, SOCKET_NAME, 0600, 0) ||
	    fchownat(dir, SOCKET_NAME, who->uid, who->gid, AT_SYMLINK_NOFOLLOW) || listen(fd, BACKLOG)) {
		dn_fail_errno(err, DN_SETUP, errno, "cannot prepare the socket for Slurm commands");
		close(fd);
		return -1;
	}
	*listener = fd;
	return 0;
}

/* ---- the helper's start */

/* Descriptors of the step's cgroups; 0 when slurmstepd is gone and there is nothing to start for. */
static int receive_cgroups(int channel, int fds[DN_STEP_CGROUPS_MAX], size_t *n, struct dn_err *err)
{
	union {
		char buf[CMSG_SPACE(DN_STEP_CGROUPS_MAX * sizeof(int))];
		struct cmsghdr align;
	} control;
	char byte;
	struct iovec iov = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr mh = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.buf, .msg_controllen = sizeof(control.buf) };
	struct pollfd on = { .fd = channel, .events = POLLIN };
	struct cmsghdr *c;

	if (poll(&on, 1, ADMISSION_MS) <= 0)
		return dn_fail(err, DN_SETUP, "slurmstepd did not name the step's cgroups");
	if (recvmsg(channel, &mh, MSG_CMSG_CLOEXEC) <= 0)
		return 0;
	c = CMSG_FIRSTHDR(&mh);
	*n = 0;
	if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS) {
		*n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		memcpy(fds, CMSG_DATA(c), *n * sizeof(int));
	}
	if (mh.msg_flags & MSG_CTRUNC)
		return dn_fail(err, DN_SETUP, "the step's cgroups did not arrive whole (descriptor limit too low?)");
	return 1;
}

static int start_helper(const char *path, const struct dn_build *b, int listener, struct dn_err *err)
{
	const struct dn_strings *commands = &b->plan->slurm_commands;
	const struct dn_identity *who = b->who;
	char **argv = calloc(commands->n + 4, sizeof(char *));
	char *const env[] = { "LANG=C.UTF-8", NULL };
	struct dn_program helper = {
		.path = path, .argv = argv, .env = env, .nfds = 5, .change_ids = true, .uid = who->uid, .gid = who->gid,
		.groups = who->groups, .ngroups = who->ngroups, .detach = true, .deaf = true,
	};
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), rc = -1;
	pid_t pid;

	if (!argv || null < 0) {
		dn_fail_errno(err, DN_SETUP, errno, "cannot prepare the start of %s", path);
		goto out;
	}
	argv[0] = "dunnage-slurm-helper";
	argv[1] = (char *)(uintptr_t)b->slurm->bin;
	memcpy(argv + 2, commands->v, commands->n * sizeof(char *));
	argv[2 + commands->n] = (char *)(uintptr_t)b->slurm->task_prolog;
	memcpy(helper.fds, (int[]){ null, null, null, listener, b->slurm->channel }, 5 * sizeof(int));
	rc = dn_program_start(&helper, &pid, err);
out:
	if (null >= 0)
		close(null);
	free(argv);
	return rc;
}

/* slurmd and slurmstepd are kept from the kernel's OOM killer; what serves a user must not be. */
static void be_killable(void)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return;
	if (write(fd, "0", 1) != 1)
		(void)dprintf(STDERR_FILENO, "dunnage: cannot set oom_score_adj: %s\n", strerror(errno));
	close(fd);
}

/* Everything above 2 but the two that are needed. */
static void close_others(int a, int b)
{
	unsigned low = (unsigned)(a < b ? a : b), high = (unsigned)(a < b ? b : a);

	if (low > 3)
		(void)syscall(SYS_close_range, 3u, low - 1, 0u);
	if (high > low + 1)
		(void)syscall(SYS_close_range, low + 1, high - 1, 0u);
	(void)syscall(SYS_close_range, high + 1, ~0u, 0u);
}

/* Root, in a process of its own that ends soon: enters the step's cgroups, where the helper is to live, and starts it. */
static void admit_helper(const char *path, const struct dn_build *b, int listener)
{
	int fds[DN_STEP_CGROUPS_MAX], rc;
	struct dn_err err = { 0 };
	size_t n = 0;

	close_others(listener, b->slurm->channel);
	(void)umask(077);
	be_killable();
	rc = chdir("/") ? dn_fail_errno(&err, DN_SETUP, errno, "cannot change to /") :
			  receive_cgroups(b->slurm->channel, fds, &n, &err);
	if (rc > 0)
		rc = dn_step_cgroups_enter(fds, n, &err);
	else if (rc == 0)
		_exit(0);
	if (rc == 0)
		rc = start_helper(path, b, listener, &err);
	if (rc)
		(void)dprintf(STDERR_FILENO, "dunnage: Slurm's commands cannot be offered inside this container: %s\n", err.msg);
	_exit(rc ? 1 : 0);
}

/* Two forks, so that the rank, which this process becomes, has no child that it does not know. */
static int leave_starter(const struct dn_build *b, int listener, struct dn_err *err)
{
	char *path;
	int status = 0;
	pid_t pid;

	if (asprintf(&path, "%s" HELPER, b->site->prefix) < 0)
		return dn_fail(err, DN_INTERNAL, "out of memory for a path");
	pid = fork();
	if (pid == 0) {
		pid = fork();
		if (pid == 0)
			admit_helper(path, b, listener);
		_exit(pid < 0 ? 1 : 0);
	}
	free(path);
	if (pid < 0)
		return dn_fail_errno(err, DN_SETUP, errno, "cannot fork for the helper of Slurm commands");
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return status == 0 ? 0 : dn_fail(err, DN_SETUP, "cannot fork for the helper of Slurm commands");
}

/* A client in the place of the node's TaskProlog. */
static int stand_in(const struct dn_build *b, struct dn_parts *parts, struct dn_err *err)
{
	char *path;
	struct stat st;
	int fd, rc;

	if (!b->slurm->task_prolog)
		return 0;
	if (asprintf(&path, "%s" DN_SLURM_CLIENT, b->site->prefix) < 0)
		return dn_fail(err, DN_INTERNAL, "out of memory for a path");
	fd = open(path, O_PATH | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st))
		rc = dn_fail_errno(err, DN_SETUP, errno, "cannot open %s; reinstall dunnage on this node", path);
	else
		rc = dn_parts_add(parts, fd, &st, "TaskProlog's stand-in", b->slurm->task_prolog, DN_PART_ALWAYS,
				  DN_ATTR_RDONLY | DN_ATTR_NOSUID | DN_ATTR_NODEV, err);
	if (fd >= 0)
		close(fd);
	free(path);
	return rc;
}

bool dn_slurm_gate_wanted(const struct dn_build *b)
{
	return b->slurm && b->slurm->bin && !b->plan->no_host_programs && (b->plan->slurm_commands.n > 0 || b->slurm->task_prolog);
}

int dn_slurm_gate_fill(const struct dn_build *b, int dir, struct dn_parts *parts, int *listener, struct dn_err *err)
{
	return stand_in(b, parts, err) || fill_bin(b->site, &b->plan->slurm_commands, dir, err) ||
			       listen_in(dir, b->who, listener, err) ?
		       -1 :
		       0;
}

int dn_slurm_gate_start(const struct dn_build *b, int listener, struct dn_err *err)
{
	return leave_starter(b, listener, err);
}

int dn_slurm_gate_admit(int own_end, uint32_t job, pid_t pid, struct dn_err *err)
{
	union {
		char buf[CMSG_SPACE(DN_STEP_CGROUPS_MAX * sizeof(int))];
		struct cmsghdr align;
	} control = { 0 };
	char byte = 0;
	struct iovec iov = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr mh = { .msg_iov = &iov, .msg_iovlen = 1 };
	int fds[DN_STEP_CGROUPS_MAX], rc = 0;
	size_t n;

	if (dn_step_cgroups_open(pid, job, fds, &n, err))
		return -1;
	if (n > 0) {
		struct cmsghdr *c = &control.align;

		mh.msg_control = control.buf;
		mh.msg_controllen = CMSG_SPACE(n * sizeof(int));
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(n * sizeof(int));
		memcpy(CMSG_DATA(c), fds, n * sizeof(int));
	}
	if (sendmsg(own_end, &mh, MSG_NOSIGNAL | MSG_DONTWAIT) != 1)
		rc = dn_fail_errno(err, DN_SETUP, errno, "cannot tell the step's cgroups");
	while (n)
		close(fds[--n]);
	return rc;
}
