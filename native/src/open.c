/* Opens the image with the user's rights, and only if it is a regular file. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "asuser.h"

static const char *kind_of(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFDIR:
		return "a directory";
	case S_IFIFO:
		return "a named pipe";
	case S_IFSOCK:
		return "a socket";
	case S_IFCHR:
		return "a character device";
	case S_IFBLK:
		return "a block device";
	default:
		return "no regular file";
	}
}

static int open_failed(const struct dn_identity *who, const char *path, int errnum, struct dn_err *err)
{
	const char *user = who->user ? who->user : "the user";

	switch (errnum) {
	case ENOENT:
	case ENOTDIR:
		return dn_fail(err, DN_IMAGE_ABSENT,
			       "image %s does not exist on this node; check the path, and that the file system is "
			       "shared with the compute nodes",
			       path);
	case EACCES:
	case EPERM:
		return dn_fail(err, DN_IMAGE_ABSENT,
			       "image %s may not be read by %s: permission denied; check the rights of the file and of "
			       "each directory above it",
			       path, user);
	case ELOOP:
		return dn_fail(err, DN_IMAGE_ABSENT, "image %s leads into a loop of symbolic links; correct the link",
			       path);
	case ENAMETOOLONG:
		return dn_fail(err, DN_REQUEST, "the image's path is too long; use a shorter one");
	default:
		return dn_fail_errno(err, DN_IMAGE_ABSENT, errnum,
				     "image %s cannot be opened as %s; check the file system that holds it", path, user);
	}
}

/* The name that policy will judge must lead to the file that is open. */
static int resolve_name(int fd, const char *path, char **resolved, struct dn_err *err)
{
	char link[64], name[PATH_MAX + 1];
	struct stat open_st, name_st;
	ssize_t n;

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, name, sizeof(name) - 1);
	if (n < 0)
		return dn_fail_errno(err, DN_SETUP, errno, "cannot read %s; is /proc mounted?", link);
	name[n] = 0;
	if (n > PATH_MAX - 1)
		return dn_fail(err, DN_REQUEST, "the resolved path of image %s is too long; use a shorter one", path);
	if (fstat(fd, &open_st) || name[0] != '/' || fstatat(AT_FDCWD, name, &name_st, AT_SYMLINK_NOFOLLOW) ||
	    open_st.st_dev != name_st.st_dev || open_st.st_ino != name_st.st_ino)
		return dn_fail(err, DN_IMAGE_ABSENT,
			       "image %s was moved or removed while it was opened; start the step again", path);
	*resolved = strdup(name);
	return *resolved ? 0 : dn_fail(err, DN_INTERNAL, "out of memory for the path of the image");
}

/* Effective ids are the user's here. O_PATH first: opening a FIFO or a device for real has effects. */
static int open_regular(const struct dn_identity *who, const char *path, int *fd, char **resolved, struct dn_err *err)
{
	int place = open(path, O_PATH | O_CLOEXEC), image = -1, rc = -1;
	char link[64];
	struct stat st;

	if (place < 0)
		return open_failed(who, path, errno, err);
	if (fstat(place, &st)) {
		open_failed(who, path, errno, err);
		goto out;
	}
	if (!S_ISREG(st.st_mode)) {
		dn_fail(err, DN_IMAGE_BAD, "%s is %s, not a SIF image file; name the .sif file", path,
			kind_of(st.st_mode));
		goto out;
	}
	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", place);
	image = open(link, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (image < 0) {
		open_failed(who, path, errno, err);
		goto out;
	}
	if (resolve_name(image, path, resolved, err))
		goto out;
	*fd = image;
	image = -1;
	rc = 0;
out:
	close(place);
	if (image >= 0)
		close(image);
	return rc;
}

int dn_open_image(const struct dn_identity *who, const char *path, int *fd, char **resolved, struct dn_err *err)
{
	struct dn_ids before;
	int rc;

	if (!*path)
		return dn_fail(err, DN_REQUEST, "the image's path is empty; name a .sif file");
	if (dn_as_user(who, &before, err))
		return -1;
	rc = open_regular(who, path, fd, resolved, err);
	dn_as_before(&before);
	return rc;
}
