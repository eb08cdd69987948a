/* Plans that were made for this user, image and site before: what spares a JVM where no agent runs. Decisions without root are
 * advice, so a file of the user's own may hold them. */
#ifndef DUNNAGE_FRONT_PLANCACHE_H
#define DUNNAGE_FRONT_PLANCACHE_H

#include <stdbool.h>

#include "dunnage/site.h"
#include "dunnage/wire.h"

struct dn_plan_key {
	bool known; /* whether it was looked for */
	char *text; /* all that a plan depends on; NULL: it cannot be told, nothing is remembered */
	size_t len;
	char *file;
};

/* Nothing to do for one that is known. The place is HOME/.dunnage/cache/plans, made when it is missing. */
void dn_plan_key(const struct dn_site *site, const struct dn_launch *req, int image_fd, struct dn_plan_key *key);
void dn_plan_key_free(struct dn_plan_key *key);
/* True when a plan of at most an hour ago was found. */
bool dn_plan_recall(const struct dn_plan_key *key, struct dn_plan *plan);
void dn_plan_remember(const struct dn_plan_key *key, const struct dn_plan *plan);
/* Keeps other starts of this user from asking at the same time: one planner makes the plan, the others find it. Answers a
 * descriptor to close, or -1 when there is none. */
int dn_plan_queue(const struct dn_plan_key *key, unsigned timeout);

#endif
