/* The container's root: an overlay of the image and a writable layer, small and in memory unless the user brings one. */
#ifndef DUNNAGE_OVERLAY_H
#define DUNNAGE_OVERLAY_H

#include "tree.h"

#define DN_LAYERS_MAX 8 /* what the kernel takes in one option */

/* One more layer that the user brings: a detached mount. */
struct dn_layer {
	int mnt;
	bool writable; /* holds "upper" and "work" and is written to; at most one */
};

struct dn_layers {
	int stage, up, work; /* the mount that they all are attached to; the writable layer and its scratch directory */
	int lower[DN_LAYERS_MAX]; /* the topmost first, then the image */
	size_t nlower;
};

/* In the new namespace: the layers, attached but not yet stacked. image: detached mount. */
int dn_layers_make(int image, const struct dn_layer *more, size_t nmore, struct dn_layers *l, struct dn_err *err);
void dn_layers_close(struct dn_layers *l);
/* Stacks them. own: in a user namespace, where overlay keeps its own attributes in the user's name space. */
int dn_overlay_make(const struct dn_layers *l, bool own, struct dn_tree *tree, struct dn_err *err);
/* Turns the root read-only (unless writable), makes it the root of this process and of everyone who joins the spaces, and drops
 * the host's tree. */
int dn_overlay_enter(const struct dn_tree *tree, bool writable, const struct dn_spaces *spaces, struct dn_err *err);

#endif
