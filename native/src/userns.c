/* A user namespace for one account, which gives its owner the right to mount. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "dunnage/container.h"

#define BY_SLURM "start the container by Slurm: srun --container=IMAGE PROGRAM"

static int write_map(const char *path, const char *text, struct dn_err *err)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), rc = 0;

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		rc = dn_fail_errno(err, DN_SETUP, errno,
				   "this machine lets users make user namespaces but not use them (%s); " BY_SLURM
				   ", or ask the site to allow them (AppArmor or SELinux may forbid them)",
				   path);
	if (fd >= 0)
		close(fd);
	return rc;
}

static int cannot_unshare(int errnum, struct dn_err *err)
{
	if (errnum == EPERM || errnum == ENOSPC || errnum == EACCES)
		return dn_fail(err, DN_SETUP,
			       "user namespaces are closed to users on this machine (%s); " BY_SLURM
			       ", or ask the site to allow them: sysctl user.max_user_namespaces",
			       errnum == ENOSPC ? "limit reached" : "not permitted");
	return dn_fail_errno(err, DN_SETUP, errnum, "cannot make a user namespace; " BY_SLURM);
}

int dn_user_namespace(bool as_root, int *user_ns, struct dn_err *err)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();
	char map[64];

	if (unshare(CLONE_NEWUSER | CLONE_NEWNS))
		return cannot_unshare(errno, err);
	(void)snprintf(map, sizeof(map), "%u %u 1", as_root ? 0 : uid, uid);
	if (write_map("/proc/self/uid_map", map, err))
		return -1;
	(void)snprintf(map, sizeof(map), "%u %u 1", as_root ? 0 : gid, gid);
	if (write_map("/proc/self/setgroups", "deny", err) || write_map("/proc/self/gid_map", map, err))
		return -1;
	*user_ns = open("/proc/self/ns/user", O_RDONLY | O_CLOEXEC);
	return *user_ns < 0 ? dn_fail_errno(err, DN_SETUP, errno, "cannot open the new user namespace; is /proc mounted?") : 0;
}
