/* A /dev of the container's own: what every program expects, and the devices that the plan names. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mountapi.h"
#include "parts.h"

#define DEVICE_FS (DN_ATTR_NOSUID | DN_ATTR_NOEXEC)
#define IN_DEV (DN_RESOLVE_BENEATH | DN_RESOLVE_NO_MAGICLINKS)

struct standard {
	const char *path;
	bool may_lack;
};

/* Terminals and shared memory are the host's: ranks of the step meet there, and --pty lives there. */
static const struct standard standard[] = {
	{ "/dev/null", false },	   { "/dev/zero", false }, { "/dev/full", false }, { "/dev/random", false },
	{ "/dev/urandom", false }, { "/dev/tty", true },   { "/dev/pts", true },   { "/dev/ptmx", true },
	{ "/dev/shm", true },
};

static const char *const links[][2] = {
	{ "fd", "/proc/self/fd" },	 { "stdin", "/proc/self/fd/0" },
	{ "stdout", "/proc/self/fd/1" }, { "stderr", "/proc/self/fd/2" },
};

/* An empty file or directory to mount on, with the directories above it. */
static int make_place(int dev, const char *name, bool dir)
{
	char path[PATH_MAX], *slash = path;
	int fd;

	if (strlen(name) >= sizeof(path))
		return -1;
	memcpy(path, name, strlen(name) + 1);
	while ((slash = strchr(slash, '/'))) {
		*slash = 0;
		if (mkdirat(dev, path, 0755) && errno != EEXIST)
			return -1;
		*slash++ = '/';
	}
	if (dir)
		return mkdirat(dev, path, 0755) && errno != EEXIST ? -1 : 0;
	fd = openat(dev, path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644);
	return fd < 0 ? -1 : close(fd);
}

/* target: the absolute path, which lives as long as the plan or for ever. */
static int add_device(int host, int dev, const char *target, bool may_lack, struct dn_parts *parts, struct dn_err *err)
{
	const char *name = target + strlen("/dev/");
	int fd = dn_openat2(host, name, O_PATH, IN_DEV), rc;
	struct stat st;

	if (fd < 0 && may_lack && (errno == ENOENT || errno == ENOTDIR || errno == ENXIO))
		return 0;
	if (fd < 0 || fstat(fd, &st)) {
		rc = dn_fail_errno(err, DN_SETUP, errno, "cannot open %s of this node", target);
		goto out;
	}
	if (!S_ISDIR(st.st_mode) && !S_ISCHR(st.st_mode) && !S_ISBLK(st.st_mode)) {
		rc = dn_fail(err, DN_SETUP, "%s of this node is no device; take it out of the policy's 'devices'", target);
		goto out;
	}
	if (make_place(dev, name, S_ISDIR(st.st_mode))) {
		rc = dn_fail_errno(err, DN_SETUP, errno, "cannot make %s in the container", target);
		goto out;
	}
	rc = dn_parts_add(parts, fd, &st, target, target, DN_PART_ALWAYS, DEVICE_FS, err);
out:
	if (fd >= 0)
		close(fd);
	return rc;
}

static int add_standard(int host, int dev, struct dn_parts *parts, struct dn_err *err)
{
	size_t i;

	for (i = 0; i < sizeof(standard) / sizeof(standard[0]); i++)
		if (add_device(host, dev, standard[i].path, standard[i].may_lack, parts, err))
			return -1;
	for (i = 0; i < sizeof(links) / sizeof(links[0]); i++)
		if (symlinkat(links[i][1], dev, links[i][0]))
			return dn_fail_errno(err, DN_SETUP, errno, "cannot make /dev/%s in the container", links[i][0]);
	return 0;
}

/* The one invariant of a plan's device: it is beneath /dev. */
static bool beneath_dev(const char *path)
{
	return strncmp(path, "/dev/", 5) == 0 && path[5] && path[5] != '/' && !strstr(path, "/../") && !strstr(path, "//") &&
	       (strlen(path) < 3 || strcmp(path + strlen(path) - 3, "/..") != 0);
}

static int add_granted(const struct dn_plan *plan, int host, int dev, struct dn_parts *parts, struct dn_err *err)
{
	size_t i;

	for (i = 0; i < plan->devices.n; i++) {
		if (!beneath_dev(plan->devices.v[i]))
			return dn_fail(err, DN_CONFIG, "device %.200s is not beneath /dev; correct 'devices' in the policy",
				       plan->devices.v[i]);
		if (add_device(host, dev, plan->devices.v[i], true, parts, err))
			return -1;
	}
	return 0;
}

/* Fills the part that was taken: what is mounted on it comes behind it in the list. */
static int fill(const struct dn_plan *plan, int dev, struct dn_parts *parts, struct dn_err *err)
{
	int host = open("/dev", O_PATH | O_DIRECTORY | O_CLOEXEC), rc;

	if (host < 0)
		return dn_fail_errno(err, DN_SETUP, errno, "cannot open /dev of this node");
	rc = add_standard(host, dev, parts, err) || add_granted(plan, host, dev, parts, err) ? -1 : 0;
	close(host);
	if (rc == 0 && dn_tree_attrs(dev, DEVICE_FS | DN_ATTR_RDONLY, false))
		rc = dn_fail_errno(err, DN_SETUP, errno, "cannot turn the container's /dev read-only");
	return rc;
}

int dn_device_parts(const struct dn_plan *plan, struct dn_parts *parts, struct dn_err *err)
{
	const struct dn_option options[] = { { "source", "dunnage" }, { "mode", "0755" }, { "size", "1m" } };
	int dev;

	if (dn_fs_make("tmpfs", options, 3, DEVICE_FS, &dev, err))
		return -1;
	if (dn_parts_take(parts, dev, "/dev", err)) {
		close(dev);
		return -1;
	}
	return fill(plan, dev, parts, err);
}
