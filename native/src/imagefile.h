/* Which open file the root file system is taken from, and whether it may be taken. */
#ifndef DUNNAGE_IMAGEFILE_H
#define DUNNAGE_IMAGEFILE_H

#include "dunnage/container.h"

/* *fd is a new descriptor of the file that the plan means: the request's image or the store's copy. */
int dn_image_file(const struct dn_build *b, int *fd, struct dn_err *err);

/* The image's root file system as a detached mount (read-only, nosuid, nodev), by the plan's driver. */
int dn_image_mount(const struct dn_build *b, int *mnt, struct dn_err *err);

/* The two drivers; fd from dn_image_file. */
int dn_kernel_mount(const struct dn_plan *plan, int fd, int *mnt, struct dn_err *err);
/* Of b only what concerns the server; plan: b's, or another file's. */
int dn_fuse_mount(const struct dn_build *b, const struct dn_plan *plan, int fd, int *mnt, struct dn_err *err);

#endif
