#include "overlay.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "mountapi.h"

/* 0 builds the other way for its test. */
#ifndef DN_CAN_PIVOT
#define DN_CAN_PIVOT 1
#endif

/* Overlay wants its layers attached (kernels before 6.15), and a new root needs a place: any directory of the host will
 * do, its content was taken before. */
static int open_stage(struct dn_err *err)
{
	static const char *const places[] = { "/tmp", "/run", "/mnt", "/var" };
	size_t i;

	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		int fd = open(places[i], O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

		if (fd >= 0)
			return fd;
	}
	return dn_fail(err, DN_SETUP, "this node has none of /tmp, /run, /mnt and /var to build the container on");
}

static int make_stage(int *stage, struct dn_err *err)
{
	const struct dn_option options[] = { { "source", "dunnage" }, { "mode", "0755" }, { "size", "64m" } };
	static const char *const dirs[] = { "image", "up", "work", "root" };
	int place = open_stage(err), rc = -1;
	size_t i;

	if (place < 0)
		return -1;
	if (dn_fs_make("tmpfs", options, 3, DN_ATTR_NOSUID | DN_ATTR_NODEV, stage, err))
		goto out;
	for (i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		if (mkdirat(*stage, dirs[i], 0755)) {
			dn_fail_errno(err, DN_SETUP, errno, "cannot prepare the container's layers");
			goto close_stage;
		}
	}
	rc = 0;
	if (dn_mount_attach(*stage, place))
		rc = dn_fail_errno(err, DN_SETUP, errno, "cannot attach the container's layers");
close_stage:
	if (rc)
		close(*stage);
out:
	close(place);
	return rc;
}

static int attach_at(int mnt, int stage, const char *dir, struct dn_err *err)
{
	int place = openat(stage, dir, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), rc = 0;

	if (place < 0 || dn_mount_attach(mnt, place))
		rc = dn_fail_errno(err, DN_SETUP, errno, "cannot attach the container's %s", dir);
	if (place >= 0)
		close(place);
	return rc;
}

static int make_overlay(int image, int stage, int *mnt, struct dn_err *err)
{
	char lower[32], upper[64], work[64];
	int up = openat(stage, "up", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int wk = openat(stage, "work", O_PATH | O_DIRECTORY | O_CLOEXEC), rc = -1;
	/* No layer may redirect, index or hide: the image is not to be trusted with overlay's own attributes. */
	const struct dn_option options[] = {
		{ "source", "dunnage" },  { "lowerdir", lower }, { "upperdir", upper }, { "workdir", work },
		{ "redirect_dir", "nofollow" }, { "metacopy", "off" }, { "index", "off" },    { "xino", "off" },
	};

	if (up < 0 || wk < 0) {
		dn_fail_errno(err, DN_SETUP, errno, "cannot open the container's layers");
		goto out;
	}
	(void)snprintf(lower, sizeof(lower), "/proc/self/fd/%d", image);
	(void)snprintf(upper, sizeof(upper), "/proc/self/fd/%d", up);
	(void)snprintf(work, sizeof(work), "/proc/self/fd/%d", wk);
	rc = dn_fs_make("overlay", options, sizeof(options) / sizeof(options[0]), DN_ATTR_NOSUID | DN_ATTR_NODEV, mnt, err);
out:
	if (up >= 0)
		close(up);
	if (wk >= 0)
		close(wk);
	return rc;
}

int dn_overlay_make(int image, struct dn_tree *tree, struct dn_err *err)
{
	int stage, rc = -1;

	if (make_stage(&stage, err))
		return -1;
	if (attach_at(image, stage, "image", err) || make_overlay(image, stage, &tree->root, err))
		goto out;
	if (attach_at(tree->root, stage, "root", err))
		goto close_root;
	rc = 0;
	if (dn_mount_id(tree->root, &tree->mount))
		rc = dn_fail_errno(err, DN_SETUP, errno, "cannot identify the container's root");
close_root:
	if (rc)
		close(tree->root);
out:
	close(stage);
	return rc;
}

/* A node that runs from its initramfs cannot pivot: there the new root covers the old one, which stays beneath it, out of
 * reach for processes without privilege. */
static int cover_root(const struct dn_tree *tree, struct dn_err *err)
{
	int slash = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC), rc = 0;

	if (slash < 0 || dn_mount_attach(tree->root, slash) || chroot("."))
		rc = dn_fail_errno(err, DN_SETUP, errno, "cannot put the container over the node's root");
	if (slash >= 0)
		close(slash);
	return rc;
}

static int change_root(const struct dn_tree *tree, struct dn_err *err)
{
	if (fchdir(tree->root))
		return dn_fail_errno(err, DN_SETUP, errno, "cannot change to the container's root");
	if (DN_CAN_PIVOT && syscall(SYS_pivot_root, ".", ".") == 0) {
		/* The old root lies on top of the new one now. */
		if (umount2(".", MNT_DETACH))
			return dn_fail_errno(err, DN_SETUP, errno, "cannot drop the host's tree");
		return 0;
	}
	if (DN_CAN_PIVOT && errno != EINVAL)
		return dn_fail_errno(err, DN_SETUP, errno, "cannot make the container's root the root of the process");
	return cover_root(tree, err);
}

/* Joins the namespace as the other ranks will, and looks where that leads. */
static int check_joined(const struct dn_tree *tree, int ns_fd, struct dn_err *err)
{
	struct stat want, got;

	if (dn_container_join(ns_fd, err))
		return -1;
	if (fstat(tree->root, &want) || stat("/", &got))
		return dn_fail_errno(err, DN_SETUP, errno, "cannot look at the container's root");
	if (want.st_dev != got.st_dev || want.st_ino != got.st_ino)
		return dn_fail(err, DN_SETUP,
			       "the mount namespace does not start at the container's root; is the node's slurmd in a chroot?");
	return 0;
}

int dn_overlay_enter(const struct dn_tree *tree, int ns_fd, struct dn_err *err)
{
	if (dn_tree_attrs(tree->root, DN_ATTR_RDONLY | DN_ATTR_NOSUID | DN_ATTR_NODEV, false))
		return dn_fail_errno(err, DN_SETUP, errno, "cannot turn the container's root read-only");
	if (change_root(tree, err))
		return -1;
	return check_joined(tree, ns_fd, err);
}
