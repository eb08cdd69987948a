#include "tree.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "asuser.h"
#include "mountapi.h"
#include "scaffold.h"

#define IN_TREE (DN_RESOLVE_IN_ROOT | DN_RESOLVE_NO_MAGICLINKS)

int dn_tree_find(const struct dn_tree *t, const char *path)
{
	int fd = dn_openat2(t->root, path, O_PATH, IN_TREE), errnum;
	struct dn_ids before;
	struct dn_err err;

	if (fd >= 0 || errno != EACCES || dn_as_user(t->who, &before, &err))
		return fd;
	fd = dn_openat2(t->root, path, O_PATH, IN_TREE);
	errnum = errno;
	dn_as_before(&before);
	errno = errnum;
	return fd;
}

static bool on_layer(const struct dn_tree *t, int dir)
{
	uint64_t id;

	return dn_mount_id(dir, &id) == 0 && id == t->mount;
}

static int place_fail(const char *path, int errnum, struct dn_err *err)
{
	if (errnum == ELOOP)
		return dn_fail(err, DN_REQUEST,
			       "mount point %s leads over a link that is not allowed in the container; name its target",
			       path);
	return dn_fail_errno(err, DN_SETUP, errnum, "mount point %s cannot be made in the container", path);
}

/* A name that exists but leads nowhere is a dangling link of the image: it gives way. */
static int make_dir(int parent, const char *name)
{
	struct stat st;

	if (mkdirat(parent, name, 0755) == 0)
		return 0;
	if (errno != EEXIST || fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) || !S_ISLNK(st.st_mode) ||
	    unlinkat(parent, name, 0))
		return -1;
	return mkdirat(parent, name, 0755);
}

static int make_file(int parent, const char *name)
{
	struct stat st;
	int fd = openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);

	if (fd < 0 && errno == EEXIST && fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISLNK(st.st_mode) && unlinkat(parent, name, 0) == 0)
		fd = openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0)
		return -1;
	return close(fd);
}

/* Opens prefix (a cut-off path), making its last component beneath parent when it is missing. */
static int step_into(const struct dn_tree *t, int parent, const char *prefix, bool dir, const char *path,
		     struct dn_err *err)
{
	const char *name = strrchr(prefix, '/') + 1;
	int fd = dn_tree_find(t, prefix);

	if (fd >= 0)
		return fd;
	if (errno != ENOENT)
		return place_fail(path, errno, err);
	if (!on_layer(t, parent))
		return dn_fail(err, DN_REQUEST,
			       "mount point %s does not exist beneath another mount of the container; create it there first",
			       path);
	if (dir ? make_dir(parent, name) : make_file(parent, name))
		return place_fail(path, errno, err);
	fd = dn_tree_find(t, prefix);
	return fd >= 0 ? fd : place_fail(path, errno, err);
}

/* Walks component by component; the kernel resolves each prefix beneath the root anew. */
static int make_place(const struct dn_tree *t, const char *path, bool dir, struct dn_err *err)
{
	char prefix[PATH_MAX];
	size_t len = strlen(path), at = 0, end;
	int fd = fcntl(t->root, F_DUPFD_CLOEXEC, 3), next;

	if (fd < 0)
		return place_fail(path, errno, err);
	while (at < len) {
		end = at + 1 + strcspn(path + at + 1, "/");
		memcpy(prefix, path, end);
		prefix[end] = 0;
		if (end > at + 1 && strcmp(prefix + at, "/.")) {
			bool last = strspn(path + end, "/") == len - end;

			next = step_into(t, fd, prefix, dir || !last, path, err);
			close(fd);
			if (next < 0)
				return -1;
			fd = next;
		}
		at = end;
	}
	return fd;
}

static bool has_dotdot(const char *path)
{
	const char *p;

	for (p = strstr(path, ".."); p; p = strstr(p + 1, ".."))
		if ((p == path || p[-1] == '/') && (p[2] == '/' || p[2] == 0))
			return true;
	return false;
}

/* Only for places whose parent is fixed by us ("/tmp"): a link there is not followed. */
static int drop_link(const struct dn_tree *t, const char *path, struct dn_err *err)
{
	int link = dn_openat2(t->root, path, O_PATH | O_NOFOLLOW, IN_TREE), parent = -1, rc = 0;
	char dir[PATH_MAX], *slash;
	struct stat st;

	if (link < 0)
		return 0;
	if (fstat(link, &st) == 0 && S_ISLNK(st.st_mode)) {
		memcpy(dir, path, strlen(path) + 1); /* the caller has checked the length */
		slash = strrchr(dir, '/');
		slash[slash == dir] = 0;
		parent = dn_tree_find(t, dir);
		if (parent < 0 || !on_layer(t, parent) || unlinkat(parent, strrchr(path, '/') + 1, 0))
			rc = place_fail(path, errno, err);
		if (parent >= 0)
			close(parent);
	}
	close(link);
	return rc;
}

