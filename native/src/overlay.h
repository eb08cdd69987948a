/* The container's root: an overlay of the image and a small writable layer that exists while it is built. */
#ifndef DUNNAGE_OVERLAY_H
#define DUNNAGE_OVERLAY_H

#include "tree.h"

/* In the new namespace. image: detached mount, attached here. */
int dn_overlay_make(int image, struct dn_tree *tree, struct dn_err *err);
/* Turns the root read-only, makes it this process's root and drops the host's tree. */
int dn_overlay_enter(const struct dn_tree *tree, struct dn_err *err);

#endif
