#include "share.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "dunnage/kernel.h"
#include "program.h"

#define MAGIC 0x444e4b31u /* "DNK1" */
#define MOST_FDS 7
#define BACKLOG 4096
#define WISH 'J' /* what a rank sends that wants to join */
#define WISH_MS 1000
#define REFUSAL_MS 300	 /* how long a refusal is repeated to ranks that come late */
#define LAUNCHER_MS 10000 /* the same while their launcher starts more of them */

struct message {
	uint32_t magic;
	uint32_t code; /* 0: ready, else the refusal's */
	uint32_t there; /* bit set: which descriptors follow */
};

int dn_share_memory(const void *data, size_t len)
{
	int fd = memfd_create("dunnage-shared", MFD_CLOEXEC | MFD_ALLOW_SEALING), errnum;

	if (fd >= 0 && write(fd, data, len) == (ssize_t)len &&
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) == 0)
		return fd;
	errnum = errno;
	if (fd >= 0)
		close(fd);
	errno = errnum;
	return -1;
}

int dn_share_read(int fd, char **data, size_t *len, struct dn_err *err)
{
	struct stat st;

	if (fstat(fd, &st) || st.st_size > 1 << 24)
		return dn_fail(err, DN_INTERNAL, "what the ranks share is malformed");
	*len = (size_t)st.st_size;
	*data = malloc(*len + 1);
	if (!*data)
		return dn_fail(err, DN_INTERNAL, "out of memory");
	if (pread(fd, *data, *len, 0) != (ssize_t)*len) {
		free(*data);
		return dn_fail_errno(err, DN_INTERNAL, errno, "cannot read what the ranks share");
	}
	(*data)[*len] = 0;
	return 0;
}

static socklen_t name_of(const char *key, struct sockaddr_un *addr)
{
	*addr = (struct sockaddr_un){ .sun_family = AF_UNIX };
	(void)snprintf(addr->sun_path + 1, sizeof(addr->sun_path) - 1, "dunnage/%u/%s", getuid(), key);
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(addr->sun_path + 1));
}

static int new_socket(struct dn_err *err)
{
	int sock = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	if (sock < 0)
		dn_fail_errno(err, DN_INTERNAL, errno, "cannot make a socket");
	return sock;
}

/* 1: ours, 0: another one has it. */
static int try_listen(const char *key, int *listener, struct dn_err *err)
{
	struct sockaddr_un addr;
	socklen_t len = name_of(key, &addr);
	int sock = new_socket(err), rc = 0;

	if (sock < 0)
		return -1;
	if (bind(sock, (struct sockaddr *)&addr, len) == 0 && listen(sock, BACKLOG) == 0) {
		*listener = sock;
		return 1;
	}
	if (errno != EADDRINUSE)
		rc = dn_fail_errno(err, DN_SETUP, errno, "cannot listen for the other ranks");
	close(sock);
	return rc;
}

static int check_peer(int sock, struct dn_err *err)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	if (getsockopt(sock, SOL_SOCKET, SO_PEERCRED, &peer, &len))
		return dn_fail_errno(err, DN_SETUP, errno, "cannot tell who answers for the other ranks");
	if (peer.uid != geteuid())
		return dn_fail(err, DN_SETUP,
			       "a process of uid %u (%d) holds the meeting place of this job's ranks; tell the administrators",
			       peer.uid, (int)peer.pid);
	return 0;
}

static void take_fds(struct msghdr *mh, uint32_t there, struct dn_shared *got)
{
	int *const slots[MOST_FDS] = { &got->user_ns,    &got->spaces.mnt, &got->spaces.net, &got->plan,
				       &got->changes, &got->spaces.ipc, &got->spaces.uts };
	struct cmsghdr *c = CMSG_FIRSTHDR(mh);
	size_t n = c ? (c->cmsg_len - CMSG_LEN(0)) / sizeof(int) : 0, i, at = 0;

	for (i = 0; i < MOST_FDS; i++)
		if ((there >> i & 1) && at < n)
			memcpy(slots[i], CMSG_DATA(c) + at++ * sizeof(int), sizeof(int));
}

