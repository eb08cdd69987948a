/* The container's root: an overlay of the image and a small writable layer that exists while it is built. */
#ifndef DUNNAGE_OVERLAY_H
#define DUNNAGE_OVERLAY_H

#include "tree.h"

/* In the new namespace. image: detached mount, attached here. */
int dn_overlay_make(int image, struct dn_tree *tree, struct dn_err *err);
/* Turns the root read-only, makes it the root of this process and of everyone who joins ns_fd, and drops the host's tree. */
int dn_overlay_enter(const struct dn_tree *tree, int ns_fd, struct dn_err *err);

#endif
