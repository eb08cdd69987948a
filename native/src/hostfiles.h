/* Files of the host that a plan shows in a private directory of the container, and the libraries that lead to them. */
#ifndef DUNNAGE_HOSTFILES_H
#define DUNNAGE_HOSTFILES_H

#include "parts.h"

#define DN_HOST_DIR "/.dunnage/host"

/* Makes the places beneath DN_HOST_DIR in dir, which is to become /.dunnage. */
int dn_host_files_fill(const struct dn_plan *plan, int dir, struct dn_err *err);

/* Opens and clones the files. To be called after the part of /.dunnage, which they are attached in. */
int dn_host_files_parts(const struct dn_build *b, struct dn_parts *parts, struct dn_err *err);

/* Writes the libraries of the plan's HOST_SHIM records, before anything is mounted on the tree. */
int dn_host_shims_write(const struct dn_tree *tree, const struct dn_plan *plan, struct dn_err *err);

/* A library without code: whoever loads it loads needed[0..n), and what these need is looked for in DN_HOST_DIR/lib first. *data is
 * malloc'ed. */
int dn_host_shim_make(const char *const needed[], size_t n, char **data, size_t *len, struct dn_err *err);

#endif
