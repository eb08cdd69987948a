/* Mount points that are made in the writable layer before it is stacked. Without root that is the only way: the image's
 * directories belong to accounts that do not exist in the user namespace, and nobody may make a thing in them. */
#ifndef DUNNAGE_SCAFFOLD_H
#define DUNNAGE_SCAFFOLD_H

#include "parts.h"

/* A directory of the writable layer that will be merged with the image's dir, made with all above it. */
int dn_scaffold_dir(const struct dn_tree *t, const char *dir, int *fd, struct dn_err *err);
/* Places for all parts that the image has none for. What is wrong with a target is told when it is attached. */
void dn_scaffold_parts(const struct dn_tree *t, struct dn_parts *parts);

#endif
