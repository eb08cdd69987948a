#include "program.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "dunnage/ask.h"
#include "dunnage/kernel.h"

#define MODEST_FILES 4096

/* What went wrong in the child; small enough for one atomic write to the pipe. */
struct report {
	int errnum;
	char step[40];
};

long long dn_now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int dn_left_ms(long long deadline_ms)
{
	long long left = deadline_ms - dn_now_ms();

	return left < 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left;
}

static void give_up(int report_fd, const char *step)
{
	struct report r = { .errnum = errno };

	strncpy(r.step, step, sizeof(r.step) - 1);
	if (write(report_fd, &r, sizeof(r)) < 0)
		_exit(126);
	_exit(127);
}

static void default_signals(void)
{
	struct sigaction def = { .sa_handler = SIG_DFL };
	sigset_t none;
	int sig;

	for (sig = 1; sig < NSIG; sig++)
		(void)sigaction(sig, &def, NULL); /* fails for SIGKILL, SIGSTOP and libc's own */
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

static void ignore_step_signals(void)
{
	static const int signals[] = { SIGHUP,	SIGINT,	 SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM, SIGTERM,
				       SIGURG,	SIGXCPU, SIGTSTP, SIGTTIN, SIGTTOU, SIGPWR, SIGWINCH };
	struct sigaction ign = { .sa_handler = SIG_IGN };
	size_t i;

	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		(void)sigaction(signals[i], &ign, NULL);
}

/* fds[i] becomes i, the report's descriptor the one behind them. */
static int place_fds(const struct dn_program *p, int report_fd)
{
	int high[DN_PROGRAM_FDS + 1], n = (int)p->nfds, i;

	for (i = 0; i <= n; i++) {
		high[i] = fcntl(i < n ? p->fds[i] : report_fd, F_DUPFD, DN_PROGRAM_FDS + 8);
		if (high[i] < 0)
			give_up(report_fd, "copying descriptors");
	}
	for (i = 0; i <= n; i++)
		if (dup2(high[i], i) < 0)
			give_up(high[n], "placing descriptors");
	if (fcntl(n, F_SETFD, FD_CLOEXEC) || syscall(SYS_close_range, n + 1, ~0u, 0))
		give_up(n, "closing descriptors");
	return n;
}

static void drop_bounding_set(int report_fd)
{
	unsigned long cap;

	for (cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
		if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0))
			give_up(report_fd, "dropping capabilities");
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0))
		give_up(report_fd, "dropping ambient capabilities");
}

static void drop_privileges(int report_fd)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3];

	memset(none, 0, sizeof(none));
	if (syscall(SYS_capset, &head, none))
		give_up(report_fd, "dropping capabilities");
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		give_up(report_fd, "setting no_new_privs");
}

static void become(const struct dn_program *p, int report_fd)
{
	if (setgroups(p->ngroups, p->groups))
		give_up(report_fd, "setting groups");
	if (setresgid(p->gid, p->gid, p->gid))
		give_up(report_fd, "setting the group id");
	if (setresuid(p->uid, p->uid, p->uid))
		give_up(report_fd, "setting the user id");
}

static void tidy_up(int report_fd)
{
	struct rlimit core = { 0, 0 }, files;

	(void)umask(077);
	if (chdir("/"))
		give_up(report_fd, "changing to /");
	if (getrlimit(RLIMIT_NOFILE, &files))
		give_up(report_fd, "reading limits");
	if (files.rlim_max > MODEST_FILES)
		files.rlim_max = MODEST_FILES;
	files.rlim_cur = files.rlim_max;
	if (setrlimit(RLIMIT_CORE, &core) || setrlimit(RLIMIT_NOFILE, &files))
		give_up(report_fd, "setting limits");
}

