#include "mountapi.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <linux/stat.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "dunnage/kernel.h"

#ifndef MOUNT_ATTR_SIZE_VER0 /* headers before Linux 5.12 */
struct mount_attr {
	uint64_t attr_set, attr_clr, propagation, userns_fd;
};
#endif

#define MNT_ID 0x1000u /* STATX_MNT_ID, missing from older headers */

_Static_assert((unsigned)DN_ATTR_RDONLY == MOUNT_ATTR_RDONLY && (unsigned)DN_ATTR_NOSUID == MOUNT_ATTR_NOSUID &&
		       (unsigned)DN_ATTR_NODEV == MOUNT_ATTR_NODEV && (unsigned)DN_ATTR_NOEXEC == MOUNT_ATTR_NOEXEC,
	       "attributes are the kernel's");
_Static_assert(DN_RESOLVE_NO_XDEV == RESOLVE_NO_XDEV && DN_RESOLVE_NO_MAGICLINKS == RESOLVE_NO_MAGICLINKS &&
		       DN_RESOLVE_NO_SYMLINKS == RESOLVE_NO_SYMLINKS && DN_RESOLVE_BENEATH == RESOLVE_BENEATH &&
		       DN_RESOLVE_IN_ROOT == RESOLVE_IN_ROOT,
	       "resolve flags are the kernel's");

int dn_openat2(int dirfd, const char *path, int flags, uint64_t resolve)
{
	struct open_how how = { .flags = (uint64_t)(flags | O_CLOEXEC), .resolve = resolve };
	int tries, fd = -1;

	/* EAGAIN: something was renamed while ".." was walked. */
	for (tries = 0; tries < 32; tries++) {
		fd = (int)syscall(SYS_openat2, dirfd, path, &how, sizeof(how));
		if (fd >= 0 || errno != EAGAIN)
			break;
	}
	return fd;
}

static void kernel_says(int fs, char *text, size_t size)
{
	ssize_t n = read(fs, text, size - 1);

	text[n > 0 ? n : 0] = 0;
	text[strcspn(text, "\n")] = 0;
	/* Messages start with a letter for the level and a blank. */
	if (n > 2 && text[1] == ' ')
		memmove(text, text + 2, strlen(text + 2) + 1);
}

static int fs_fail(int fs, const char *type, const char *what, int errnum, struct dn_err *err)
{
	char said[512];

	kernel_says(fs, said, sizeof(said));
	return dn_fail_errno(err, DN_SETUP, errnum, "file system %s: %s%s%s", type, what, *said ? ": " : "", said);
}

int dn_fs_make(const char *type, const struct dn_option *options, size_t n, unsigned attrs, int *mnt,
	       struct dn_err *err)
{
	int fs = (int)syscall(SYS_fsopen, type, FSOPEN_CLOEXEC), rc = -1;
	size_t i;

	if (fs < 0)
		return dn_fail_errno(err, DN_SETUP, errno, "the kernel offers no file system '%s'; load its module",
				     type);
	for (i = 0; i < n; i++) {
		unsigned cmd = options[i].value ? FSCONFIG_SET_STRING : FSCONFIG_SET_FLAG;

		if (syscall(SYS_fsconfig, fs, cmd, options[i].key, options[i].value, 0)) {
			rc = fs_fail(fs, type, options[i].key, errno, err);
			goto out;
		}
	}
	if (syscall(SYS_fsconfig, fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0)) {
		rc = fs_fail(fs, type, "mount", errno, err);
		goto out;
	}
	*mnt = (int)syscall(SYS_fsmount, fs, FSMOUNT_CLOEXEC, attrs);
	rc = *mnt < 0 ? fs_fail(fs, type, "mount", errno, err) : 0;
out:
	close(fs);
	return rc;
}

int dn_tree_clone(int fd, bool recursive)
{
	unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0u);

	return (int)syscall(SYS_open_tree, fd, "", flags);
}

int dn_tree_attrs(int mnt, unsigned attrs, bool recursive)
{
	struct mount_attr attr = { .attr_set = attrs, .propagation = MS_SLAVE };
	unsigned flags = AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0u);

	return (int)syscall(SYS_mount_setattr, mnt, "", flags, &attr, sizeof(attr));
}

int dn_mount_attach(int mnt, int target)
{
	return (int)syscall(SYS_move_mount, mnt, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
}

int dn_mounts_enslave(void)
{
	struct mount_attr attr = { .propagation = MS_SLAVE };

	return (int)syscall(SYS_mount_setattr, AT_FDCWD, "/", AT_RECURSIVE, &attr, sizeof(attr));
}

int dn_mount_id(int fd, uint64_t *id)
{
	struct statx stx;

	if (syscall(SYS_statx, fd, "", AT_EMPTY_PATH, MNT_ID, &stx))
		return -1;
	if (!(stx.stx_mask & MNT_ID)) {
		errno = ENOSYS;
		return -1;
	}
	*id = stx.stx_mnt_id;
	return 0;
}
