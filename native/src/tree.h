/* The container's root while it is built. Every path is resolved beneath it, symbolic links included; things are made only
 * on its own writable layer, never on a mount that came from the host. */
#ifndef DUNNAGE_TREE_H
#define DUNNAGE_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dunnage/container.h"

struct dn_tree {
	int root;	 /* O_PATH-like descriptor of the overlay's root */
	uint64_t mount; /* kernel's number of the overlay mount */
	const struct dn_identity *who; /* walks where root may not: a home on a file system that squashes root */
	const int *up; /* writable layer that is not stacked yet: root is the image, and things are made here. NULL: stacked */
};

/* O_PATH descriptor of what path leads to in the container; -1 with errno. */
int dn_tree_find(const struct dn_tree *t, const char *path);

enum dn_target_flag {
	DN_TARGET_DIR = 1,     /* a directory, else a file */
	DN_TARGET_REPLACE = 2, /* a symbolic link at the very place is replaced: the place itself is meant */
};

/* A place to mount on, made when it is missing. Refuses "/", "..", and a place of the wrong type. */
int dn_tree_target(const struct dn_tree *t, const char *path, unsigned flags, int *fd, struct dn_err *err);

/* *data is malloc'ed and NUL ended; NULL when there is no such regular file. */
int dn_tree_read(const struct dn_tree *t, const char *path, size_t max, char **data, size_t *len, struct dn_err *err);
/* Makes dir/name a new regular file of mode 0644, whatever was there before (a directory excepted). */
int dn_tree_write(const struct dn_tree *t, const char *dir, const char *name, const char *data, size_t len,
		  struct dn_err *err);

/* Reads all of a regular file of at most max bytes; *data is malloc'ed and NUL ended. -1 with errno (EFBIG: too large). */
int dn_read_file(int fd, size_t max, char **data, size_t *len);

#endif
