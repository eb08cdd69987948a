/* Pieces of the host that the container shows: taken from the host's namespace, attached in the container's. */
#ifndef DUNNAGE_PARTS_H
#define DUNNAGE_PARTS_H

#include <sys/stat.h>
#include <sys/types.h>

#include "dunnage/container.h"
#include "overlay.h"
#include "tree.h"

enum dn_part_rule {
	DN_PART_ALWAYS,
	DN_PART_AT_PLACE,	/* as always; a link of the image at the place gives way */
	DN_PART_UNLESS_SAME,	/* not when the place already shows the same directory */
	DN_PART_UNLESS_PRESENT, /* not when the container has anything there, or cannot have it */
};

struct dn_part {
	int mnt; /* detached mount */
	bool dir, made; /* made: the place was made for this part, the image has nothing there */
	enum dn_part_rule rule;
	dev_t dev;
	ino_t ino;
	const char *source, *target;
	char *own; /* target, when it belongs to the part */
};

struct dn_parts {
	struct dn_part *v;
	size_t n, room;
};

/* Clones what source_fd names and st describes; attrs are enum dn_attr. The strings must outlive the parts. */
int dn_parts_add(struct dn_parts *parts, int source_fd, const struct stat *st, const char *source, const char *target,
		 enum dn_part_rule rule, unsigned attrs, struct dn_err *err);
/* Takes over a detached directory mount of our own, which is attached as it is. On -1 it stays the caller's. */
int dn_parts_take(struct dn_parts *parts, int mnt, const char *target, struct dn_err *err);
/* Hands the target of the part that was added last over to it. */
void dn_parts_own(struct dn_parts *parts, char *target);
int dn_parts_attach(const struct dn_parts *parts, const struct dn_tree *tree, struct dn_err *err);
void dn_parts_free(struct dn_parts *parts);

/* The view that the plan asks for, and the plan's binds; from the host's namespace. *spool: as dn_spool_part. */
int dn_view_parts(const struct dn_build *b, struct dn_parts *parts, int *spool, struct dn_err *err);
/* The /dev that a plan without the host's own asks for. */
int dn_device_parts(const struct dn_plan *plan, struct dn_parts *parts, struct dn_err *err);
/* Directories that the user wants in place of the host's, and layers over the image. */
int dn_own_dir_parts(const struct dn_build *b, struct dn_parts *parts, struct dn_err *err);
int dn_overlay_layers(const struct dn_build *b, struct dn_layer layers[DN_LAYERS_MAX], size_t *n, struct dn_err *err);
int dn_bind_parts(const struct dn_plan *plan, const struct dn_identity *who, struct dn_parts *parts, struct dn_err *err);

#endif
