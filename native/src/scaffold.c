#include "scaffold.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mountapi.h"

#define IN_TREE (DN_RESOLVE_IN_ROOT | DN_RESOLVE_NO_MAGICLINKS)

static int place_fail(const char *path, int errnum, struct dn_err *err)
{
	return dn_fail_errno(err, DN_SETUP, errnum, "mount point %s cannot be made in the container", path);
}

/* Where fd is in the image, behind all links. */
static int real_path(int fd, int root, char path[PATH_MAX])
{
	char link[64], base[PATH_MAX];
	ssize_t n, m;

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, PATH_MAX - 1);
	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", root);
	m = readlink(link, base, PATH_MAX - 1);
	if (n <= 0 || m <= 0)
		return -1;
	path[n] = base[m] = 0;
	if (m == 1) /* "/" */
		m = 0;
	if (n < m || strncmp(path, base, (size_t)m)) {
		errno = ELOOP;
		return -1;
	}
	memmove(path, path + m, (size_t)(n - m) + 1);
	return 0;
}

/* name beneath dir of the layer, made when it is missing; closes dir. */
static int enter(int dir, const char *name)
{
	int fd = -1, errnum;

	if (mkdirat(dir, name, 0755) == 0 || errno == EEXIST)
		fd = openat(dir, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	errnum = errno;
	close(dir);
	errno = errnum;
	return fd;
}

static int mirror(int up, const char *path)
{
	char copy[PATH_MAX], *next = copy, *name;
	int fd = fcntl(up, F_DUPFD_CLOEXEC, 3);

	(void)snprintf(copy, sizeof(copy), "%s", path);
	while (fd >= 0 && (name = strsep(&next, "/")))
		if (*name && strcmp(name, "."))
			fd = enter(fd, name);
	return fd;
}

/* The layer's directory for an existing directory of the image. -1 with errno; ENOENT: the image has none. */
static int mirror_existing(const struct dn_tree *t, const char *path)
{
	int fd = dn_openat2(t->root, *path ? path : "/", O_PATH | O_DIRECTORY, IN_TREE), dir = -1, errnum;
	char real[PATH_MAX];

	if (fd < 0)
		return -1;
	if (real_path(fd, t->root, real) == 0)
		dir = mirror(*t->up, real);
	errnum = errno;
	close(fd);
	errno = errnum;
	return dir;
}

/* Length of the part of path that leads to a directory of the image; *dir is the layer's directory for it. */
static ssize_t longest_existing(const struct dn_tree *t, const char *path, size_t limit, int *dir)
{
	char prefix[PATH_MAX];
	size_t at = 0, end;
	int next;

	*dir = mirror_existing(t, "");
	while (*dir >= 0 && at < limit) {
		end = at + 1 + strcspn(path + at + 1, "/");
		if (end > limit)
			break;
		memcpy(prefix, path, end);
		prefix[end] = 0;
		next = mirror_existing(t, prefix);
		if (next < 0)
			break;
		close(*dir);
		*dir = next;
		at = end;
	}
	return *dir < 0 ? -1 : (ssize_t)at;
}

int dn_scaffold_dir(const struct dn_tree *t, const char *path, int *fd, struct dn_err *err)
{
	ssize_t at = longest_existing(t, path, strlen(path), fd);
	char rest[PATH_MAX], *next = rest, *name;

	if (at < 0)
		return place_fail(path, errno, err);
	(void)snprintf(rest, sizeof(rest), "%s", path + at);
	while (*fd >= 0 && (name = strsep(&next, "/")))
		if (*name && strcmp(name, "."))
			*fd = enter(*fd, name);
	return *fd < 0 ? place_fail(path, errno, err) : 0;
}

/* Is there something of the image at the place, which a mount can cover? */
static bool is_there(const struct dn_tree *t, const struct dn_part *part)
{
	int follow = part->rule == DN_PART_AT_PLACE ? O_NOFOLLOW : 0;
	int fd = dn_openat2(t->root, part->target, O_PATH | follow, IN_TREE);
	struct stat st;
	bool usable;

	if (fd < 0)
		return false;
	usable = fstat(fd, &st) == 0 && !S_ISLNK(st.st_mode);
	close(fd);
	return usable;
}

static int make_file(const struct dn_tree *t, const char *path, struct dn_err *err)
{
	char dir[PATH_MAX], *slash;
	int parent, fd;

	(void)snprintf(dir, sizeof(dir), "%s", path);
	slash = strrchr(dir, '/');
	*slash = 0;
	if (dn_scaffold_dir(t, *dir ? dir : "/", &parent, err))
		return -1;
	fd = openat(parent, slash + 1, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644);
	close(parent);
	if (fd < 0)
		return place_fail(path, errno, err);
	return close(fd);
}

static int make_dir(const struct dn_tree *t, const char *path, struct dn_err *err)
{
	char dir[PATH_MAX], *slash;
	int parent, rc;

	/* Not by way of the whole path: a link of the image at the very place would be followed. */
	(void)snprintf(dir, sizeof(dir), "%s", path);
	slash = strrchr(dir, '/');
	*slash = 0;
	if (dn_scaffold_dir(t, *dir ? dir : "/", &parent, err))
		return -1;
	rc = !slash[1] || mkdirat(parent, slash + 1, 0755) == 0 || errno == EEXIST ? 0 : place_fail(path, errno, err);
	close(parent);
	return rc;
}

void dn_scaffold_parts(const struct dn_tree *t, struct dn_parts *parts)
{
	size_t i;

	for (i = 0; i < parts->n; i++) {
		struct dn_part *part = &parts->v[i];
		struct dn_err unused;

		if (part->target[0] != '/' || strlen(part->target) >= PATH_MAX || is_there(t, part))
			continue;
		if (part->dir ? make_dir(t, part->target, &unused) : make_file(t, part->target, &unused))
			continue;
		part->made = true;
	}
}
