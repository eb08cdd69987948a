#include "asuser.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <sys/fsuid.h>
#include <sys/syscall.h>
#include <unistd.h>

static int save_ids(struct dn_ids *before, struct dn_err *err)
{
	before->euid = geteuid();
	before->egid = getegid();
	before->ngroups = getgroups(0, NULL);
	if (before->ngroups < 0)
		return dn_fail_errno(err, DN_INTERNAL, errno, "cannot read the supplementary groups");
	before->groups = calloc((size_t)before->ngroups + 1, sizeof(gid_t));
	if (!before->groups)
		return dn_fail(err, DN_INTERNAL, "out of memory for %d groups", before->ngroups);
	if (getgroups(before->ngroups, before->groups) != before->ngroups) {
		free(before->groups);
		before->groups = NULL;
		return dn_fail(err, DN_INTERNAL, "the supplementary groups changed while they were read");
	}
	return 0;
}

int dn_as_user(const struct dn_identity *who, struct dn_ids *before, struct dn_err *err)
{
	int errnum;

	before->kept = who->own;
	if (who->own)
		return 0;
	if (save_ids(before, err))
		return -1;
	/* Groups first: they need the capability that leaves with the user id. */
	if (setgroups(who->ngroups, who->groups) == 0 && setresgid((gid_t)-1, who->gid, (gid_t)-1) == 0 &&
	    setresuid((uid_t)-1, who->uid, (uid_t)-1) == 0)
		return 0;
	errnum = errno;
	dn_as_before(before);
	(void)dn_fail_errno(err, DN_SETUP, errnum, "cannot take the rights of uid %u", who->uid);
	return -1;
}

void dn_as_before(struct dn_ids *before)
{
	if (before->kept)
		return;
	if (setresuid((uid_t)-1, before->euid, (uid_t)-1) || setresgid((gid_t)-1, before->egid, (gid_t)-1) ||
	    setgroups((size_t)before->ngroups, before->groups))
		abort();
	free(before->groups);
	before->groups = NULL;
}

static int raise_override(void)
{
	struct __user_cap_header_struct h = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct caps[2];

	if (syscall(SYS_capget, &h, caps))
		return -1;
	caps[0].effective |= 1u << CAP_DAC_OVERRIDE;
	return (int)syscall(SYS_capset, &h, caps);
}

/* With another uid for files the kernel takes the rights over files (CAP_DAC_OVERRIDE and its like) away. These calls answer the id
 * before; asked again with an impossible id they tell whether they did anything. */
int dn_files_as_user(const struct dn_identity *who, bool override, struct dn_ids *before, struct dn_err *err)
{
	before->kept = who->own;
	if (who->own)
		return 0;
	if (save_ids(before, err))
		return -1;
	if (setgroups(who->ngroups, who->groups) == 0) {
		(void)setfsgid(who->gid);
		(void)setfsuid(who->uid);
		if ((uid_t)setfsuid((uid_t)-1) == who->uid && (gid_t)setfsgid((gid_t)-1) == who->gid &&
		    (!override || raise_override() == 0))
			return 0;
	}
	dn_files_as_before(before);
	return dn_fail(err, DN_SETUP, "cannot take the rights of uid %u over files", who->uid);
}

void dn_files_as_before(struct dn_ids *before)
{
	if (before->kept)
		return;
	(void)setfsuid(before->euid);
	(void)setfsgid(before->egid);
	if ((uid_t)setfsuid((uid_t)-1) != before->euid || (gid_t)setfsgid((gid_t)-1) != before->egid ||
	    setgroups((size_t)before->ngroups, before->groups))
		abort();
	free(before->groups);
	before->groups = NULL;
}

int dn_open_as_user(const struct dn_identity *who, const char *path, int flags, struct stat *st, int *errnum,
		    struct dn_err *err)
{
	struct dn_ids before;
	int fd;

	*errnum = 0;
	if (dn_as_user(who, &before, err))
		return -1;
	fd = open(path, flags | O_CLOEXEC);
	if (fd < 0)
		*errnum = errno;
	if (fd >= 0 && fstat(fd, st)) {
		*errnum = errno;
		close(fd);
		fd = -1;
	}
	dn_as_before(&before);
	return fd;
}

int dn_stat_as_user(const struct dn_identity *who, int fd, struct stat *st, struct dn_err *err)
{
	struct dn_ids before;
	int rc, errnum;

	if (dn_as_user(who, &before, err))
		return -1;
	rc = fstat(fd, st);
	errnum = errno;
	dn_as_before(&before);
	return rc ? dn_fail_errno(err, DN_SETUP, errnum, "cannot look at the open image") : 0;
}
