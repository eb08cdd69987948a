/* Asks for a launch plan: the agent first, the one-shot launcher when no agent answers. */
#ifndef DUNNAGE_ASK_H
#define DUNNAGE_ASK_H

#include "dunnage/site.h"
#include "dunnage/wire.h"

/* Root, single-threaded caller. image_fd stays open. A REFUSAL reply becomes -1 with its code and message in err.
 * An agent that dies in the middle of a request counts as "no agent": the one-shot launcher is tried when the site
 * allows it. The one-shot process gets: descriptor 0 image, 1 socketpair, 2 a capture of its messages (first line goes
 * into err when no reply came), a fixed clean environment, the agent account's uid and gid, no other descriptors. */
int dn_ask(const struct dn_site *site, const struct dn_launch *req, int image_fd, struct dn_plan *plan,
	   struct dn_err *err);

/* Slurm holds a task's signals back until its program runs: whether one is waiting that ends the step. */
bool dn_is_cancelled(void);
/* The refusal of such a step; answers -1. */
int dn_fail_cancelled(struct dn_err *err);

void dn_plan_free(struct dn_plan *plan);

#endif
