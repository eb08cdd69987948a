/* Trees of builds that were killed. Their owners could change them meanwhile, so nothing is followed and no border of a file system crossed. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dunnage/leftovers.h"

#define PREFIX ".dunnage-definition-" /* as launcher.build.BuildSpace names them */
#define LOCK "lock"
#define FRESH 60
#define DEEPEST 200 /* each level holds a descriptor; a deeper tree stays */

/* The build holds a lock on a file of its own as long as it lives. */
static bool is_left(const struct dn_sweep *sweep, int dir, uid_t owner)
{
	int fd = openat(dir, LOCK, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	struct stat st;
	bool left;

	if (fd < 0)
		return false;
	left = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == owner &&
	       st.st_mtime < (sweep->since ? sweep->since : time(NULL)) - FRESH && fcntl(fd, F_OFD_GETLK, &lock) == 0 &&
	       lock.l_type == F_UNLCK;
	close(fd);
	return left;
}

static bool empty_below(int dir, dev_t device, unsigned depth);

static bool remove_entry(int dir, const char *name, dev_t device, unsigned depth)
{
	struct stat st;
	bool done = false;
	int fd;

	if (unlinkat(dir, name, 0) == 0)
		return true;
	if (depth == DEEPEST)
		return false;
	fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return false;
	if (fstat(fd, &st) == 0 && st.st_dev == device)
		done = empty_below(fd, device, depth + 1); /* closes it */
	else
		close(fd);
	return done && unlinkat(dir, name, AT_REMOVEDIR) == 0;
}

static bool empty_below(int dir, dev_t device, unsigned depth)
{
	DIR *d = fdopendir(dir);
	struct dirent *e;
	bool done = true;

	if (!d) {
		close(dir);
		return false;
	}
	while ((e = readdir(d)))
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0 && strcmp(e->d_name, LOCK) != 0)
			done = remove_entry(dirfd(d), e->d_name, device, depth) && done;
	/* last, so that what cannot be removed now is found again */
	if (done && unlinkat(dirfd(d), LOCK, 0) && errno != ENOENT)
		done = remove_entry(dirfd(d), LOCK, device, depth);
	closedir(d);
	return done;
}

static void sweep_tree(const struct dn_sweep *sweep, int parent, const char *directory, const char *name)
{
	int dir = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	char path[PATH_MAX];
	struct stat st;

	if (dir < 0)
		return;
	if (fstat(dir, &st) || !is_left(sweep, dir, st.st_uid)) {
		close(dir);
		return;
	}
	if (sweep->dry_run)
		close(dir);
	else if (!empty_below(dir, st.st_dev, 0) || unlinkat(parent, name, AT_REMOVEDIR))
		return;
	(void)snprintf(path, sizeof(path), "%s/%s", directory, name);
	if (sweep->removed)
		sweep->removed("build", path);
}

void dn_leftovers_builds(const struct dn_sweep *sweep, const char *directory)
{
	DIR *d = opendir(directory);
	struct dirent *e;

	if (!d)
		return;
	while ((e = readdir(d)))
		if (strncmp(e->d_name, PREFIX, strlen(PREFIX)) == 0)
			sweep_tree(sweep, dirfd(d), directory, e->d_name);
	closedir(d);
}