/* 1: an answer; 0: the other side is gone. */
static int receive(int sock, long long deadline, struct dn_shared *got, uint32_t *code, struct dn_err *err)
{
	union {
		char bytes[CMSG_SPACE(MOST_FDS * sizeof(int))];
		struct cmsghdr align;
	} control;
	struct message m;
	struct iovec iov = { .iov_base = &m, .iov_len = sizeof(m) };
	struct msghdr mh = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.bytes,
			     .msg_controllen = sizeof(control.bytes) };
	struct pollfd p = { .fd = sock, .events = POLLIN };
	ssize_t n;

	do
		n = poll(&p, 1, dn_left_ms(deadline));
	while (n < 0 && errno == EINTR);
	if (n == 0)
		return dn_fail(err, DN_SETUP, "the container was not ready in time; is the first rank of this node stopped?");
	n = recvmsg(sock, &mh, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	if (n <= 0)
		return 0;
	take_fds(&mh, m.there, got);
	if (n != (ssize_t)sizeof(m) || m.magic != MAGIC || (mh.msg_flags & MSG_CTRUNC) ||
	    (!m.code && (got->spaces.mnt < 0 || got->plan < 0)))
		return dn_fail(err, DN_INTERNAL, "the first rank's message is malformed (descriptor limit too low?)");
	*code = m.code;
	return 1;
}

static int try_join(const char *key, long long deadline, struct dn_shared *got, uint32_t *code, struct dn_err *err)
{
	struct sockaddr_un addr;
	socklen_t len = name_of(key, &addr);
	int sock = new_socket(err), rc = -1;
	struct timeval limit = { .tv_sec = 1 };
	const char wish = WISH;

	if (sock < 0)
		return -1;
	(void)setsockopt(sock, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	if (connect(sock, (struct sockaddr *)&addr, len))
		rc = errno == ECONNREFUSED || errno == EAGAIN || errno == EINTR ?
			     0 :
			     dn_fail_errno(err, DN_SETUP, errno, "cannot reach the first rank");
	else if (check_peer(sock, err) == 0)
		rc = send(sock, &wish, 1, MSG_NOSIGNAL) == 1 ? receive(sock, deadline, got, code, err) : 0;
	close(sock);
	return rc;
}

int dn_share_enter(const char *key, unsigned timeout, enum dn_share_turn *turn, int *listener, struct dn_shared *got,
		   uint32_t *code, struct dn_err *err)
{
	long long deadline = dn_now_ms() + 1000LL * timeout;

	*got = (struct dn_shared)DN_SHARED_NONE;
	*listener = -1;
	while (dn_left_ms(deadline) > 0) {
		int rc = try_listen(key, listener, err);

		if (rc < 0)
			return -1;
		*turn = DN_SHARE_BUILD;
		if (rc)
			return 0;
		rc = try_join(key, deadline, got, code, err);
		if (rc < 0)
			return -1;
		*turn = *code ? DN_SHARE_REFUSED : DN_SHARE_JOIN;
		if (rc)
			return 0;
		(void)usleep(1000); /* whoever held the place has just ended */
	}
	return dn_fail(err, DN_SETUP, "the container was not ready after %u seconds; is the first rank of this node stopped?",
		       timeout);
}

int dn_share_join(const char *key, unsigned timeout, struct dn_shared *got, struct dn_err *err)
{
	uint32_t code = 0;
	int rc;

	*got = (struct dn_shared)DN_SHARED_NONE;
	rc = try_join(key, dn_now_ms() + 1000LL * timeout, got, &code, err);
	return rc == 1 && !code ? 0 : rc < 0 ? -1 : dn_fail(err, DN_REQUEST, "it does not run");
}

pid_t dn_share_holder(const char *key)
{
	struct sockaddr_un addr;
	socklen_t len = name_of(key, &addr), size = sizeof(struct ucred);
	struct ucred peer = { 0 };
	struct dn_err err;
	int sock = new_socket(&err);

	if (sock < 0)
		return 0;
	if (connect(sock, (struct sockaddr *)&addr, len) || getsockopt(sock, SOL_SOCKET, SO_PEERCRED, &peer, &size) ||
	    peer.uid != geteuid())
		peer.pid = 0;
	close(sock);
	return peer.pid;
}

static int answer(int sock, uint32_t code, const struct dn_shared *s)
{
	const int fds[MOST_FDS] = { s->user_ns, s->spaces.mnt, s->spaces.net, s->plan, s->changes, s->spaces.ipc, s->spaces.uts };
	union {
		char bytes[CMSG_SPACE(MOST_FDS * sizeof(int))];
		struct cmsghdr align;
	} control = { 0 };
	struct message m = { MAGIC, code, 0 };
	struct iovec iov = { .iov_base = &m, .iov_len = sizeof(m) };
	struct msghdr mh = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.bytes };
	struct cmsghdr *c = &control.align;
	size_t i, n = 0;

	for (i = 0; i < MOST_FDS; i++) {
		if (fds[i] < 0)
			continue;
		m.there |= 1u << i;
		memcpy(CMSG_DATA(c) + n++ * sizeof(int), &fds[i], sizeof(int));
	}
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(n * sizeof(int));
	mh.msg_controllen = n ? CMSG_SPACE(n * sizeof(int)) : 0;
	if (!n)
		mh.msg_control = NULL;
	return sendmsg(sock, &mh, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)sizeof(m) ? 0 : -1;
}

