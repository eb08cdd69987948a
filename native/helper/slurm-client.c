/* Stands for a Slurm command (its own name says which) inside a container: has the host's command run by the helper of the
 * step, with this process's arguments, environment, working directory, terminal and standard descriptors, passes signals on,
 * and ends as the command ends. */
#include <stddef.h> /* size_t, which the signals of older kernels' headers want */

#include <asm/ioctls.h>
#include <asm/signal.h>
#include <linux/fcntl.h>
#include <linux/poll.h>
#include <linux/resource.h>
#include <linux/signalfd.h>
#include <linux/uio.h>
#include <linux/un.h>

#include "nolibc.h"
#include "slurm-talk.h"

#define SOCKET_PATH "/.dunnage/slurm.sock"
#define SOCK_STREAM 1
#define SOCK_CLOEXEC 02000000
#define SOL_SOCKET 1
#define SCM_RIGHTS 1
#define MSG_NOSIGNAL 0x4000
#define STATUS_OF_FAILURE 1
#define BIT(sig) (1ULL << ((sig)-1))

struct message_head {
	void *name;
	uint32_t name_len;
	struct iovec *iov;
	size_t iov_len;
	void *control;
	size_t control_len;
	uint32_t flags;
};

struct control {
	size_t len;
	int32_t level, type;
	int32_t fds[SLURM_TALK_FDS];
};

struct kernel_action {
	void (*handler)(int);
	unsigned long flags;
	void (*restorer)(void);
	uint64_t mask;
};

static const char *own_name = "dunnage-slurm";

/* gcc makes calls of these two by itself. */
void *memset(void *to, int byte, size_t n);
void *memcpy(void *restrict to, const void *restrict from, size_t n);

void *memset(void *to, int byte, size_t n)
{
	volatile char *p = to;

	while (n--)
		*p++ = (char)byte;
	return to;
}

void *memcpy(void *restrict to, const void *restrict from, size_t n)
{
	volatile char *p = to;
	const char *q = from;

	while (n--)
		*p++ = *q++;
	return to;
}

/* One write, since others may write to the same place. */
static void __attribute__((noreturn)) fail(const char *what)
{
	static char line[1400];
	const char *const parts[] = { "dunnage: ", own_name, ": ", what, "\n" };
	size_t len = 0;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		size_t more = text_length(parts[i]);

		if (more > sizeof(line) - 1 - len)
			more = sizeof(line) - 1 - len;
		memcpy(line + len, parts[i], more);
		len += more;
	}
	write_all(2, line, len);
	end(STATUS_OF_FAILURE);
}

static const char *last_part(const char *path)
{
	const char *name = path;

	for (; *path; path++)
		if (*path == '/' && path[1])
			name = path + 1;
	return name;
}

/* ---- what is sent */

static int connect_helper(void)
{
	struct sockaddr_un to = { .sun_family = 1, .sun_path = SOCKET_PATH };
	long fd = CALL3(__NR_socket, 1, SOCK_STREAM | SOCK_CLOEXEC, 0), rc;

	if (fd < 0)
		fail("cannot make a socket");
	do
		rc = CALL3(__NR_connect, fd, &to, sizeof(to));
	while (rc == NO_EINTR);
	if (rc < 0)
		fail("this container offers no Slurm commands any more: the step's helper on the node has ended; start a new "
		     "step");
	return (int)fd;
}

static int is_open(int fd)
{
	return CALL2(__NR_fcntl, fd, F_GETFD) >= 0;
}

static int open_null(void)
{
	long fd = CALL4(__NR_openat, AT_FDCWD, "/dev/null", O_RDWR | O_CLOEXEC, 0);

	if (fd < 0)
		fail("a standard descriptor is closed and the container has no /dev/null to put in its place");
	return (int)fd;
}

/* The command is in no job of this terminal's shell, so nothing would stop it from reading what the shell should read. */
static int in_background(void)
{
	int32_t front = 0;
	char settings[64];

	return CALL3(__NR_ioctl, 0, TCGETS, settings) >= 0 && CALL3(__NR_ioctl, 0, TIOCGPGRP, &front) >= 0 &&
	       front != (int32_t)CALL1(__NR_getpgid, 0);
}

