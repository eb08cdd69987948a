/* The default view: which directories of the host a container shows without being asked. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "asuser.h"
#include "mountapi.h"
#include "parts.h"
#include "spool.h"

#define KERNEL_FS (DN_ATTR_NOSUID | DN_ATTR_NODEV | DN_ATTR_NOEXEC)
#define USER_FS (DN_ATTR_NOSUID | DN_ATTR_NODEV)

struct place {
	unsigned bit;
	const char *path;
	unsigned attrs;
	bool may_lack;
};

/* /dev alone keeps its devices. */
static const struct place places[] = {
	{ DN_VIEW_PROC, "/proc", KERNEL_FS, false },  { DN_VIEW_SYS, "/sys", KERNEL_FS, false },
	{ DN_VIEW_DEV, "/dev", DN_ATTR_NOSUID, false }, { DN_VIEW_TMP, "/tmp", USER_FS, false },
	{ DN_VIEW_TMP, "/var/tmp", USER_FS, true },
};

/* Slurm gives a step's cgroups to its user, who could hide processes from scancel in groups of his own making. */
static unsigned attrs_of(const struct place *p, const struct dn_identity *who)
{
	return p->attrs | (p->bit == DN_VIEW_SYS && !who->own ? DN_ATTR_RDONLY : 0u);
}

static int add_system(const struct place *p, const struct dn_identity *who, struct dn_parts *parts, struct dn_err *err)
{
	int fd = open(p->path, O_PATH | O_DIRECTORY | O_CLOEXEC), rc;
	struct stat st;

	if (fd < 0 && p->may_lack && errno == ENOENT)
		return 0;
	if (fd < 0 || fstat(fd, &st)) {
		dn_fail_errno(err, DN_SETUP, errno, "cannot open %s of this node", p->path);
		if (fd >= 0)
			close(fd);
		return -1;
	}
	rc = dn_parts_add(parts, fd, &st, p->path, p->path, DN_PART_AT_PLACE, attrs_of(p, who), err);
	close(fd);
	return rc;
}

/* The path behind the host's symbolic links, where programs that resolve paths look for the directory too. */
static int add_resolved(int fd, const struct stat *st, const char *path, struct dn_parts *parts, struct dn_err *err)
{
	char link[64], resolved[PATH_MAX];
	ssize_t n;
	char *own;

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, resolved, sizeof(resolved) - 1);
	if (n <= 0)
		return dn_fail_errno(err, DN_SETUP, errno, "cannot read %s; is /proc mounted?", link);
	resolved[n] = 0;
	if (resolved[0] != '/' || strcmp(resolved, path) == 0)
		return 0;
	own = strdup(resolved);
	if (!own)
		return dn_fail(err, DN_INTERNAL, "out of memory for a path");
	if (dn_parts_add(parts, fd, st, path, own, DN_PART_UNLESS_PRESENT, USER_FS, err)) {
		free(own);
		return -1;
	}
	dn_parts_own(parts, own);
	return 0;
}

/* A directory of the user that the host lacks, or hides from the user, is not shown: the step may not need it. */
static int add_users(const struct dn_identity *who, const char *path, enum dn_part_rule rule, struct dn_parts *parts,
		     struct dn_err *err)
{
	struct stat st;
	int fd, errnum, rc;

	if (!path || path[0] != '/' || !path[strspn(path, "/")])
		return 0;
	fd = dn_open_as_user(who, path, O_PATH | O_DIRECTORY, &st, &errnum, err);
	if (fd < 0)
		return errnum ? 0 : -1;
	rc = add_resolved(fd, &st, path, parts, err);
	if (!rc)
		rc = dn_parts_add(parts, fd, &st, path, path, rule, USER_FS, err);
	close(fd);
	return rc;
}

static int add_steps(const char *path, const char *what, unsigned attrs, struct dn_parts *parts, struct dn_err *err)
{
	struct stat st;
	int fd, rc;

	if (!path)
		return 0;
	fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st)) {
		dn_fail_errno(err, DN_SETUP, errno, "cannot open the %s directory %s of this step", what, path);
		if (fd >= 0)
			close(fd);
		return -1;
	}
	rc = dn_parts_add(parts, fd, &st, path, path, DN_PART_UNLESS_SAME, attrs, err);
	close(fd);
	return rc;
}

/* The home directory may be another one of the host than its name in the container says. */
static int add_home(const struct dn_build *b, struct dn_parts *parts, struct dn_err *err)
{
	struct stat st;
	int fd, errnum, rc;

	if (!b->home_source)
		return add_users(b->who, b->who->home, DN_PART_UNLESS_SAME, parts, err);
	fd = dn_open_as_user(b->who, b->home_source, O_PATH | O_DIRECTORY, &st, &errnum, err);
	if (fd < 0)
		return errnum ? dn_fail_errno(err, DN_REQUEST, errnum, "the home directory %s cannot be opened", b->home_source) :
				-1;
	rc = dn_parts_add(parts, fd, &st, b->home_source, b->who->home, DN_PART_ALWAYS, USER_FS, err);
	close(fd);
	return rc;
}

int dn_view_parts(const struct dn_build *b, struct dn_parts *parts, int *spool, struct dn_err *err)
{
	static const struct dn_step_dirs none;
	const struct dn_step_dirs *dirs = b->dirs ? b->dirs : &none;
	uint32_t view = b->plan->view;
	size_t i;

	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if ((view & places[i].bit) && add_system(&places[i], b->who, parts, err))
			return -1;
	if ((view & DN_VIEW_HOME) && add_home(b, parts, err))
		return -1;
	if ((view & DN_VIEW_CWD) && add_users(b->who, b->cwd, DN_PART_UNLESS_PRESENT, parts, err))
		return -1;
	/* before what lies in it */
	if (dn_spool_part(b, parts, spool, err))
		return -1;
	if ((view & DN_VIEW_PMIX) && add_steps(dirs->pmix, "PMIx", USER_FS, parts, err))
		return -1;
	if ((view & DN_VIEW_SCRIPT) && add_steps(dirs->script, "batch script's", USER_FS | DN_ATTR_RDONLY, parts, err))
		return -1;
	return 0;
}
