#include "session.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "dunnage/ask.h"

#define MESSAGE_MAGIC 0x444e5331u /* "DNS1" */
#define MOST_FDS 6
#define BUILDER_CHECK_MS 50       /* how soon a dead builder is noticed */
#define HELPER_END_MS 200
#define ENVIRONMENT_MAX (4u << 20)
#define ENVIRONMENT_MAGIC 0x444e4531u /* "DNE1" */

struct message {
	uint32_t magic;
	uint32_t there; /* bit set of the descriptors that follow: plan, then namespaces as in struct dn_spaces; 0: refused */
};

static long long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (long long)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

int dn_session_open(struct dn_session *s, struct dn_err *err)
{
	int pair[2] = {-1, -1}, slurm[2] = {-1, -1};

	*s = (struct dn_session)DN_NO_SESSION;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return dn_fail_errno(err, DN_SETUP, errno, "cannot make a socketpair");
	s->post = pair[0];
	s->mailbox = pair[1];
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, slurm) < 0) {
		dn_fail_errno(err, DN_SETUP, errno, "cannot make a socketpair");
		dn_session_close(s);
		return -1;
	}
	s->slurm_keep = slurm[0];
	s->slurm_task = slurm[1];
	s->lock_file = memfd_create("dunnage-lock", MFD_CLOEXEC);
	s->environment = memfd_create("dunnage-environment", MFD_CLOEXEC);
	if (s->lock_file < 0 || s->environment < 0) {
		dn_fail_errno(err, DN_SETUP, errno, "cannot make a memory file");
		dn_session_close(s);
		return -1;
	}
	return 0;
}

void dn_session_leave(struct dn_session *s)
{
	close_fd(&s->post);
	if (!s->named)
		close_fd(&s->mailbox);
	close_fd(&s->lock_file);
	close_fd(&s->environment);
	close_fd(&s->slurm_task);
}

int dn_session_keep(const struct dn_session *s, int fd, struct dn_err *err)
{
	union {
		char buf[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = {0};
	struct iovec iov = {.iov_base = &(char){0}, .iov_len = 1};
	struct msghdr mh = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.buf, .msg_controllen = sizeof(control.buf)};
	struct cmsghdr *c = CMSG_FIRSTHDR(&mh);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	if (sendmsg(s->slurm_task, &mh, MSG_NOSIGNAL | MSG_DONTWAIT) == 1)
		return 0;
	return dn_fail_errno(err, DN_SETUP, errno, "cannot keep a file of the step open");
}

/* What was kept lies in the socket, unread; without room for descriptors they are closed. */
static void drop_kept(const struct dn_session *s)
{
	char byte[64];

	while (recv(s->slurm_keep, byte, sizeof(byte), MSG_DONTWAIT) > 0)
		;
}

void dn_session_end_helper(struct dn_session *s)
{
	const struct timespec leaves_cgroup = {.tv_nsec = 2000000}; /* after its descriptors are closed */
	struct pollfd helper = {.fd = s->slurm_keep, .events = POLLIN};

	/* The namespace ends before the helper does: it would keep the FUSE server. */
	s->named = false;
	close_fd(&s->mailbox);
	if (s->slurm_keep < 0)
		return;
	drop_kept(s);
	shutdown(s->slurm_keep, SHUT_WR);
	if (poll(&helper, 1, HELPER_END_MS) > 0)
		nanosleep(&leaves_cgroup, NULL);
	close_fd(&s->slurm_keep);
}

void dn_session_close(struct dn_session *s)
{
	s->named = false;
	dn_session_leave(s);
	close_fd(&s->slurm_keep);
}

/* The lock's file has no other use for its length. */
void dn_session_admit(const struct dn_session *s)
{
	if (s->lock_file >= 0 && ftruncate(s->lock_file, 1) < 0)
		return; /* the waiting rank goes on after its time */
}

bool dn_session_await_admission(const struct dn_session *s, unsigned milliseconds)
{
	const struct timespec pause = {.tv_nsec = 5000000};
	long long deadline = now_ms() + milliseconds;
	struct stat st;

	while (fstat(s->lock_file, &st) == 0 && st.st_size == 0) {
		if (now_ms() >= deadline)
			return false;
		nanosleep(&pause, NULL);
	}
	return true;
}

/* An open file description of its own: flock does not separate descriptors inherited over fork. */
static int open_lock(const struct dn_session *s, struct dn_place *place, struct dn_err *err)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", s->lock_file);
	place->lock = open(path, O_RDWR | O_CLOEXEC);
	if (place->lock < 0)
		return dn_fail_errno(err, DN_SETUP, errno, "cannot open the session's lock");
	return 0;
}

