#include "dunnage/gpudevices.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "mountapi.h"

#define MOST_DEVICES 1000

struct family {
	const char *dir;  /* beneath /dev; "" for itself */
	const char *name; /* '#' at its end: digits follow; '*': anything follows */
};

static const struct family families[] = {
	{ "", "nvidia#" },	   { "", "nvidiactl" },		{ "", "nvidia-uvm" },
	{ "", "nvidia-uvm-tools" }, { "", "nvidia-modeset" },	{ "", "nvidia-fs#" },
	{ "", "gdrdrv" },
	{ "nvidia-caps", "nvidia-cap#" }, { "nvidia-caps-imex-channels", "channel#" },
	{ "", "kfd" },		   { "dri", "renderD#" },	{ "dri", "card#" },
};

static bool fits(const char *pattern, const char *name)
{
	size_t len = strlen(pattern) - 1;

	if (pattern[len] != '#')
		return strcmp(pattern, name) == 0;
	return strncmp(pattern, name, len) == 0 && name[len] && strspn(name + len, "0123456789") == strlen(name + len);
}

static bool is_gpu(const char *dir, const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(families) / sizeof(families[0]); i++)
		if (strcmp(families[i].dir, dir) == 0 && fits(families[i].name, name))
			return true;
	return false;
}

/* The cgroup's answer about making a node is the one about opening it: Slurm takes both away, and the driver is not asked. */
static int allowed(int probe, dev_t number, bool *yes, struct dn_err *err)
{
	*yes = mknodat(probe, "probe", S_IFCHR | 0600, number) == 0;
	if (*yes)
		return unlinkat(probe, "probe", 0) ? dn_fail_errno(err, DN_SETUP, errno, "cannot remove a probe of a GPU device") : 0;
	return errno == EPERM ? 0 : dn_fail_errno(err, DN_SETUP, errno, "cannot tell whether the step may use GPU device %u:%u",
						   major(number), minor(number));
}

static int keep(struct dn_strings *devices, const char *dir, const char *name, struct dn_err *err)
{
	char **longer;

	if (devices->n >= MOST_DEVICES)
		return dn_fail(err, DN_SETUP, "this node shows more than %d devices of GPUs in /dev; take the unused ones away", MOST_DEVICES);
	longer = realloc(devices->v, (devices->n + 1) * sizeof(char *));
	if (!longer)
		return dn_fail(err, DN_INTERNAL, "out of memory for the list of GPU devices");
	devices->v = longer;
	if (asprintf(&devices->v[devices->n], "/dev/%s%s%s", dir, *dir ? "/" : "", name) < 0)
		return dn_fail(err, DN_INTERNAL, "out of memory for the list of GPU devices");
	devices->n++;
	return 0;
}

static int look_in(int dev, const char *dir, int probe, struct dn_strings *devices, struct dn_err *err)
{
	int fd = openat(dev, *dir ? dir : ".", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), rc = 0;
	struct dirent **found = NULL;
	int n, i;

	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR || errno == EACCES || errno == ELOOP ?
			       0 :
			       dn_fail_errno(err, DN_SETUP, errno, "cannot look into /dev/%s", dir);
	n = scandirat(fd, ".", &found, NULL, alphasort);
	if (n < 0)
		rc = dn_fail_errno(err, DN_SETUP, errno, "cannot list /dev/%s", dir);
	for (i = 0; i < n; i++) {
		struct stat st;
		bool yes = true;

		if (!rc && is_gpu(dir, found[i]->d_name) && fstatat(fd, found[i]->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    S_ISCHR(st.st_mode)) {
			rc = probe >= 0 ? allowed(probe, st.st_rdev, &yes, err) : 0;
			if (!rc && yes)
				rc = keep(devices, dir, found[i]->d_name, err);
		}
		free(found[i]);
	}
	free(found);
	close(fd);
	return rc;
}

/* A place to make nodes in that nobody sees. -1 without an error: nothing can be told here, since not even /dev/null may be made. */
static int probe_place(int *probe, struct dn_err *err)
{
	const struct dn_option options[] = { { "source", "dunnage" }, { "mode", "0700" } };
	bool yes = false;
	int rc;

	if (dn_fs_make("tmpfs", options, 2, DN_ATTR_NOSUID | DN_ATTR_NOEXEC, probe, err))
		return -1;
	rc = allowed(*probe, makedev(1, 3), &yes, err);
	if (rc || !yes) {
		close(*probe);
		*probe = -1;
	}
	return rc;
}

int dn_gpu_devices(const char *dev, bool probe, struct dn_strings *devices, struct dn_err *err)
{
	static const char *const dirs[] = { "", "nvidia-caps", "nvidia-caps-imex-channels", "dri" };
	int fd = open(dev, O_PATH | O_DIRECTORY | O_CLOEXEC), place = -1, rc = 0;
	size_t i;

	if (fd < 0)
		return dn_fail_errno(err, DN_SETUP, errno, "cannot open %s", dev);
	if (probe)
		rc = probe_place(&place, err);
	for (i = 0; !rc && i < sizeof(dirs) / sizeof(dirs[0]); i++)
		rc = look_in(fd, dirs[i], place, devices, err);
	if (place >= 0)
		close(place);
	close(fd);
	if (rc)
		dn_strings_free(devices);
	return rc;
}

bool dn_gpu_has_devices(const char *dev)
{
	struct dn_strings found = { 0 };
	struct dn_err ignored = { 0 };
	bool any = dn_gpu_devices(dev, false, &found, &ignored) == 0 && found.n > 0;

	dn_strings_free(&found);
	return any;
}

void dn_strings_free(struct dn_strings *s)
{
	while (s->n)
		free(s->v[--s->n]);
	free(s->v);
	s->v = NULL;
}
