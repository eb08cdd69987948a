/* One start of one program: what launch.c takes from the wishes to the program, and prepare.c makes ready. */
#ifndef DUNNAGE_FRONT_START_H
#define DUNNAGE_FRONT_START_H

#include "front.h"
#include "plancache.h"
#include "share.h"

#define DN_MOST_OVERLAYS 7

struct dn_start {
	const struct dn_wishes *w;
	struct dn_site site;
	struct dn_identity who;
	struct dn_plan_key plan_key; /* of this image and these wishes */
	struct dn_plan plan;
	char *cwd, *resolved, *home_source;
	char *gocryptfs, *secret; /* what opens an encrypted image */
	struct dn_own_dir own_dirs[3];
	struct dn_overlay overlays[DN_MOST_OVERLAYS];
	struct dn_filter filter;
	struct dn_shared shared;
	char **base, *changes; /* the environment before the image's scripts, and what they change */
	size_t changes_len;
	int image, envdump;
	bool writers;
};

/* Who starts it, and from where. */
int dn_start_init(struct dn_start *s, struct dn_err *err);
/* Opens the image, which is pulled first where it has to be. */
int dn_start_open(struct dn_start *s, struct dn_err *err);
/* Which directory is the home. */
int dn_start_home(struct dn_start *s, struct dn_err *err);
/* What the plan has to say to the user. */
void dn_start_tell(const struct dn_plan *plan);
/* Plans and makes the container; the caller is outside still, but for the user namespace. */
int dn_start_build(struct dn_start *s, struct dn_err *err);

#endif