static void run(const struct dn_program *p, int report_fd, pid_t parent)
{
	for (size_t i = 0; i < p->ncgroups; i++)
		if (write(p->cgroups[i], "0", 1) != 1)
			continue; /* the group's own end has begun */
	default_signals();
	if (p->deaf)
		ignore_step_signals();
	report_fd = place_fds(p, report_fd);
	if (p->tidy)
		tidy_up(report_fd);
	if (p->change_ids || p->no_rights)
		drop_bounding_set(report_fd);
	if (p->change_ids)
		become(p, report_fd);
	if (p->change_ids || p->no_rights)
		drop_privileges(report_fd);
	/* After the change of ids, which clears it. */
	if (p->die_with_parent) {
		if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0))
			give_up(report_fd, "tying the process to its parent");
		if (getppid() != parent)
			_exit(127);
	}
	execve(p->path, p->argv, p->env);
	give_up(report_fd, "exec");
}

/* In the first child: the program becomes a grandchild, whose parent is gone. */
static void run_detached(const struct dn_program *p, int report_fd)
{
	pid_t pid;

	if (p->same_session ? setpgid(0, 0) < 0 : setsid() < 0)
		give_up(report_fd, "starting a session");
	pid = fork();
	if (pid < 0)
		give_up(report_fd, "forking");
	if (pid == 0)
		run(p, report_fd, 0);
	_exit(0);
}

static int read_report(int fd, const char *path, struct dn_err *err)
{
	struct report r;
	ssize_t n;

	do
		n = read(fd, &r, sizeof(r));
	while (n < 0 && errno == EINTR);
	if (n == 0)
		return 0;
	if (n != (ssize_t)sizeof(r))
		return dn_fail(err, DN_SETUP, "cannot start %s: no report from its process", path);
	r.step[sizeof(r.step) - 1] = 0;
	return dn_fail_errno(err, DN_SETUP, r.errnum, "cannot start %s: %s", path, r.step);
}

static int reap(pid_t pid, int *status)
{
	pid_t got;

	do
		got = waitpid(pid, status, 0);
	while (got < 0 && errno == EINTR);
	return got == pid ? 0 : -1;
}

int dn_program_start(const struct dn_program *p, pid_t *pid, struct dn_err *err)
{
	pid_t parent = getpid();
	int pipe_fds[2], status, rc;

	if (pipe2(pipe_fds, O_CLOEXEC))
		return dn_fail_errno(err, DN_SETUP, errno, "cannot make a pipe");
	*pid = fork();
	if (*pid < 0) {
		close(pipe_fds[0]);
		close(pipe_fds[1]);
		return dn_fail_errno(err, DN_SETUP, errno, "cannot fork for %s", p->path);
	}
	if (*pid == 0) {
		if (p->group)
			(void)setpgid(0, 0);
		if (p->detach)
			run_detached(p, pipe_fds[1]);
		run(p, pipe_fds[1], parent);
	}
	if (p->group)
		(void)setpgid(*pid, *pid); /* whoever comes first; EACCES after the exec is fine */
	close(pipe_fds[1]);
	rc = read_report(pipe_fds[0], p->path, err);
	close(pipe_fds[0]);
	if ((p->detach || rc) && reap(*pid, &status) && !rc)
		rc = dn_fail_errno(err, DN_SETUP, errno, "cannot wait for the start of %s", p->path);
	return rc;
}

int dn_program_end(pid_t pid, bool group, long long deadline_ms, int *status, struct dn_err *err)
{
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);
	struct pollfd ended = { .fd = fd, .events = POLLIN };
	int ready;

	if (fd >= 0) {
		int left;

		do {
			left = dn_left_ms(deadline_ms);
			ready = poll(&ended, 1, left < DN_HEED_MS ? left : DN_HEED_MS);
		} while ((ready < 0 && errno == EINTR) || (ready == 0 && left > DN_HEED_MS && !dn_is_cancelled()));
		close(fd);
	} else {
		ready = 0; /* no descriptor left to wait with: end it now */
	}
	if (ready <= 0)
		(void)kill(pid, SIGKILL);
	if (group)
		(void)kill(-pid, SIGKILL); /* what the leader left behind */
	if (reap(pid, status))
		return dn_fail_errno(err, DN_SETUP, errno, "cannot wait for process %d", (int)pid);
	return 0;
}
