/* Runs Slurm's commands on the host side for the containers of one step on one node:
 *
 *     dunnage-slurm-helper DIRECTORY {NAME | /PATH}...     descriptor 3: listening socket, 4: open as long as the step lives
 *
 * Started as the user, without privilege, in the step's cgroups. Each connection gets a process of its own. The names are what
 * the site offers, and DIRECTORY/NAME is all that is ever started, beside full paths (of the site too); but whoever may run srun may run anything, as its user. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "dunnage/kernel.h"
#include "slurm-talk.h"

#define LISTENER 3
#define STEP 4
#define PATIENCE_SECONDS 20 /* for a client that does not send all of its request */
#define GRACE_MS 5000	    /* from SIGTERM to SIGKILL for a command whose client is gone */

/* Variables that steer how programs are loaded: the image's own must not reach the host's program, but what it starts should
 * have them. They travel under this prefix, and the plugin in srun and sbatch gives them their names back. */
#define HELD "DUNNAGE_HELD_"

static const char *const loader_variables[] = { "LD_", "GLIBC_TUNABLES", "GCONV_PATH", "LOCPATH", "NLSPATH", "MALLOC_" };

struct command {
	struct slurm_request head;
	int fds[SLURM_TALK_FDS];
	char *text;
	char **argv, **env; /* argv[0]: the name */
	const char *cwd;
};

/* The process of one connection. */
static int talk_to = -1;

static void __attribute__((noreturn, format(printf, 1, 2))) fail(const char *fmt, ...)
{
	struct slurm_message m = { .word = SLURM_FAILED };
	char text[1000];
	va_list args;
	ssize_t n;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	m.value = (uint32_t)strlen(text);
	n = send(talk_to, &m, sizeof(m), MSG_NOSIGNAL);
	if (n == (ssize_t)sizeof(m))
		n = send(talk_to, text, m.value, MSG_NOSIGNAL);
	_exit(n < 0 ? 1 : 0);
}

/* ---- the request */

static void take_fds(struct msghdr *mh, int fds[SLURM_TALK_FDS])
{
	struct cmsghdr *c = CMSG_FIRSTHDR(mh);

	if (!c || c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS ||
	    c->cmsg_len != CMSG_LEN(SLURM_TALK_FDS * sizeof(int)) || (mh->msg_flags & MSG_CTRUNC))
		fail("the request lacks its descriptors; see the limit on open files (ulimit -n)");
	memcpy(fds, CMSG_DATA(c), SLURM_TALK_FDS * sizeof(int));
}

