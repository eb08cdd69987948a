/* Layers over the image that a user names, and the locks that keep two containers from writing to one. */
#ifndef DUNNAGE_OVERLAYWISH_H
#define DUNNAGE_OVERLAYWISH_H

#include "dunnage/container.h"

#define DN_OVERLAYS_MOST 6

struct dn_overlay_list {
	char *text; /* what the paths point into */
	struct dn_overlay v[DN_OVERLAYS_MOST]; /* the last lies on top */
	size_t n;
	bool writable;
};

/* Reads "DIR[:ro],..." as option (such as "--container-overlay") has it; the first one named lies on top. */
int dn_overlay_read(const char *option, const char *list, struct dn_overlay_list *wish, struct dn_err *err);
void dn_overlay_free(struct dn_overlay_list *wish);

/* A lock on a directory, exclusive for one that is written to, as long as somebody has *fd open; -1: a file, or a file system that
 * has no such locks. Opened with the user's rights. Root, single-threaded caller. */
int dn_overlay_hold(const struct dn_identity *who, const struct dn_overlay *overlay, int *fd, struct dn_err *err);

#endif
