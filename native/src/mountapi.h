/* The kernel's descriptor-based mount calls, by number: older C libraries have no wrappers for them. */
#ifndef DUNNAGE_MOUNTAPI_H
#define DUNNAGE_MOUNTAPI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dunnage/err.h"

#define DN_RESOLVE_NO_XDEV 0x01u
#define DN_RESOLVE_NO_MAGICLINKS 0x02u
#define DN_RESOLVE_NO_SYMLINKS 0x04u
#define DN_RESOLVE_BENEATH 0x08u
#define DN_RESOLVE_IN_ROOT 0x10u

enum dn_attr { DN_ATTR_RDONLY = 1, DN_ATTR_NOSUID = 2, DN_ATTR_NODEV = 4, DN_ATTR_NOEXEC = 8 };

/* A close-on-exec descriptor or -1 with errno. */
int dn_openat2(int dirfd, const char *path, int flags, uint64_t resolve);

struct dn_option {
	const char *key, *value; /* value NULL: a flag */
};

/* A new, detached file system mount; the error carries the kernel's own words where it gives some. */
int dn_fs_make(const char *type, const struct dn_option *options, size_t n, unsigned attrs, int *mnt,
	       struct dn_err *err);

/* A detached copy of the mount tree at fd. -1 with errno. */
int dn_tree_clone(int fd, bool recursive);
/* Sets attributes and makes the tree a slave of where it came from. -1 with errno. */
int dn_tree_attrs(int mnt, unsigned attrs, bool recursive);
/* Attaches a detached mount to the place that an O_PATH descriptor names. -1 with errno. */
int dn_mount_attach(int mnt, int target);
/* All mounts of this namespace become slaves: nothing of ours travels to the host. -1 with errno. */
int dn_mounts_enslave(void);
/* Kernel's number of the mount that fd is on. -1 with errno. */
int dn_mount_id(int fd, uint64_t *id);

#endif