static void read_head(struct command *cmd)
{
	union {
		char buf[CMSG_SPACE(SLURM_TALK_FDS * sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec iov = { .iov_base = &cmd->head, .iov_len = sizeof(cmd->head) };
	struct msghdr mh = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.buf, .msg_controllen = sizeof(control.buf) };
	ssize_t n = recvmsg(talk_to, &mh, MSG_CMSG_CLOEXEC | MSG_WAITALL);

	if (n != (ssize_t)sizeof(cmd->head) || cmd->head.magic != SLURM_TALK_MAGIC)
		fail("the request is not one of this release; was dunnage reinstalled while the step ran? start a new step");
	take_fds(&mh, cmd->fds);
	if (cmd->head.text > SLURM_TALK_MAX || cmd->head.args > cmd->head.text || cmd->head.vars > cmd->head.text)
		fail("the request is too long");
}

static void read_text(struct command *cmd)
{
	size_t got = 0;

	cmd->text = malloc((size_t)cmd->head.text + 1);
	if (!cmd->text)
		fail("out of memory");
	while (got < cmd->head.text) {
		ssize_t n = recv(talk_to, cmd->text + got, cmd->head.text - got, 0);

		if (n <= 0)
			fail("the request ends early");
		got += (size_t)n;
	}
	cmd->text[got] = 0;
}

/* The next string; the text ends with a NUL more than was sent. */
static char *next(const struct command *cmd, size_t *at)
{
	char *s = cmd->text + *at;

	if (*at >= cmd->head.text)
		fail("the request has fewer strings than it says");
	*at += strlen(s) + 1;
	return s;
}

static bool steers_loader(const char *entry)
{
	for (size_t i = 0; i < sizeof(loader_variables) / sizeof(loader_variables[0]); i++)
		if (strncmp(entry, loader_variables[i], strlen(loader_variables[i])) == 0)
			return true;
	return false;
}

static char *for_host(char *entry)
{
	char *held;

	if (!steers_loader(entry))
		return entry;
	if (asprintf(&held, HELD "%s", entry) < 0)
		fail("out of memory");
	return held;
}

static void split(struct command *cmd)
{
	size_t at = 0;
	uint32_t i;

	cmd->argv = calloc((size_t)cmd->head.args + 2, sizeof(char *));
	cmd->env = calloc((size_t)cmd->head.vars + 1, sizeof(char *));
	if (!cmd->argv || !cmd->env)
		fail("out of memory");
	for (i = 0; i <= cmd->head.args; i++)
		cmd->argv[i] = next(cmd, &at);
	for (i = 0; i < cmd->head.vars; i++)
		cmd->env[i] = for_host(next(cmd, &at));
	cmd->cwd = next(cmd, &at);
}

/* DIRECTORY/NAME of a name that the site offers, or its full path. */
static char *program_of(const struct command *cmd, int argc, char *argv[])
{
	char list[600] = "", *path;

	for (int i = 2; i < argc; i++) {
		const char *slash = strrchr(argv[i], '/');

		if (strcmp(slash ? slash + 1 : argv[i], cmd->argv[0]) == 0) {
			if (asprintf(&path, "%s%s%s", slash ? "" : argv[1], slash ? "" : "/", argv[i]) < 0)
				fail("out of memory");
			return path;
		}
		if (slash)
			continue;
		if (strlen(list) + strlen(argv[i]) + 3 < sizeof(list)) {
			strcat(list, i > 2 ? ", " : "");
			strcat(list, argv[i]);
		}
	}
	fail("'%.80s' is not among the Slurm commands that this site offers inside containers (slurm-commands in dunnage.yaml): %s",
	     cmd->argv[0], list);
}

/* ---- the command's process */

static void __attribute__((noreturn)) give_up(int report)
{
	int errnum = errno;

	if (write(report, &errnum, sizeof(errnum)) < 0)
		_exit(126);
	_exit(127);
}

static void set_signals(uint64_t ignored)
{
	sigset_t none;

	for (int sig = 1; sig <= 31; sig++) {
		struct sigaction act = { .sa_handler = ignored & (1ULL << (sig - 1)) ? SIG_IGN : SIG_DFL };

		(void)sigaction(sig, &act, NULL); /* fails for SIGKILL and SIGSTOP */
	}
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Slurm's commands hand their limits on to the steps and jobs that they start. A hard limit can only come down. */
static void set_limits(const struct slurm_limit limits[SLURM_TALK_LIMITS])
{
	for (int i = 0; i < SLURM_TALK_LIMITS; i++) {
		struct rlimit now, want = { limits[i].soft, limits[i].hard };

		if (getrlimit((__rlimit_resource_t)i, &now))
			continue;
		if (want.rlim_max > now.rlim_max)
			want.rlim_max = now.rlim_max;
		if (want.rlim_cur > want.rlim_max)
			want.rlim_cur = want.rlim_max;
		(void)setrlimit((__rlimit_resource_t)i, &want);
	}
}

/* The client's directory, if the host has it under the same name. */
static bool enter_directory(const struct command *cmd)
{
	struct stat inside, here;

	return fstat(cmd->fds[3], &inside) == 0 && chdir(cmd->cwd) == 0 && stat(".", &here) == 0 &&
	       inside.st_dev == here.st_dev && inside.st_ino == here.st_ino;
}

static const char *value(char *const env[], const char *name)
{
	size_t len = strlen(name);

	for (; *env; env++)
		if (strncmp(*env, name, len) == 0 && (*env)[len] == '=')
			return *env + len + 1;
	return NULL;
}

static void choose_directory(const struct command *cmd)
{
	const char *home = value(cmd->env, "HOME");

	if (enter_directory(cmd))
		return;
	if (!home || home[0] != '/' || chdir(home)) {
		home = "/";
		if (chdir(home))
			home = "an unknown directory";
	}
	dprintf(2, "dunnage: %s: the working directory %s is not the node's, which the command needs: it runs in %s\n",
		cmd->argv[0], cmd->cwd, home);
}

static void __attribute__((noreturn)) become_command(const struct command *cmd, const char *path, int report)
{
	(void)setsid();
	for (int i = 0; i < 3; i++)
		if (dup2(cmd->fds[i], i) < 0)
			give_up(report);
	/* Whoever ends this connection's process means the command too. */
	if (prctl(PR_SET_PDEATHSIG, SIGTERM))
		give_up(report);
	set_signals(cmd->head.ignored);
	choose_directory(cmd);
	(void)umask((mode_t)cmd->head.mask & 0777);
	set_limits(cmd->head.limits);
	execve(path, cmd->argv, cmd->env);
	give_up(report);
}

static pid_t start(const struct command *cmd, const char *path)
{
	int report[2], errnum = 0;
	ssize_t n;
	pid_t pid;

	if (pipe2(report, O_CLOEXEC))
		fail("cannot make a pipe: %s", strerror(errno));
	pid = fork();
	if (pid < 0)
		fail("cannot start a process: %s", strerror(errno));
	if (pid == 0)
		become_command(cmd, path, report[1]);
	close(report[1]);
	do
		n = read(report[0], &errnum, sizeof(errnum));
	while (n < 0 && errno == EINTR);
	close(report[0]);
	if (n != 0)
		fail("%s cannot be started on this node: %s", path, n > 0 ? strerror(errnum) : "no report");
	for (int i = 0; i < SLURM_TALK_FDS; i++)
		close(cmd->fds[i]);
	return pid;
}

/* ---- one connection */

static void tell_end(pid_t pid)
{
	struct slurm_message m = { .word = SLURM_EXITED };
	int status = 0;

	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	m.value = (uint32_t)WEXITSTATUS(status);
	if (WIFSIGNALED(status))
		m = (struct slurm_message){ SLURM_KILLED, (uint32_t)WTERMSIG(status) };
	(void)send(talk_to, &m, sizeof(m), MSG_NOSIGNAL);
	_exit(0);
}

static void end_command(pid_t pid, struct pollfd *ended)
{
	(void)kill(pid, SIGTERM);
	(void)kill(pid, SIGCONT);
	while (poll(ended, 1, GRACE_MS) < 0 && errno == EINTR)
		;
	(void)kill(pid, SIGKILL);
	_exit(0);
}

static void pass_signal(pid_t pid, struct pollfd *ended)
{
	struct slurm_message m;
	ssize_t n = recv(talk_to, &m, sizeof(m), MSG_WAITALL);

	if (n != (ssize_t)sizeof(m))
		end_command(pid, ended);
	if (m.word == SLURM_SIGNAL && m.value >= 1 && m.value <= 64)
		(void)kill(pid, (int)m.value);
}

static void accompany(pid_t pid)
{
	struct pollfd on[2] = { { .fd = (int)syscall(SYS_pidfd_open, pid, 0), .events = POLLIN },
				{ .fd = talk_to, .events = POLLIN } };
	const struct timeval for_ever = { 0 };

	(void)setsockopt(talk_to, SOL_SOCKET, SO_RCVTIMEO, &for_ever, sizeof(for_ever));
	if (on[0].fd < 0)
		end_command(pid, on);
	for (;;) {
		if (poll(on, 2, -1) < 0)
			continue;
		if (on[0].revents)
			tell_end(pid);
		if (on[1].revents)
			pass_signal(pid, on);
	}
}

static void __attribute__((noreturn)) serve(int connection, pid_t helper, int argc, char *argv[])
{
	const struct timeval patience = { .tv_sec = PATIENCE_SECONDS };
	struct command cmd = { 0 };

	talk_to = connection;
	close(LISTENER);
	close(STEP);
	(void)signal(SIGCHLD, SIG_DFL);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != helper)
		_exit(1);
	(void)setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	read_head(&cmd);
	read_text(&cmd);
	split(&cmd);
	accompany(start(&cmd, program_of(&cmd, argc, argv)));
	_exit(1);
}

/* ---- the helper */

static bool same_user(int connection)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	return getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 && peer.uid == getuid();
}

static void admit(int argc, char *argv[])
{
	int connection = accept4(LISTENER, NULL, NULL, SOCK_CLOEXEC);
	pid_t self = getpid();

	if (connection < 0)
		return;
	if (same_user(connection) && fork() == 0)
		serve(connection, self, argc, argv);
	close(connection);
}

int main(int argc, char *argv[])
{
	struct pollfd on[2] = { { .fd = STEP, .events = POLLIN }, { .fd = LISTENER, .events = POLLIN } };

	if (argc < 3 || argv[1][0] != '/') {
		fprintf(stderr, "usage: dunnage-slurm-helper DIRECTORY NAME...\n");
		return 2;
	}
	(void)fcntl(LISTENER, F_SETFD, FD_CLOEXEC);
	(void)fcntl(STEP, F_SETFD, FD_CLOEXEC);
	(void)signal(SIGCHLD, SIG_IGN); /* nobody waits for the connections' processes */
	for (;;) {
		if (poll(on, 2, -1) < 0 && errno != EINTR)
			return 1;
		if (on[0].revents)
			return 0; /* the step has ended */
		if (on[1].revents)
			admit(argc, argv);
	}
}