static void choose_descriptors(int32_t fds[SLURM_TALK_FDS])
{
	int fd;

	for (fd = 0; fd < 3; fd++)
		fds[fd] = is_open(fd) && !(fd == 0 && in_background()) ? fd : open_null();
	fds[3] = (int32_t)CALL4(__NR_openat, AT_FDCWD, ".", O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
	if (fds[3] < 0)
		fail("cannot open the working directory");
}

static uint64_t ignored_signals(void)
{
	struct kernel_action now;
	uint64_t ignored = 0;
	int sig;

	for (sig = 1; sig <= 31; sig++)
		if (CALL4(__NR_rt_sigaction, sig, 0, &now, 8) >= 0 && now.handler == SIG_IGN)
			ignored |= BIT(sig);
	return ignored;
}

static void describe(struct slurm_request *req)
{
	int i;

	req->magic = SLURM_TALK_MAGIC;
	req->ignored = ignored_signals();
	req->mask = (uint32_t)CALL1(__NR_umask, 077);
	CALL1(__NR_umask, req->mask);
	for (i = 0; i < SLURM_TALK_LIMITS; i++)
		if (CALL4(__NR_prlimit64, 0, i, 0, &req->limits[i]) < 0)
			req->limits[i] = (struct slurm_limit){ ~0ULL, ~0ULL };
}

static void measure(struct slurm_request *req, char **argv, char **env, const char *cwd)
{
	size_t text = text_length(own_name) + 1 + text_length(cwd) + 1;

	for (; argv[1 + req->args]; req->args++)
		text += text_length(argv[1 + req->args]) + 1;
	for (; env[req->vars]; req->vars++)
		text += text_length(env[req->vars]) + 1;
	if (text > SLURM_TALK_MAX)
		fail("arguments and environment are too long");
	req->text = (uint32_t)text;
}

static void send_head(int sock, struct slurm_request *req)
{
	struct control control = { sizeof(control), SOL_SOCKET, SCM_RIGHTS, { 0 } };
	struct iovec iov = { req, sizeof(*req) };
	struct message_head head = { .iov = &iov, .iov_len = 1, .control = &control, .control_len = sizeof(control) };

	choose_descriptors(control.fds);
	if (CALL3(__NR_sendmsg, sock, &head, MSG_NOSIGNAL) != (long)sizeof(*req))
		fail("the step's helper for Slurm commands does not take the request; see the limit on open files (ulimit -n)");
}

static void send_text(int sock, const char *text)
{
	if (write_all(sock, text, text_length(text) + 1) < 0)
		fail("the step's helper for Slurm commands ended in the middle of a request");
}

static void send_request(int sock, char **argv, char **env)
{
	static char cwd[4096];
	struct slurm_request req = { 0 };
	long len = CALL2(__NR_getcwd, cwd, sizeof(cwd));

	if (len < 0 || cwd[0] != '/')
		fail("cannot tell the working directory; change to one that exists");
	describe(&req);
	measure(&req, argv, env, cwd);
	send_head(sock, &req);
	send_text(sock, own_name);
	for (argv++; *argv; argv++)
		send_text(sock, *argv);
	for (; *env; env++)
		send_text(sock, *env);
	send_text(sock, cwd);
}

/* ---- while the command runs */

/* All that can be held back, so that they come as data; those that are ignored never come. */
static int watch_signals(void)
{
	uint64_t held = ~(BIT(SIGSEGV) | BIT(SIGBUS) | BIT(SIGILL) | BIT(SIGFPE));
	uint64_t passed = held & ~(BIT(SIGCHLD) | BIT(SIGPIPE));
	long fd;

	CALL4(__NR_rt_sigprocmask, SIG_BLOCK, &held, 0, 8);
	fd = CALL4(__NR_signalfd4, -1, &passed, 8, O_CLOEXEC);
	if (fd < 0)
		fail("cannot watch for signals");
	return (int)fd;
}

/* The kernel would not stop the command by the terminal's signals: it is in no job of this terminal. */
static uint32_t for_command(uint32_t sig)
{
	return sig == SIGTSTP || sig == SIGTTIN || sig == SIGTTOU ? SIGSTOP : sig;
}

static void pass_signal(int sock, int signals)
{
	struct slurm_message m = { SLURM_SIGNAL, 0 };
	struct signalfd_siginfo info;

	if (CALL3(__NR_read, signals, &info, sizeof(info)) != (long)sizeof(info))
		return;
	m.value = for_command(info.ssi_signo);
	/* When it cannot be sent the helper is gone, which the socket tells. */
	write_all(sock, &m, sizeof(m));
	if (m.value == SIGSTOP)
		CALL2(__NR_kill, CALL0(__NR_getpid), SIGSTOP);
}

static int read_all(int fd, void *data, size_t len)
{
	char *p = data;

	while (len) {
		long n = CALL3(__NR_read, fd, p, len);

		if (n == NO_EINTR)
			continue;
		if (n <= 0)
			return 0;
		p += n;
		len -= (size_t)n;
	}
	return 1;
}

static void __attribute__((noreturn)) die_by(uint32_t sig)
{
	struct kernel_action def = { 0 };
	struct slurm_limit no_core = { 0, 0 };
	uint64_t none = 0;

	CALL4(__NR_prlimit64, 0, RLIMIT_CORE, &no_core, 0);
	CALL4(__NR_rt_sigaction, sig, &def, 0, 8);
	CALL4(__NR_rt_sigprocmask, SIG_SETMASK, &none, 0, 8);
	CALL2(__NR_kill, CALL0(__NR_getpid), sig);
	end(128 + (int)sig);
}

static void __attribute__((noreturn)) tell_failure(int sock, uint32_t len)
{
	static char text[1024];

	if (len >= sizeof(text) || !read_all(sock, text, len))
		fail("the step's helper for Slurm commands ended without a reason");
	fail(text);
}

static void __attribute__((noreturn)) end_as_command(int sock)
{
	struct slurm_message m;

	if (!read_all(sock, &m, sizeof(m)))
		fail("the step's helper for Slurm commands was ended while the command ran; the command was ended too");
	if (m.word == SLURM_FAILED)
		tell_failure(sock, m.value);
	if (m.word == SLURM_KILLED)
		die_by(m.value);
	end((int)m.value);
}

static void __attribute__((noreturn)) wait_for_end(int sock, int signals)
{
	for (;;) {
		struct pollfd on[2] = { { sock, POLLIN, 0 }, { signals, POLLIN, 0 } };
		long n = CALL5(__NR_ppoll, on, 2, 0, 0, 8);

		if (n < 0 && n != NO_EINTR)
			fail("cannot wait for the command");
		if (n > 0 && on[1].revents)
			pass_signal(sock, signals);
		if (n > 0 && on[0].revents)
			end_as_command(sock);
	}
}

static int equal(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return *a == *b;
}

/* Slurm, from 23.02 on, starts prologs of tasks as LAUNCHER MODE SCRIPT ARGUMENT... in a process group of their own. */
static void __attribute__((noreturn)) start_script(char **argv, char **env)
{
	CALL3(__NR_close_range, 3, ~0U, 0);
	CALL2(__NR_setpgid, 0, 0);
	CALL3(__NR_execve, argv[2], argv + 3, env);
	end(127);
}

void start_c(char **stack)
{
	char **argv = stack + 1, **env = argv + (long)stack[0] + 1;
	int sock, signals;

	if (argv[0])
		own_name = last_part(argv[0]);
	if ((long)stack[0] > 3 && equal(own_name, "dunnage-slurm") && equal(argv[1], "slurm_script_launcher"))
		start_script(argv, env);
	signals = watch_signals();
	sock = connect_helper();
	send_request(sock, argv, env);
	wait_for_end(sock, signals);
}
