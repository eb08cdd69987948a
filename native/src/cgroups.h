/* Where this process is in the node's cgroups, of either version. */
#ifndef DUNNAGE_CGROUPS_H
#define DUNNAGE_CGROUPS_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "dunnage/err.h"

/* The kernel's two files; other ones in tests. */
struct dn_cgroup_files {
	const char *mountinfo, *membership;
};

extern const struct dn_cgroup_files dn_cgroup_files_of_self;

struct dn_cgroup {
	bool v2;
	char mount[PATH_MAX]; /* where the hierarchy is mounted */
	char path[PATH_MAX];  /* own group beneath it, "" or starting with '/' */
};

/* The hierarchy that has the controller: version 1, or 2 when no version 1 has it. */
int dn_cgroup_find(const struct dn_cgroup_files *files, const char *controller, struct dn_cgroup *group,
		   struct dn_err *err);

#endif
