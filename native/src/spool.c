/* The directories that Slurm keeps for steps, in a container that further steps enter: each finds its own at the path that Slurm's variables
 * name. The container's root is read-only by then and its paths are the image's, so the builder leaves a directory in memory at the place,
 * writable for root alone, and those who enter get its descriptor. No path of the container is resolved after it was built. */
#include "spool.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mountapi.h"

#define USER_FS (DN_ATTR_NOSUID | DN_ATTR_NODEV)

/* The name of path right beneath the spool directory; NULL where it is not. */
static const char *name_in(const char *spool, const char *path)
{
	size_t len = strlen(spool);

	if (!path || strncmp(path, spool, len) != 0 || path[len] != '/' || !path[len + 1] || strchr(path + len + 1, '/'))
		return NULL;
	return path + len + 1;
}

static int make_places(const struct dn_step_dirs *dirs, int mnt, struct dn_err *err)
{
	const char *const names[] = { name_in(dirs->spool, dirs->pmix), name_in(dirs->spool, dirs->script) };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i] && mkdirat(mnt, names[i], 0755) && errno != EEXIST)
			return dn_fail_errno(err, DN_SETUP, errno, "cannot make the place of %s", names[i]);
	return 0;
}

int dn_spool_part(const struct dn_build *b, struct dn_parts *parts, int *spool, struct dn_err *err)
{
	const struct dn_option options[] = { { "source", "dunnage" }, { "mode", "0755" }, { "size", "1m" } };
	int mnt;

	*spool = -1;
	if (!b->lasting_job || !b->dirs || !b->dirs->spool)
		return 0;
	if (dn_fs_make("tmpfs", options, 3, USER_FS | DN_ATTR_NOEXEC, &mnt, err))
		return -1;
	*spool = fcntl(mnt, F_DUPFD_CLOEXEC, 3);
	if (*spool < 0)
		dn_fail_errno(err, DN_SETUP, errno, "cannot keep the place of the steps' directories");
	else if (make_places(b->dirs, mnt, err) == 0 && dn_parts_take(parts, mnt, b->dirs->spool, err) == 0)
		return 0;
	close(mnt);
	return -1;
}

int dn_step_pmix_take(const struct dn_step_dirs *dirs, int *mnt, struct dn_err *err)
{
	int fd = open(dirs->pmix, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), rc = 0;

	*mnt = fd < 0 ? -1 : dn_tree_clone(fd, false);
	if (*mnt < 0 || dn_tree_attrs(*mnt, USER_FS, false))
		rc = dn_fail_errno(err, DN_SETUP, errno, "cannot take this step's PMIx directory %s", dirs->pmix);
	if (fd >= 0)
		close(fd);
	if (rc && *mnt >= 0)
		close(*mnt);
	return rc;
}

int dn_step_pmix_show(const struct dn_spaces *spaces, const struct dn_step_dirs *dirs, int mnt, struct dn_err *err)
{
	const char *name = name_in(dirs->spool, dirs->pmix);
	int place = -1, rc = 0;

	if (!name)
		return dn_fail(err, DN_INTERNAL, "this step's PMIx directory %s does not lie in %s", dirs->pmix, dirs->spool);
	if (mkdirat(spaces->spool, name, 0755) == 0 || errno == EEXIST)
		place = openat(spaces->spool, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (place < 0 || dn_mount_attach(mnt, place))
		rc = dn_fail_errno(err, DN_SETUP, errno, "cannot show this step's PMIx directory in the container");
	if (place >= 0)
		close(place);
	return rc;
}

/* The kernel takes mounts of other namespaces away from a directory that is removed. */
void dn_step_pmix_withdraw(const struct dn_spaces *spaces, const struct dn_step_dirs *dirs)
{
	const char *name = dirs->spool ? name_in(dirs->spool, dirs->pmix) : NULL;

	if (spaces->spool >= 0 && name)
		(void)unlinkat(spaces->spool, name, AT_REMOVEDIR);
}
