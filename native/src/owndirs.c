/* Directories and layers that a user asks for beside the plan. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "asuser.h"
#include "imagefile.h"
#include "mountapi.h"
#include "parts.h"

#define USER_FS (DN_ATTR_NOSUID | DN_ATTR_NODEV)
#define SQUASHFS_MAGIC "hsqs"

static int add_empty(const struct dn_own_dir *dir, struct dn_parts *parts, struct dn_err *err)
{
	const struct dn_option options[] = { { "source", "dunnage" }, { "mode", dir->mode } };
	int mnt;

	if (dn_fs_make("tmpfs", options, 2, USER_FS, &mnt, err))
		return -1;
	if (dn_parts_take(parts, mnt, dir->target, err) == 0)
		return 0;
	close(mnt);
	return -1;
}

static int add_hosts(const struct dn_own_dir *dir, const struct dn_identity *who, struct dn_parts *parts, struct dn_err *err)
{
	struct stat st;
	int errnum, fd = dn_open_as_user(who, dir->source, O_PATH | O_DIRECTORY, &st, &errnum, err), rc;

	if (fd < 0)
		return errnum ? dn_fail_errno(err, DN_REQUEST, errnum, "%s, for %s, cannot be opened", dir->source, dir->target) :
				-1;
	rc = dn_parts_add(parts, fd, &st, dir->source, dir->target, DN_PART_AT_PLACE, USER_FS, err);
	close(fd);
	return rc;
}

int dn_own_dir_parts(const struct dn_build *b, struct dn_parts *parts, struct dn_err *err)
{
	size_t i;

	for (i = 0; i < b->nown_dirs; i++) {
		const struct dn_own_dir *dir = &b->own_dirs[i];

		if (dir->source ? add_hosts(dir, b->who, parts, err) : add_empty(dir, parts, err))
			return -1;
	}
	return 0;
}

/* A path can be named without the right to look into it. */
static int check_rights(const struct dn_overlay *o, const struct dn_identity *who, int fd, struct dn_err *err)
{
	struct dn_ids before;
	int rc, errnum;

	if (dn_as_user(who, &before, err))
		return -1;
	rc = faccessat(fd, ".", R_OK | X_OK, AT_EACCESS);
	errnum = errno;
	dn_as_before(&before);
	return rc ? dn_fail_errno(err, DN_REQUEST, errnum, "the overlay %s cannot be read", o->path) : 0;
}

static int take_directory(const struct dn_overlay *o, const struct dn_identity *who, int fd, struct dn_layer *layer, struct dn_err *err)
{
	if (check_rights(o, who, fd, err))
		return -1;
	layer->writable = o->writable;
	layer->mnt = dn_tree_clone(fd, true);
	if (layer->mnt >= 0 && dn_tree_attrs(layer->mnt, USER_FS | (o->writable ? 0u : DN_ATTR_RDONLY), true) == 0)
		return 0;
	return dn_fail_errno(err, DN_SETUP, errno, "cannot take the overlay %s", o->path);
}

/* Squashfs alone: no other file system of a user's is read by the kernel, and squashfuse reads no other. */
static int take_file(const struct dn_build *b, const struct dn_overlay *o, const struct stat *st, struct dn_layer *layer,
		     struct dn_err *err)
{
	struct dn_plan whole = { .driver = DN_DRIVER_FUSE, .fs_size = (uint64_t)st->st_size };
	char magic[4] = "", *resolved = NULL;
	int fd, rc;

	if (dn_open_image(b->who, o->path, &fd, &resolved, err))
		return -1;
	if (pread(fd, magic, sizeof(magic), 0) != (ssize_t)sizeof(magic) || memcmp(magic, SQUASHFS_MAGIC, sizeof(magic)))
		rc = dn_fail(err, DN_REQUEST,
			     "overlay %s: neither a directory nor a squashfs file; ext3 images are not mounted, use a directory",
			     o->path);
	else if (o->writable)
		rc = dn_fail(err, DN_REQUEST, "overlay %s: a squashfs file is read-only; add ':ro'", o->path);
	else
		rc = dn_fuse_mount(b, &whole, fd, &layer->mnt, err);
	close(fd);
	free(resolved);
	return rc;
}

int dn_overlay_layers(const struct dn_build *b, struct dn_layer layers[DN_LAYERS_MAX], size_t *n, struct dn_err *err)
{
	size_t i, writable = 0;

	for (i = 0; i < b->noverlays; i++) {
		const struct dn_overlay *o = &b->overlays[i];
		struct stat st;
		int errnum, fd, rc;

		writable += o->writable;
		if (i >= DN_LAYERS_MAX - 1 || writable > 1)
			return dn_fail(err, DN_REQUEST, "overlays: at most %d, and one of them without ':ro'", DN_LAYERS_MAX - 1);
		fd = dn_open_as_user(b->who, o->path, O_PATH, &st, &errnum, err);
		if (fd < 0)
			return errnum ? dn_fail_errno(err, DN_REQUEST, errnum, "the overlay %s cannot be opened", o->path) : -1;
		layers[*n] = (struct dn_layer){ .mnt = -1 };
		rc = S_ISDIR(st.st_mode) ? take_directory(o, b->who, fd, &layers[*n], err) : take_file(b, o, &st, &layers[*n], err);
		close(fd);
		if (layers[*n].mnt >= 0)
			(*n)++;
		if (rc)
			return -1;
	}
	return 0;
}