/* 1 when this process holds the lock now, 0 when another one does. */
static int try_lock(const struct dn_place *place, struct dn_err *err)
{
	if (flock(place->lock, LOCK_EX | LOCK_NB) == 0)
		return 1;
	if (errno == EWOULDBLOCK || errno == EINTR)
		return 0;
	return dn_fail_errno(err, DN_SETUP, errno, "cannot lock the session");
}

/* A refusal, or at least a plan and a mount namespace. */
static bool is_whole(uint32_t there)
{
	return there == 0 || ((there & 3) == 3 && there >> MOST_FDS == 0);
}

static size_t size_of(uint32_t there)
{
	return (size_t)__builtin_popcount(there) * sizeof(int);
}

static void close_received(struct msghdr *mh)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(mh); c != NULL; c = CMSG_NXTHDR(mh, c)) {
		size_t n = c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS
				   ? (c->cmsg_len - CMSG_LEN(0)) / sizeof(int)
				   : 0;
		for (size_t i = 0; i < n; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(fd));
			close(fd);
		}
	}
}

/* 1 and the message's parts when one is posted, 0 when none is. fds: -1 where the message has none. */
static int peek(int mailbox, struct message *m, int fds[MOST_FDS], struct dn_err *err)
{
	union {
		char buf[CMSG_SPACE(MOST_FDS * sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec iov = {.iov_base = m, .iov_len = sizeof(*m)};
	struct msghdr mh = {.msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = control.buf,
			    .msg_controllen = sizeof(control.buf)};
	struct cmsghdr *c;
	ssize_t n = recvmsg(mailbox, &mh, MSG_PEEK | MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

	for (size_t i = 0; i < MOST_FDS; i++)
		fds[i] = -1;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n < 0)
		return dn_fail_errno(err, DN_SETUP, errno, "cannot read the session's message");
	if (n == 0)
		return dn_fail(err, DN_SETUP, "the ranks that were to build the container have ended without doing so");
	c = CMSG_FIRSTHDR(&mh);
	if (n != (ssize_t)sizeof(*m) || m->magic != MESSAGE_MAGIC || (mh.msg_flags & MSG_CTRUNC) != 0 || !is_whole(m->there) ||
	    (m->there != 0 && (c == NULL || c->cmsg_len != CMSG_LEN(size_of(m->there))))) {
		close_received(&mh);
		return dn_fail(err, DN_INTERNAL, "the session's message is malformed (descriptor limit too low?)");
	}
	for (size_t i = 0, at = 0; i < MOST_FDS; i++)
		if ((m->there >> i & 1) != 0)
			memcpy(&fds[i], CMSG_DATA(c) + at++ * sizeof(int), sizeof(int));
	return 1;
}

static int read_plan(int fd, struct dn_reply *plan, struct dn_err *err)
{
	struct stat st;
	uint8_t *frame = NULL;
	uint32_t body = 0;
	enum dn_kind kind;
	int rc = -1;

	if (fstat(fd, &st) < 0 || st.st_size < (off_t)DN_WIRE_HEADER ||
	    st.st_size > (off_t)(DN_WIRE_HEADER + DN_WIRE_MAX_BODY))
		return dn_fail(err, DN_INTERNAL, "the session's plan is malformed");
	frame = malloc((size_t)st.st_size);
	if (frame == NULL)
		return dn_fail(err, DN_INTERNAL, "out of memory");
	if (pread(fd, frame, (size_t)st.st_size, 0) != st.st_size)
		dn_fail(err, DN_INTERNAL, "the session's plan cannot be read");
	else if (dn_wire_header(frame, &body, &kind, err) == 0 && body == (uint32_t)st.st_size - DN_WIRE_HEADER)
		rc = dn_wire_decode_reply(kind, frame + DN_WIRE_HEADER, body, plan, err);
	free(frame);
	return rc;
}

int dn_session_look(int mailbox, enum dn_turn *turn, struct dn_spaces *spaces, struct dn_reply *plan, struct dn_err *err)
{
	struct message m;
	int fds[MOST_FDS], rc = peek(mailbox, &m, fds, err);

	if (rc <= 0)
		return rc;
	if (m.there == 0) {
		*turn = DN_TURN_REFUSED;
		return 1;
	}
	*spaces = (struct dn_spaces){.mnt = fds[1], .net = fds[2], .ipc = fds[3], .uts = fds[4], .spool = fds[5]};
	rc = read_plan(fds[0], plan, err);
	close_fd(&fds[0]);
	if (rc < 0) {
		dn_spaces_close(spaces);
		return -1;
	}
	*turn = DN_TURN_READY;
	return 1;
}

int dn_session_enter(const struct dn_session *s, struct dn_place *place, unsigned timeout, enum dn_turn *turn,
		     struct dn_spaces *spaces, struct dn_reply *plan, struct dn_err *err)
{
	long long deadline = now_ms() + (long long)timeout * 1000;
	struct pollfd pfd = {.fd = s->mailbox, .events = POLLIN};

	*spaces = (struct dn_spaces)DN_NO_SPACES;
	if (open_lock(s, place, err) < 0)
		return -1;
	while (now_ms() < deadline) {
		int got = dn_session_look(s->mailbox, turn, spaces, plan, err);

		if (got != 0)
			return got < 0 ? -1 : 0;
		got = try_lock(place, err);
		if (got < 0)
			return -1;
		if (got == 1) {
			/* The builder posts before it unlocks: look once more. */
			got = dn_session_look(s->mailbox, turn, spaces, plan, err);
			if (got != 0) {
				dn_session_unlock(place);
				return got < 0 ? -1 : 0;
			}
			*turn = DN_TURN_BUILD;
			return 0;
		}
		if (poll(&pfd, 1, BUILDER_CHECK_MS) < 0 && errno != EINTR)
			return dn_fail_errno(err, DN_SETUP, errno, "cannot wait for the container");
		/* The builder heeds it too, and tells the user. */
		if (dn_is_cancelled()) {
			*turn = DN_TURN_REFUSED;
			return 0;
		}
	}
	return dn_fail(err, DN_SETUP,
		       "the container was not ready after %u seconds; see the node's slurmd log, raise timeout= in "
		       "plugstack.conf if the image is very large",
		       timeout);
}

static int send_message(const struct dn_session *s, const struct message *m, const int fds[], struct dn_err *err)
{
	union {
		char buf[CMSG_SPACE(MOST_FDS * sizeof(int))];
		struct cmsghdr align;
	} control = {0};
	struct iovec iov = {.iov_base = (void *)(uintptr_t)m, .iov_len = sizeof(*m)};
	struct msghdr mh = {.msg_iov = &iov, .msg_iovlen = 1};

	if (m->there != 0) {
		struct cmsghdr *c;

		mh.msg_control = control.buf;
		mh.msg_controllen = CMSG_SPACE(size_of(m->there));
		c = CMSG_FIRSTHDR(&mh);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(size_of(m->there));
		memcpy(CMSG_DATA(c), fds, size_of(m->there));
	}
	if (sendmsg(s->post, &mh, MSG_NOSIGNAL | MSG_DONTWAIT) != (ssize_t)sizeof(*m))
		return dn_fail_errno(err, DN_SETUP, errno, "cannot tell the other ranks of the step");
	return 0;
}

/* The plan as a sealed memory file: nobody can change what later ranks read. */
static int plan_file(const struct dn_plan *plan, struct dn_err *err)
{
	struct dn_reply reply = {.kind = DN_KIND_PLAN, .u.plan = *plan};
	uint8_t *frame = NULL;
	size_t len = 0;
	int fd = -1;

	if (dn_wire_encode_reply(&reply, &frame, &len, err) < 0)
		return -1;
	fd = memfd_create("dunnage-plan", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0 || write(fd, frame, len) != (ssize_t)len ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) < 0) {
		dn_fail_errno(err, DN_SETUP, errno, "cannot keep the plan for the other ranks");
		close_fd(&fd);
	}
	free(frame);
	return fd;
}

int dn_session_post(const struct dn_session *s, struct dn_place *place, const struct dn_spaces *spaces,
		    const struct dn_plan *plan, struct dn_err *err)
{
	struct message m = {.magic = MESSAGE_MAGIC};
	int plan_fd = plan_file(plan, err);
	int all[MOST_FDS] = {plan_fd, spaces->mnt, spaces->net, spaces->ipc, spaces->uts, spaces->spool};
	int fds[MOST_FDS], n = 0, rc;

	for (unsigned i = 0; i < MOST_FDS; i++)
		if (all[i] >= 0) {
			m.there |= 1u << i;
			fds[n++] = all[i];
		}
	rc = plan_fd < 0 ? -1 : send_message(s, &m, fds, err);
	close_fd(&plan_fd);
	dn_session_unlock(place);
	return rc;
}

int dn_session_post_refusal(const struct dn_session *s, struct dn_place *place, struct dn_err *err)
{
	struct message m = {.magic = MESSAGE_MAGIC};
	int rc = send_message(s, &m, NULL, err);

	dn_session_unlock(place);
	return rc;
}

int dn_session_lock(const struct dn_place *place, unsigned timeout, struct dn_err *err)
{
	long long deadline = now_ms() + (long long)timeout * 1000;
	const struct timespec pause = {.tv_nsec = 1000000};

	while (now_ms() < deadline) {
		int got = try_lock(place, err);

		if (got != 0)
			return got < 0 ? -1 : 0;
		nanosleep(&pause, NULL);
	}
	return dn_fail(err, DN_SETUP, "the image's environment scripts did not end within %u seconds", timeout);
}

void dn_session_unlock(const struct dn_place *place)
{
	if (place->lock >= 0)
		flock(place->lock, LOCK_UN);
}

struct environment_header {
	uint32_t magic; /* 0: a writer died before it was done */
	uint32_t state; /* enum dn_environment */
	uint32_t len;
};

int dn_session_load_environment(const struct dn_session *s, enum dn_environment *state, char **text, size_t *len,
				struct dn_err *err)
{
	struct environment_header h;
	ssize_t n = pread(s->environment, &h, sizeof(h), 0);

	*state = DN_ENVIRONMENT_MISSING;
	*text = NULL;
	*len = 0;
	if (n == 0 || (n == (ssize_t)sizeof(h) && h.magic == 0))
		return 0;
	if (n != (ssize_t)sizeof(h) || h.magic != ENVIRONMENT_MAGIC || h.len > ENVIRONMENT_MAX ||
	    h.state > DN_ENVIRONMENT_FAILED)
		return dn_fail(err, DN_INTERNAL, "the step's image environment is malformed");
	*text = malloc((size_t)h.len + 1);
	if (*text == NULL)
		return dn_fail(err, DN_INTERNAL, "out of memory");
	if (pread(s->environment, *text, h.len, sizeof(h)) != (ssize_t)h.len) {
		free(*text);
		*text = NULL;
		return dn_fail(err, DN_INTERNAL, "the step's image environment is cut off");
	}
	(*text)[h.len] = '\0';
	*len = h.len;
	*state = (enum dn_environment)h.state;
	return 0;
}

int dn_session_store_environment(const struct dn_session *s, enum dn_environment state, const char *text, size_t len,
				 struct dn_err *err)
{
	struct environment_header h = {.magic = ENVIRONMENT_MAGIC, .state = state, .len = (uint32_t)len};

	if (len > ENVIRONMENT_MAX)
		return dn_fail(err, DN_IMAGE_BAD,
			       "the image's environment scripts set more than %u bytes of variables", ENVIRONMENT_MAX);
	/* Text first: a header that is there means that the text is complete. */
	if (pwrite(s->environment, text, len, sizeof(h)) != (ssize_t)len ||
	    pwrite(s->environment, &h, sizeof(h), 0) != (ssize_t)sizeof(h))
		return dn_fail_errno(err, DN_SETUP, errno, "cannot share the image's environment");
	return 0;
}
