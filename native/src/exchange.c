#include "exchange.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dunnage/ask.h"
#include "program.h"

#define WRITE_BACK_PART (32 << 20)

/* 1: ready (or the other side is gone, which the next call tells), 0: too late, or the step is cancelled. */
static int wait_for(int sock, short events, long long deadline_ms)
{
	struct pollfd p = { .fd = sock, .events = events };
	int n, left;

	do {
		left = dn_left_ms(deadline_ms);
		n = poll(&p, 1, left < DN_HEED_MS ? left : DN_HEED_MS);
	} while ((n < 0 && errno == EINTR) || (n == 0 && left > DN_HEED_MS && !dn_is_cancelled()));
	return n;
}

static ssize_t send_some(int sock, const uint8_t *p, size_t len, int fd)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = { 0 };
	struct iovec io = { .iov_base = (void *)(uintptr_t)p, .iov_len = len };
	struct msghdr msg = { .msg_iov = &io, .msg_iovlen = 1 };
	struct cmsghdr *c;

	if (fd >= 0) {
		msg.msg_control = control.bytes;
		msg.msg_controllen = sizeof(control.bytes);
		c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), &fd, sizeof(int));
	}
	return sendmsg(sock, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static int too_late(struct dn_err *err)
{
	if (dn_is_cancelled())
		return dn_fail_cancelled(err);
	return dn_fail(err, DN_UNAVAILABLE, "no answer within the time limit; raise timeout= in plugstack.conf or look into the "
					    "node's log");
}

static bool lost(int errnum)
{
	return errnum == EPIPE || errnum == ECONNRESET || errnum == ENOTCONN;
}

/* A lost connection is no error here: a refusal may wait to be read. */
static int send_frame(int sock, const uint8_t *frame, size_t len, int fd, long long deadline_ms, struct dn_err *err)
{
	size_t sent = 0;

	while (sent < len) {
		ssize_t n;

		if (wait_for(sock, POLLOUT, deadline_ms) <= 0)
			return too_late(err);
		n = send_some(sock, frame + sent, len - sent, sent ? -1 : fd);
		if (n < 0 && lost(errno))
			return 0;
		if (n < 0 && errno != EINTR && errno != EAGAIN)
			return dn_fail_errno(err, DN_UNAVAILABLE, errno, "cannot send the request");
		sent += n > 0 ? (size_t)n : 0;
	}
	return 0;
}

static enum dn_exchange receive(int sock, uint8_t *p, size_t len, long long deadline_ms, struct dn_err *err)
{
	while (len) {
		ssize_t n;

		if (wait_for(sock, POLLIN, deadline_ms) <= 0) {
			too_late(err);
			return DN_EXCHANGE_FAILED;
		}
		n = recv(sock, p, len, MSG_DONTWAIT);
		if (n == 0 || (n < 0 && lost(errno)))
			return DN_EXCHANGE_GONE;
		if (n < 0 && errno != EINTR && errno != EAGAIN) {
			dn_fail_errno(err, DN_UNAVAILABLE, errno, "cannot read the reply");
			return DN_EXCHANGE_FAILED;
		}
		p += n > 0 ? n : 0;
		len -= n > 0 ? (size_t)n : 0;
	}
	return DN_EXCHANGE_DONE;
}

static enum dn_exchange receive_reply(int sock, long long deadline_ms, struct dn_reply *reply, struct dn_err *err)
{
	uint8_t header[DN_WIRE_HEADER], *body;
	enum dn_exchange rc = receive(sock, header, sizeof(header), deadline_ms, err);
	enum dn_kind kind;
	uint32_t len;

	if (rc)
		return rc;
	if (dn_wire_header(header, &len, &kind, err))
		return DN_EXCHANGE_FAILED;
	body = malloc(len ? len : 1);
	if (!body) {
		dn_fail(err, DN_INTERNAL, "out of memory for a reply of %u bytes", len);
		return DN_EXCHANGE_FAILED;
	}
	rc = receive(sock, body, len, deadline_ms, err);
	if (rc == DN_EXCHANGE_DONE && dn_wire_decode_reply(kind, body, len, reply, err))
		rc = DN_EXCHANGE_FAILED;
	free(body);
	return rc;
}

/* Before a loop device shows a file, the kernel writes what memory holds of it and the disk does not: a quarter of a second for 300 MB that
 * were copied to the node a moment ago. That goes on here while the answer is being found. Only for files that a loop device may show, which
 * are root's. */
static void write_back(int image, int sock, long long deadline_ms)
{
	struct pollfd answer = { .fd = sock, .events = POLLIN };
	struct stat st;
	off_t at;

	if (geteuid() != 0 || fstat(image, &st) || st.st_uid != 0 || (st.st_mode & (S_IWGRP | S_IWOTH)))
		return;
	for (at = 0; at < st.st_size; at += WRITE_BACK_PART)
		if (poll(&answer, 1, 0) != 0 || dn_left_ms(deadline_ms) == 0 || dn_is_cancelled() ||
		    sync_file_range(image, at, WRITE_BACK_PART, SYNC_FILE_RANGE_WRITE))
			return;
}

enum dn_exchange dn_exchange(int sock, const uint8_t *frame, size_t len, int fd, long long deadline_ms,
			     struct dn_reply *reply, struct dn_err *err)
{
	if (send_frame(sock, frame, len, fd, deadline_ms, err))
		return DN_EXCHANGE_FAILED;
	if (fd >= 0)
		write_back(fd, sock, deadline_ms);
	return receive_reply(sock, deadline_ms, reply, err);
}

int dn_reply_plan(struct dn_reply *reply, struct dn_plan *plan, struct dn_err *err)
{
	if (reply->kind == DN_KIND_PLAN) {
		*plan = reply->u.plan;
		memset(reply, 0, sizeof(*reply));
		return 0;
	}
	if (reply->kind == DN_KIND_REFUSAL) {
		dn_fail(err, (enum dn_code)reply->u.refusal.code, "%s", reply->u.refusal.message);
		err->recorded = true;
	} else {
		dn_fail(err, DN_INTERNAL, "the answer is neither a plan nor a refusal");
	}
	dn_reply_free(reply);
	return -1;
}
