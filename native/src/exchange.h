/* One request and one reply over a stream socket, within a time limit. */
#ifndef DUNNAGE_EXCHANGE_H
#define DUNNAGE_EXCHANGE_H

#include "dunnage/wire.h"

enum dn_exchange { DN_EXCHANGE_DONE = 0, DN_EXCHANGE_FAILED = -1, DN_EXCHANGE_GONE = 1 };

/* Sends the frame, with fd (-1: none) by SCM_RIGHTS on its first byte, and reads the reply: plan or refusal.
 * DN_EXCHANGE_GONE: the other side closed before a whole reply came; err is not filled. */
enum dn_exchange dn_exchange(int sock, const uint8_t *frame, size_t len, int fd, long long deadline_ms,
			     struct dn_reply *reply, struct dn_err *err);

/* The plan of the reply, or -1 with the refusal in err. Frees the reply unless it became the plan. */
int dn_reply_plan(struct dn_reply *reply, struct dn_plan *plan, struct dn_err *err);

/* The two answerers. DN_EXCHANGE_GONE: no agent there. */
struct dn_site;
enum dn_exchange dn_ask_agent(const struct dn_site *site, const uint8_t *frame, size_t len, int image_fd,
			      long long deadline_ms, struct dn_reply *reply, struct dn_err *err);
/* own: the planner runs as this user, who is not root. */
int dn_ask_oneshot(const struct dn_site *site, bool own, const uint8_t *frame, size_t len, int image_fd,
		   long long deadline_ms, struct dn_reply *reply, struct dn_err *err);

#endif