static int check_place(const struct dn_tree *t, int fd, const char *path, bool dir, struct dn_err *err)
{
	struct stat root, st;

	if (fstat(t->root, &root) || fstat(fd, &st))
		return place_fail(path, errno, err);
	if (st.st_dev == root.st_dev && st.st_ino == root.st_ino)
		return dn_fail(err, DN_REQUEST,
			       "mount point %s is the container's root, which cannot be mounted over; name a directory beneath "
			       "it",
			       path);
	if (S_ISDIR(st.st_mode) != dir)
		return dn_fail(err, DN_REQUEST, "mount point %s is %s in the container, the source is %s; name another place",
			       path, S_ISDIR(st.st_mode) ? "a directory" : "a file", dir ? "a directory" : "a file");
	return 0;
}

int dn_tree_target(const struct dn_tree *t, const char *path, unsigned flags, int *fd, struct dn_err *err)
{
	bool dir = flags & DN_TARGET_DIR;

	if (path[0] != '/' || strlen(path) >= PATH_MAX || has_dotdot(path))
		return dn_fail(err, DN_REQUEST, "mount point %.200s is not a plain absolute path; write it without '..'", path);
	if ((flags & DN_TARGET_REPLACE) && drop_link(t, path, err))
		return -1;
	*fd = dn_tree_find(t, path);
	if (*fd < 0 && errno != ENOENT)
		return place_fail(path, errno, err);
	if (*fd < 0)
		*fd = make_place(t, path, dir, err);
	if (*fd < 0)
		return -1;
	if (check_place(t, *fd, path, dir, err) == 0)
		return 0;
	close(*fd);
	return -1;
}

int dn_read_file(int fd, size_t max, char **data, size_t *len)
{
	char *buf = NULL, *bigger;
	size_t used = 0, room = 0;
	ssize_t n;

	do {
		if (room - used < 2) {
			room = room ? room * 2 : 8192;
			bigger = realloc(buf, room);
			if (!bigger)
				goto failed;
			buf = bigger;
		}
		n = read(fd, buf + used, room - used - 1);
		if (n < 0 && errno != EINTR)
			goto failed;
		used += n > 0 ? (size_t)n : 0;
		if (used > max) {
			errno = EFBIG;
			goto failed;
		}
	} while (n);
	buf[used] = 0;
	*data = buf;
	*len = used;
	return 0;
failed:
	free(buf);
	return -1;
}

int dn_tree_read(const struct dn_tree *t, const char *path, size_t max, char **data, size_t *len, struct dn_err *err)
{
	int fd = dn_openat2(t->root, path, O_RDONLY | O_NOCTTY | O_NONBLOCK, IN_TREE | DN_RESOLVE_NO_XDEV), rc = 0;
	struct stat st;

	*data = NULL;
	*len = 0;
	if (fd < 0)
		return 0;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && dn_read_file(fd, max, data, len))
		rc = dn_fail_errno(err, DN_IMAGE_BAD, errno, "cannot read the image's %s (at most %zu bytes)", path, max);
	close(fd);
	return rc;
}

static int write_all(int fd, const char *data, size_t len)
{
	while (len) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		data += n;
		len -= (size_t)n;
	}
	return 0;
}

int dn_tree_write(const struct dn_tree *t, const char *dir, const char *name, const char *data, size_t len,
		  struct dn_err *err)
{
	int parent, fd = -1, rc = -1;

	if (t->up ? dn_scaffold_dir(t, dir, &parent, err) : dn_tree_target(t, dir, DN_TARGET_DIR, &parent, err))
		return -1;
	if (!t->up && !on_layer(t, parent)) {
		dn_fail(err, DN_INTERNAL, "%s of the container is already covered by a mount", dir);
		goto out;
	}
	if (unlinkat(parent, name, 0) && errno != ENOENT) {
		dn_fail_errno(err, DN_IMAGE_BAD, errno, "the image's %s/%s cannot be replaced", dir, name);
		goto out;
	}
	fd = openat(parent, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0 || write_all(fd, data, len)) {
		dn_fail_errno(err, DN_SETUP, errno, "cannot write %s/%s in the container", dir, name);
		goto out;
	}
	rc = 0;
out:
	if (fd >= 0)
		close(fd);
	close(parent);
	return rc;
}
