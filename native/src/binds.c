/* The plan's binds: sources are opened with the user's rights, so that a mount shows no more than the user may see. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "asuser.h"
#include "mountapi.h"
#include "parts.h"

static int source_fail(const struct dn_bind *bind, const struct dn_identity *who, int errnum, struct dn_err *err)
{
	const char *user = who->user ? who->user : "the user";

	if (errnum == ENOENT || errnum == ENOTDIR)
		return dn_fail(err, DN_REQUEST,
			       "--container-mounts: source '%s' (for '%s') does not exist on this node; create it or correct the "
			       "mount",
			       bind->source, bind->target);
	if (errnum == EACCES || errnum == EPERM)
		return dn_fail(err, DN_REQUEST,
			       "--container-mounts: source '%s' (for '%s') is not accessible to %s: permission denied; ask its "
			       "owner for access or leave the mount out",
			       bind->source, bind->target, user);
	return dn_fail_errno(err, DN_REQUEST, errnum, "--container-mounts: source '%s' (for '%s') cannot be opened as %s",
			     bind->source, bind->target, user);
}

/* Policy granted the path as it is written. */
static int check_name(const struct dn_bind *bind, int fd, struct dn_err *err)
{
	char link[64], real[PATH_MAX];
	ssize_t n;

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, real, sizeof(real) - 1);
	if (n < 0)
		return dn_fail_errno(err, DN_SETUP, errno, "cannot tell where mount source '%s' leads", bind->source);
	real[n] = 0;
	if (strcmp(real, bind->source) == 0)
		return 0;
	return dn_fail(err, DN_POLICY,
		       "--container-mounts: source '%s' leads to '%s' through a link, and the site's policy grants mounts by "
		       "their real path; write that path",
		       bind->source, real);
}

static int add_bind(const struct dn_bind *bind, const struct dn_identity *who, struct dn_parts *parts, struct dn_err *err)
{
	unsigned attrs = DN_ATTR_NOSUID | DN_ATTR_NODEV | (bind->flags & DN_BIND_READ_ONLY ? DN_ATTR_RDONLY : 0u);
	int errnum, fd, rc;
	struct stat st;

	/* O_DIRECTORY makes an automounter mount; O_PATH alone would take the empty place. */
	fd = dn_open_as_user(who, bind->source, O_PATH | O_DIRECTORY, &st, &errnum, err);
	if (fd < 0 && errnum == ENOTDIR)
		fd = dn_open_as_user(who, bind->source, O_PATH, &st, &errnum, err);
	if (fd < 0 && !errnum)
		return -1;
	if (fd < 0) {
		if ((bind->flags & DN_BIND_OPTIONAL) && (errnum == ENOENT || errnum == ENOTDIR))
			return 0;
		return source_fail(bind, who, errnum, err);
	}
	rc = bind->flags & DN_BIND_AS_NAMED ? check_name(bind, fd, err) : 0;
	if (rc == 0)
		rc = dn_parts_add(parts, fd, &st, bind->source, bind->target, DN_PART_ALWAYS, attrs, err);
	close(fd);
	return rc;
}

int dn_bind_parts(const struct dn_plan *plan, const struct dn_identity *who, struct dn_parts *parts, struct dn_err *err)
{
	size_t i;

	for (i = 0; i < plan->nbinds; i++)
		if (add_bind(&plan->binds[i], who, parts, err))
			return -1;
	return 0;
}
