#include "overlay.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "asuser.h"
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

/* A layer that the user wants written holds the two directories that overlay works with; made and looked at with his rights alone. */
static int open_own(int mnt, const char *name, int *fd)
{
	if (mkdirat(mnt, name, 0755) && errno != EEXIST)
		return -1;
	*fd = openat(mnt, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return *fd >= 0 && faccessat(mnt, name, R_OK | W_OK | X_OK, AT_EACCESS) == 0 ? 0 : -1;
}

static int use_writable(const struct dn_identity *who, int mnt, struct dn_layers *l, struct dn_err *err)
{
	struct dn_ids before;
	int rc, errnum;

	if (dn_as_user(who, &before, err))
		return -1;
	rc = open_own(mnt, "upper", &l->up) || open_own(mnt, "work", &l->work) ? -1 : 0;
	errnum = errno;
	dn_as_before(&before);
	if (rc)
		return dn_fail_errno(err, DN_REQUEST, errnum,
				     "the overlay directory cannot be written to, or its 'upper' or 'work' cannot; make them yours, or add "
				     "':ro'");
	return 0;
}

/* Read-only, a directory shows its "upper" when it has one: what an earlier run wrote. */
static int use_lower(int mnt, struct dn_layers *l, struct dn_err *err)
{
	int fd = openat(mnt, "upper", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (l->nlower >= DN_LAYERS_MAX - 1)
		return dn_fail(err, DN_REQUEST, "these are more overlays than one container can have");
	if (fd < 0)
		fd = fcntl(mnt, F_DUPFD_CLOEXEC, 3);
	if (fd < 0)
		return dn_fail_errno(err, DN_SETUP, errno, "cannot open the overlay's directory");
	l->lower[l->nlower++] = fd;
	return 0;
}

static int use_layer(const struct dn_identity *who, const struct dn_layer *layer, size_t number, struct dn_layers *l,
		     struct dn_err *err)
{
	char name[40];

	(void)snprintf(name, sizeof(name), "overlay%zu", number);
	if (attach_at(layer->mnt, l->stage, name, err))
		return -1;
	return layer->writable ? use_writable(who, layer->mnt, l, err) : use_lower(layer->mnt, l, err);
}

/* We add nothing to a directory of a user's: mount points and account files get a layer of their own. So they do in a user namespace
 * when nothing shall be written: an overlay that takes writes looks for its marks in attributes of the user's, and asks for each file. */
static int make_plates(struct dn_layers *l, struct dn_err *err)
{
	if (stage_dir(l->stage, "plates", &l->plates, err))
		return -1;
	l->lower[l->nlower] = fcntl(l->plates, F_DUPFD_CLOEXEC, 3);
	return l->lower[l->nlower++] < 0 ? dn_fail_errno(err, DN_SETUP, errno, "cannot open the container's layers") : 0;
}

/* Overlay works in them with the rights of who. */
static int make_memory(const struct dn_identity *who, bool theirs, struct dn_layers *l, struct dn_err *err)
{
	static const char *const names[] = { "up", "work" };

	if (stage_dir(l->stage, names[0], &l->up, err) || stage_dir(l->stage, names[1], &l->work, err))
		return -1;
	for (size_t i = 0; i < 2 && theirs && !who->own; i++)
		if (fchownat(l->stage, names[i], who->uid, who->gid, AT_SYMLINK_NOFOLLOW))
			return dn_fail_errno(err, DN_SETUP, errno, "cannot give the container's layers to their user");
	return 0;
}

int dn_layers_make(int image, const struct dn_identity *who, bool writable, const struct dn_layer *more, size_t nmore,
		   struct dn_layers *l, struct dn_err *err)
{
	size_t i;

	*l = (struct dn_layers){ .stage = -1, .up = -1, .work = -1, .plates = -1 };
	if (nmore >= DN_LAYERS_MAX)
		return dn_fail(err, DN_REQUEST, "%zu overlays are more than the %d that one container can have", nmore,
			       DN_LAYERS_MAX - 1);
	if (make_stage(&l->stage, err))
		return -1;
	l->marked = nmore || writable;
	if ((nmore || (who->own && !writable)) && make_plates(l, err))
		goto failed;
	for (i = nmore; i-- > 0;)
		if (use_layer(who, &more[i], i, l, err))
			goto failed;
	/* With plates there is nothing left that we ourselves would write. */
	if (l->up < 0 && (writable || l->plates < 0) && make_memory(who, nmore > 0, l, err))
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
	int *const fds[] = { &l->stage, &l->up, &l->work, &l->plates };
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

static int stack(const struct dn_layers *l, bool theirs, int *mnt, struct dn_err *err)
{
	char lower[256], upper[64], work[64];
	/* No layer may redirect, index or hide: the image is not to be trusted with overlay's own attributes. */
	const struct dn_option options[] = {
		{ "source", "dunnage" }, { "lowerdir", lower }, { "redirect_dir", "nofollow" }, { "metacopy", "off" }, { "index", "off" },
		{ "xino", "off" }, { theirs && l->marked ? "userxattr" : "", NULL }, { "upperdir", upper }, { "workdir", work },
	};
	struct dn_option used[sizeof(options) / sizeof(options[0])];
	size_t n = 0, i;

	lower_list(l, lower, sizeof(lower));
	(void)snprintf(upper, sizeof(upper), "/proc/self/fd/%d", l->up);
	(void)snprintf(work, sizeof(work), "/proc/self/fd/%d", l->work);
	for (i = 0; i < sizeof(options) / sizeof(options[0]) - (l->up < 0 ? 2 : 0); i++)
		if (*options[i].key)
			used[n++] = options[i];
	return dn_fs_make("overlay", used, n, DN_ATTR_NOSUID | DN_ATTR_NODEV, mnt, err);
}

/* Overlay remembers the rights of its maker and uses them on the layers ever after. Its scratch directory has mode 0, whosever it is,
 * so with a layer that is written to it needs the right to go past modes: whoever uses the overlay has been asked for his own by then. */
static int stack_as_user(const struct dn_layers *l, struct dn_tree *tree, struct dn_err *err)
{
	struct dn_ids before;
	int rc;

	if (dn_files_as_user(tree->who, l->up >= 0, &before, err))
		return -1;
	rc = stack(l, true, &tree->root, err);
	dn_files_as_before(&before);
	if (rc && l->plates >= 0 && l->up >= 0)
		return dn_fail(err, DN_REQUEST,
			       "%s; an overlay that is written to must lie on a file system that can take one, as local disks and tmpfs can, and "
			       "NFS or another overlay cannot",
			       err->msg);
	return rc;
}

int dn_overlay_make(const struct dn_layers *l, bool theirs, struct dn_tree *tree, struct dn_err *err)
{
	int rc = -1;

	if (theirs ? stack_as_user(l, tree, err) : stack(l, false, &tree->root, err))
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
