/* The agent's client: the node's warm answerer, known by the account behind its socket. */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "dunnage/ask.h"
#include "dunnage/site.h"
#include "exchange.h"
#include "program.h"

/* A full queue of the listener blocks connect, as long as the send limit of the socket allows: short, to look up between. */
static int limit_connect(int sock)
{
	const struct timeval limit = { .tv_usec = DN_HEED_MS * 1000 };

	return setsockopt(sock, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
}

static int connect_until(int sock, const struct sockaddr_un *addr, long long deadline_ms)
{
	int rc;

	do
		rc = connect(sock, (const struct sockaddr *)addr, sizeof(*addr));
	while (rc && (errno == EAGAIN || errno == EINTR) && dn_left_ms(deadline_ms) > 0 && !dn_is_cancelled());
	return rc;
}

static enum dn_exchange connect_failed(const char *path, int errnum, struct dn_err *err)
{
	if (errnum == ENOENT || errnum == ECONNREFUSED || errnum == ENOTDIR)
		return DN_EXCHANGE_GONE;
	if (errnum == EAGAIN && dn_is_cancelled())
		dn_fail_cancelled(err);
	else if (errnum == EAGAIN)
		dn_fail(err, DN_UNAVAILABLE, "the agent at %s takes no connection within the time limit; restart it", path);
	else
		dn_fail_errno(err, DN_UNAVAILABLE, errnum, "cannot connect to the agent at %s", path);
	return DN_EXCHANGE_FAILED;
}

static int check_account(const struct dn_site *site, int sock, struct dn_err *err)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	if (getsockopt(sock, SOL_SOCKET, SO_PEERCRED, &peer, &len))
		return dn_fail_errno(err, DN_UNAVAILABLE, errno, "cannot tell who answers at %s", site->agent_socket);
	if (peer.uid != site->agent_uid && peer.uid != 0)
		return dn_fail(err, DN_CONFIG,
			       "uid %u answers at %s, which is not the agent's account %s; stop that program and start the "
			       "agent",
			       peer.uid, site->agent_socket, site->agent_user);
	return 0;
}

enum dn_exchange dn_ask_agent(const struct dn_site *site, const uint8_t *frame, size_t len, int image_fd,
			      long long deadline_ms, struct dn_reply *reply, struct dn_err *err)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	enum dn_exchange rc = DN_EXCHANGE_FAILED;
	int sock;

	if (strlen(site->agent_socket) >= sizeof(addr.sun_path)) {
		dn_fail(err, DN_CONFIG, "the agent's socket path %s is too long; use a shorter one", site->agent_socket);
		return rc;
	}
	memcpy(addr.sun_path, site->agent_socket, strlen(site->agent_socket) + 1);
	sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (sock < 0) {
		dn_fail_errno(err, DN_INTERNAL, errno, "cannot make a socket");
		return rc;
	}
	if (limit_connect(sock))
		dn_fail_errno(err, DN_INTERNAL, errno, "cannot set a time limit on a socket");
	else if (connect_until(sock, &addr, deadline_ms))
		rc = connect_failed(site->agent_socket, errno, err);
	else if (check_account(site, sock, err) == 0)
		rc = dn_exchange(sock, frame, len, image_fd, deadline_ms, reply, err);
	close(sock);
	return rc;
}
