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
	int stage, up, work; /* the mount that they all are attached to; the writable layer and its scratch directory; -1: nothing is written */
	int plates; /* beneath it, over the image: what the container adds to the image when the writable layer is not ours; -1: none */
	int lower[DN_LAYERS_MAX]; /* the topmost first, then the image */
	size_t nlower;
	bool marked; /* overlay's own attributes may be on them: an image alone has none that count, and FUSE would be asked for each file */
};

/* In the new namespace: the layers, attached but not yet stacked. image: detached mount. writable: the root shall take writes, in memory
 * when no layer takes them. */
int dn_layers_make(int image, const struct dn_identity *who, bool writable, const struct dn_layer *more, size_t nmore,
		   struct dn_layers *l, struct dn_err *err);
void dn_layers_close(struct dn_layers *l);
/* Stacks them. theirs: there are layers of the user's, or we are the user: overlay keeps its own attributes in the user's name space,
 * and works on the layers with the user's rights alone. */
int dn_overlay_make(const struct dn_layers *l, bool theirs, struct dn_tree *tree, struct dn_err *err);
/* Turns the root read-only (unless writable), makes it the root of this process and of everyone who joins the spaces, and drops
 * the host's tree. */
int dn_overlay_enter(const struct dn_tree *tree, bool writable, const struct dn_spaces *spaces, struct dn_err *err);

#endif
