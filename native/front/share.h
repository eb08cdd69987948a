/* One container for all ranks of a job on this node: the first builds it, the others get its descriptors.
 *
 * The meeting place is an abstract socket, which vanishes with the process that holds it: the builder while it builds, then
 * the keeper, a small process that hands the descriptors out for as long as any of the ranks runs. */
#ifndef DUNNAGE_FRONT_SHARE_H
#define DUNNAGE_FRONT_SHARE_H

#include "dunnage/container.h"

enum dn_share_turn {
	DN_SHARE_BUILD,	  /* nobody else does: build, then dn_share_post or dn_share_refuse */
	DN_SHARE_JOIN,	  /* built already */
	DN_SHARE_REFUSED, /* the builder was refused, and has told why */
};

/* What ranks share; -1: not there. */
struct dn_shared {
	int user_ns;
	struct dn_spaces spaces;
	int plan;    /* sealed memory: the frame of the plan */
	int changes; /* sealed memory: what the image's scripts change; -1: each rank runs them */
};

#define DN_SHARED_NONE { -1, DN_NO_SPACES, -1, -1 }

/* Sealed memory that holds data; -1 with errno. */
int dn_share_memory(const void *data, size_t len);
/* All of it, malloc'ed and NUL ended. */
int dn_share_read(int fd, char **data, size_t *len, struct dn_err *err);

/* Waits for at most timeout seconds. *listener is the caller's while it builds, *got when it joins; *code is the builder's when
 * it was refused. */
int dn_share_enter(const char *key, unsigned timeout, enum dn_share_turn *turn, int *listener, struct dn_shared *got,
		   uint32_t *code, struct dn_err *err);
/* The process that built what the key names; 0: nobody of this user holds it. */
pid_t dn_share_holder(const char *key);
/* Joins what is there; there is no first one to be. */
int dn_share_join(const char *key, unsigned timeout, struct dn_shared *got, struct dn_err *err);
/* Starts the keeper, which ends with the last rank. The caller is the first. idle: seconds that it stays without a rank, while the
 * caller's parent runs. Closes listener. */
int dn_share_post(int listener, const struct dn_shared *shared, int idle, struct dn_err *err);
/* Tells those who wait, and those who come late; launched: for as long as the parent, a launcher, may start them. Closes listener. */
void dn_share_refuse(int listener, uint32_t code, bool launched);
void dn_shared_close(struct dn_shared *s);

/* What distinguishes the job on this node: the process that launched its ranks, as no other user can guess it. NULL: this is no
 * rank. always: the parent counts as launcher then. */
char *dn_share_launcher(bool always);

#endif
