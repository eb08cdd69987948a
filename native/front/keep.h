/* Containers that are kept for a moment, so that the next start of the same kind joins instead of building.
 *
 * What is kept is the keeper of share.h with nobody in the container. It belongs to the same user, session (cgroup and namespaces) and
 * directory, and ends with the program that called this command, so it outlives neither a job nor a script. */
#ifndef DUNNAGE_FRONT_KEEP_H
#define DUNNAGE_FRONT_KEEP_H

#include "front.h"

/* How long, from DUNNAGE_KEEP_SECONDS (0 to 3600, by default 10); -1: the value is bad. */
int dn_keep_seconds(struct dn_err *err);
/* True when these wishes leave nothing in the container that the next start must not find. */
bool dn_keepable(const struct dn_wishes *w, const struct dn_identity *who);
/* Names all that a container depends on beside its plan, which depends holds; malloc'ed. NULL: it cannot be told. */
char *dn_keep_key(const struct dn_wishes *w, const struct dn_identity *who, const struct dn_plan *plan, const char *cwd,
		  const char *depends, size_t len);

#endif
