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
	int place = open_stage(err), rc;

	if (place < 0)
		return -1;
	rc = dn_fs_make("tmpfs", options, 3, DN_ATTR_NOSUID | DN_ATTR_NODEV, stage, err);
	if (!rc && dn_mount_attach(*stage, place)) {
		rc = dn_fail_errno(err, DN_SETUP, errno, "cannot attach the container's layers");
		close(*stage);
		*stage = -1;
	}
	close(place);
	return rc;
}

/* A directory of the stage, made when it is missing. */
static int stage_dir(int stage, const char *name, int *fd, struct dn_err *err)
{
	if (mkdirat(stage, name, 0755) && errno != EEXIST)
		return dn_fail_errno(err, DN_SETUP, errno, "cannot prepare the container's layers");
	*fd = openat(stage, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return *fd < 0 ? dn_fail_errno(err, DN_SETUP, errno, "cannot open the container's layers") : 0;
}

static int attach_at(int mnt, int stage, const char *dir, struct dn_err *err)
{
	int place, rc = 0;

	if (stage_dir(stage, dir, &place, err))
		return -1;
	if (dn_mount_attach(mnt, place))
		rc = dn_fail_errno(err, DN_SETUP, errno, "cannot attach the container's %s", dir);
	close(place);
	return rc;
}

/* A layer that the user wants written holds the two directories that overlay works with. */
static int use_writable(int mnt, struct dn_layers *l, struct dn_err *err)
{
	if (stage_dir(mnt, "upper", &l->up, err) || stage_dir(mnt, "work", &l->work, err))
		return dn_fail(err, DN_REQUEST, "the overlay directory cannot be written to: %s; make it yours, or add ':ro'",
			       err->msg);
	return 0;
}

/* Read-only, a directory shows its "upper" when it has one: what an earlier run wrote. */
static int use_lower(int mnt, struct dn_layers *l, struct dn_err *err)
{
	int fd = openat(mnt, "upper", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		fd = fcntl(mnt, F_DUPFD_CLOEXEC, 3);
	if (fd < 0)
		return dn_fail_errno(err, DN_SETUP, errno, "cannot open the overlay's directory");
	l->lower[l->nlower++] = fd;
	return 0;
}

static int use_layer(const struct dn_layer *layer, size_t number, struct dn_layers *l, struct dn_err *err)
{
	char name[40];

	(void)snprintf(name, sizeof(name), "overlay%zu", number);
	if (attach_at(layer->mnt, l->stage, name, err))
		return -1;
	return layer->writable ? use_writable(layer->mnt, l, err) : use_lower(layer->mnt, l, err);
}

int dn_layers_make(int image, const struct dn_layer *more, size_t nmore, struct dn_layers *l, struct dn_err *err)
{
	size_t i;

	*l = (struct dn_layers){ .stage = -1, .up = -1, .work = -1 };
	if (nmore >= DN_LAYERS_MAX)
		return dn_fail(err, DN_REQUEST, "%zu overlays are more than the %d that one container can have", nmore,
			       DN_LAYERS_MAX - 1);
	if (make_stage(&l->stage, err))
		return -1;
	for (i = nmore; i-- > 0;)
		if (use_layer(&more[i], i, l, err))
			goto failed;
	if (l->up < 0 && (stage_dir(l->stage, "up", &l->up, err) || stage_dir(l->stage, "work", &l->work, err)))
		goto failed;
	if (attach_at(image, l->stage, "image", err))
		goto failed;
	l->lower[l->nlower] = fcntl(image, F_DUPFD_CLOEXEC, 3);
	if (l->lower[l->nlower++] >= 0)
		return 0;
	dn_fail_errno(err, DN_SETUP, errno, "cannot open the container's image");
failed:
	dn_layers_close(l);
	return -1;
}

void dn_layers_close(struct dn_layers *l)
{
	int *const fds[] = { &l->stage, &l->up, &l->work };
	size_t i;

	for (i = 0; i < sizeof(fds) / sizeof(fds[0]); i++) {
		if (*fds[i] >= 0)
			close(*fds[i]);
		*fds[i] = -1;
	}
	while (l->nlower)
		if (l->lower[--l->nlower] >= 0)
			close(l->lower[l->nlower]);
}

static void lower_list(const struct dn_layers *l, char *list, size_t size)
{
	size_t used = 0, i;

	for (i = 0; i < l->nlower && used < size; i++)
		used += (size_t)snprintf(list + used, size - used, "%s/proc/self/fd/%d", i ? ":" : "", l->lower[i]);
}

static int stack(const struct dn_layers *l, bool own, int *mnt, struct dn_err *err)
{
	char lower[256], upper[64], work[64];
	/* No layer may redirect, index or hide: the image is not to be trusted with overlay's own attributes. */
	const struct dn_option options[] = {
		{ "source", "dunnage" },  { "lowerdir", lower }, { "upperdir", upper }, { "workdir", work },
		{ "redirect_dir", "nofollow" }, { "metacopy", "off" }, { "index", "off" },    { "xino", "off" },
		{ "userxattr", NULL },
	};
	size_t n = sizeof(options) / sizeof(options[0]) - !own;

	lower_list(l, lower, sizeof(lower));
	(void)snprintf(upper, sizeof(upper), "/proc/self/fd/%d", l->up);
	(void)snprintf(work, sizeof(work), "/proc/self/fd/%d", l->work);
	return dn_fs_make("overlay", options, n, DN_ATTR_NOSUID | DN_ATTR_NODEV, mnt, err);
}

int dn_overlay_make(const struct dn_layers *l, bool own, struct dn_tree *tree, struct dn_err *err)
{
	int rc = -1;

	if (stack(l, own, &tree->root, err))
		return -1;
	if (attach_at(tree->root, l->stage, "root", err))
		goto out;
	rc = 0;
	if (dn_mount_id(tree->root, &tree->mount))
		rc = dn_fail_errno(err, DN_SETUP, errno, "cannot identify the container's root");
out:
	if (rc)
		close(tree->root);
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
static int check_joined(const struct dn_tree *tree, const struct dn_spaces *spaces, struct dn_err *err)
{
	struct stat want, got;

	if (dn_container_join(spaces, err))
		return -1;
	if (fstat(tree->root, &want) || stat("/", &got))
		return dn_fail_errno(err, DN_SETUP, errno, "cannot look at the container's root");
	if (want.st_dev != got.st_dev || want.st_ino != got.st_ino)
		return dn_fail(err, DN_SETUP,
			       "the mount namespace does not start at the container's root; is the node's slurmd in a chroot?");
	return 0;
}

int dn_overlay_enter(const struct dn_tree *tree, bool writable, const struct dn_spaces *spaces, struct dn_err *err)
{
	unsigned attrs = DN_ATTR_NOSUID | DN_ATTR_NODEV | (writable ? 0u : DN_ATTR_RDONLY);

	if (dn_tree_attrs(tree->root, attrs, false))
		return dn_fail_errno(err, DN_SETUP, errno, "cannot turn the container's root read-only");
	if (change_root(tree, err))
		return -1;
	return check_joined(tree, spaces, err);
}
