#include "dunnage/ask.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "exchange.h"
#include "program.h"
#include "wire_table.h"

static int ask_any(const struct dn_site *site, bool own, const uint8_t *frame, size_t len, int image_fd, struct dn_reply *reply,
		   struct dn_err *err)
{
	long long deadline = dn_now_ms() + 1000LL * site->timeout;
	enum dn_exchange rc = dn_ask_agent(site, frame, len, image_fd, deadline, reply, err);

	if (rc != DN_EXCHANGE_GONE)
		return rc == DN_EXCHANGE_DONE ? 0 : -1;
	if (!site->one_shot)
		return dn_fail(err, DN_UNAVAILABLE,
			       "no agent answers at %s and this site allows no one-shot launcher; start the service "
			       "dunnage-agent on this node",
			       site->agent_socket);
	return dn_ask_oneshot(site, own, frame, len, image_fd, deadline, reply, err);
}

int dn_ask(const struct dn_site *site, const struct dn_launch *req, int image_fd, struct dn_plan *plan,
	   struct dn_err *err)
{
	/* With SIGCHLD ignored the one-shot process could not be waited for. */
	struct sigaction wait_for_children = { .sa_handler = SIG_DFL }, before;
	struct dn_reply reply;
	uint8_t *frame;
	size_t len;
	int rc;

	if (dn_wire_encode_launch(req, &frame, &len, err))
		return -1;
	if (sigaction(SIGCHLD, &wait_for_children, &before)) {
		free(frame);
		return dn_fail_errno(err, DN_INTERNAL, errno, "cannot set the handling of SIGCHLD");
	}
	memset(&reply, 0, sizeof(reply));
	rc = ask_any(site, req->rootless, frame, len, image_fd, &reply, err);
	free(frame);
	(void)sigaction(SIGCHLD, &before, NULL);
	return rc ? -1 : dn_reply_plan(&reply, plan, err);
}

void dn_plan_free(struct dn_plan *plan)
{
	dn_wire_free_fields(dn_wire_table(DN_KIND_PLAN), plan);
}
