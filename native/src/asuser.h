/* The user's rights for a moment: effective ids and groups, given back by the same process. */
#ifndef DUNNAGE_ASUSER_H
#define DUNNAGE_ASUSER_H

#include <sys/stat.h>

#include "dunnage/container.h"

struct dn_ids {
	uid_t euid;
	gid_t egid;
	gid_t *groups;
	int ngroups;
	bool kept; /* nothing was changed */
};

int dn_as_user(const struct dn_identity *who, struct dn_ids *before, struct dn_err *err);
/* Aborts when the ids cannot be restored: going on with the wrong rights is worse. */
void dn_as_before(struct dn_ids *before);

/* The same for access to files alone, with the rights to mount kept: what a file system keeps of its maker's rights are the user's.
 * override: CAP_DAC_OVERRIDE stays, and no other right over files. */
int dn_files_as_user(const struct dn_identity *who, bool override, struct dn_ids *before, struct dn_err *err);
void dn_files_as_before(struct dn_ids *before);

/* Opens and looks with the user's rights: file systems may squash root. -1 and *errnum 0: err says why;
 * otherwise errno of the open. */
int dn_open_as_user(const struct dn_identity *who, const char *path, int flags, struct stat *st, int *errnum,
		    struct dn_err *err);
int dn_stat_as_user(const struct dn_identity *who, int fd, struct stat *st, struct dn_err *err);

#endif