/* Descriptor of the process that asks, when it is this user's. */
static int peer_process(int sock)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	if (getsockopt(sock, SOL_SOCKET, SO_PEERCRED, &peer, &len) || peer.uid != geteuid())
		return -1;
	return (int)syscall(SYS_pidfd_open, peer.pid, 0);
}

/* The ranks that run, and behind them the listener. */
struct watch {
	struct pollfd *v;
	size_t n;
};

static int add_rank(struct watch *w, int pidfd)
{
	struct pollfd *v = realloc(w->v, (w->n + 2) * sizeof(*v));

	if (!v)
		return -1;
	w->v = v;
	v[w->n + 1] = v[w->n];
	v[w->n++] = (struct pollfd){ .fd = pidfd, .events = POLLIN };
	return 0;
}

/* Who only looks whether somebody is there closes without a word. */
static bool wants_to_join(int sock)
{
	struct pollfd p = { .fd = sock, .events = POLLIN };
	char wish = 0;

	return poll(&p, 1, WISH_MS) > 0 && recv(sock, &wish, 1, MSG_DONTWAIT) == 1 && wish == WISH;
}

static void serve_one(struct watch *w, const struct dn_shared *shared)
{
	int sock = accept4(w->v[w->n].fd, NULL, NULL, SOCK_CLOEXEC), process;

	if (sock < 0)
		return;
	process = wants_to_join(sock) ? peer_process(sock) : -1;
	/* Counted before it is answered: from then on it may be the only one. */
	if (process >= 0 && (add_rank(w, process) || answer(sock, 0, shared)))
		(void)shutdown(sock, SHUT_RDWR);
	close(sock);
}

/* For how long a container without ranks is kept, and the process with which that ends; -1: not at all. */
struct idle {
	int seconds, parent;
};

/* False when the server of the image has gone: a name that nobody has looked up yet must be asked for. */
static bool image_is_served(void)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "/.dunnage-%llx", (unsigned long long)dn_now_ms());
	return access(path, F_OK) == 0 || errno == ENOENT;
}

/* True when another rank has come. */
static bool another_came(struct watch *w, const struct dn_shared *shared, const struct idle *idle)
{
	long long deadline = dn_now_ms() + 1000LL * idle->seconds;
	struct pollfd p[] = { w->v[0], { .fd = idle->parent, .events = POLLIN } };

	while (!w->n && idle->parent >= 0) {
		int n = poll(p, 2, dn_left_ms(deadline));

		if (n == 0 || (n < 0 && errno != EINTR) || (n > 0 && p[1].revents) || !image_is_served())
			return false;
		if (n > 0 && p[0].revents)
			serve_one(w, shared);
	}
	return w->n > 0;
}

static void keep(int listener, int builder, const struct dn_shared *shared, const struct idle *idle)
{
	struct watch w = { calloc(1, sizeof(struct pollfd)), 0 };
	size_t i;

	if (!w.v)
		return;
	w.v[0] = (struct pollfd){ .fd = listener, .events = POLLIN };
	if (add_rank(&w, builder))
		goto out;
	while (w.n || another_came(&w, shared, idle)) {
		if (poll(w.v, w.n + 1, -1) < 0 && errno != EINTR)
			break;
		for (i = w.n; i-- > 0;) {
			if (!w.v[i].revents)
				continue;
			close(w.v[i].fd);
			memmove(&w.v[i], &w.v[i + 1], (w.n - i) * sizeof(*w.v));
			w.n--;
		}
		if (w.n && w.v[w.n].revents) {
			if (idle->seconds && !image_is_served())
				break;
			serve_one(&w, shared);
		}
	}
out:
	free(w.v);
}

/* Nothing of the rank's may stay open here: launchers wait for the ends of their pipes. The kept ones become 0, 1, 2 ... */
static void close_others(int *fds[], int n)
{
	int i;

	for (i = 0; i < n; i++)
		if (*fds[i] >= 0)
			*fds[i] = fcntl(*fds[i], F_DUPFD_CLOEXEC, n);
	for (i = 0; i < n; i++) {
		if (*fds[i] < 0)
			close(i);
		else if (dup2(*fds[i], i) == i)
			*fds[i] = i;
		else
			_exit(1);
	}
	(void)syscall(SYS_close_range, n, ~0u, 0);
}

static void become_keeper(int listener, int builder, const struct dn_shared *shared, struct idle idle)
{
	struct dn_shared s = *shared;
	int *fds[] = { &listener,     &builder, &s.user_ns, &s.spaces.mnt, &s.spaces.net, &s.spaces.ipc,
		       &s.spaces.uts, &s.plan,	&s.changes, &idle.parent };

	(void)setsid();
	(void)prctl(PR_SET_NAME, "dunnage-keeper", 0, 0, 0);
	close_others(fds, (int)(sizeof(fds) / sizeof(fds[0])));
	keep(listener, builder, &s, &idle);
	_exit(0);
}

int dn_share_post(int listener, const struct dn_shared *shared, int idle, struct dn_err *err)
{
	struct idle longer = { idle, idle > 0 ? (int)syscall(SYS_pidfd_open, getppid(), 0) : -1 };
	int builder = (int)syscall(SYS_pidfd_open, getpid(), 0), rc = 0;
	pid_t pid = builder >= 0 ? fork() : -1;

	if (pid < 0)
		rc = dn_fail_errno(err, DN_SETUP, errno, "cannot start the process that serves the other ranks");
	/* The rank's program must not find a child that it does not know. */
	if (pid == 0 && fork() == 0)
		become_keeper(listener, builder, shared, longer);
	if (pid == 0)
		_exit(0);
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	if (builder >= 0)
		close(builder);
	if (longer.parent >= 0)
		close(longer.parent);
	close(listener);
	return rc;
}

/* until: a descriptor that becomes readable when nobody can come any more; -1: none. */
static void repeat_refusal(int listener, uint32_t code, int until, int ms)
{
	static const struct dn_shared nothing = DN_SHARED_NONE;
	long long deadline = dn_now_ms() + ms;
	struct pollfd p[] = { { .fd = listener, .events = POLLIN }, { .fd = until, .events = POLLIN } };

	while (poll(p, 2, dn_left_ms(deadline)) > 0 && !p[1].revents) {
		int sock = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

		if (sock < 0)
			break;
		(void)answer(sock, code, &nothing);
		close(sock);
	}
}

static void become_refuser(int listener, int launcher, uint32_t code)
{
	int *fds[] = { &listener, &launcher };

	(void)setsid();
	(void)prctl(PR_SET_NAME, "dunnage-keeper", 0, 0, 0);
	close_others(fds, (int)(sizeof(fds) / sizeof(fds[0])));
	/* the parent may be a wrapper of one rank, gone at once */
	repeat_refusal(listener, code, -1, REFUSAL_MS);
	repeat_refusal(listener, code, launcher, LAUNCHER_MS);
	_exit(0);
}

void dn_share_refuse(int listener, uint32_t code, bool launched)
{
	int launcher = launched ? (int)syscall(SYS_pidfd_open, getppid(), 0) : -1;
	pid_t pid = launcher >= 0 ? fork() : -1;

	/* A process of its own, since this one's end is what makes the launcher stop. */
	if (pid == 0 && fork() == 0)
		become_refuser(listener, launcher, code);
	if (pid == 0)
		_exit(0);
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	if (pid < 0)
		repeat_refusal(listener, code, -1, REFUSAL_MS);
	if (launcher >= 0)
		close(launcher);
	close(listener);
}

void dn_shared_close(struct dn_shared *s)
{
	int *const fds[] = { &s->user_ns, &s->plan, &s->changes };
	size_t i;

	for (i = 0; i < sizeof(fds) / sizeof(fds[0]); i++) {
		if (*fds[i] >= 0)
			close(*fds[i]);
		*fds[i] = -1;
	}
	dn_spaces_close(&s->spaces);
}
