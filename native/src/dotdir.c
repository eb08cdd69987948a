#include "dotdir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "entrypoint.h"
#include "guard.h"
#include "hostfiles.h"
#include "mountapi.h"
#include "slurmgate.h"

int dn_dot_dir_copy(const struct dn_site *site, const char *file, int dir, const char *name, mode_t mode, struct dn_err *err)
{
	char *path = NULL;
	int from = -1, to = -1, rc = -1;
	struct stat st;

	if (asprintf(&path, "%s%s", site->prefix, file) < 0)
		return dn_fail(err, DN_INTERNAL, "out of memory for a path");
	from = open(path, O_RDONLY | O_CLOEXEC);
	to = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	if (from < 0 || to < 0 || fstat(from, &st) || sendfile(to, from, NULL, (size_t)st.st_size) != st.st_size)
		dn_fail_errno(err, DN_SETUP, errno, "cannot copy %s into the container; reinstall dunnage on this node", path);
	else
		rc = 0;
	if (from >= 0)
		close(from);
	if (to >= 0)
		close(to);
	free(path);
	return rc;
}

static int fill(const struct dn_build *b, int dir, struct dn_parts *parts, int *listener, struct dn_err *err)
{
	if (dn_slurm_gate_wanted(b) && dn_slurm_gate_fill(b, dir, parts, listener, err))
		return -1;
	if (dn_guard_wanted(b) && dn_guard_fill(b, dir, err))
		return -1;
	if (b->plan->nhost_files && dn_host_files_fill(b->plan, dir, err))
		return -1;
	if (b->entrypoint && dn_entrypoint_fill(dir, err))
		return -1;
	if (dn_tree_attrs(dir, DN_ATTR_RDONLY | DN_ATTR_NOSUID | DN_ATTR_NODEV, false))
		return dn_fail_errno(err, DN_SETUP, errno, "cannot turn the container's " DN_SLURM_GATE " read-only");
	return *listener >= 0 ? dn_slurm_gate_start(b, *listener, err) : 0;
}

int dn_dot_dir_part(const struct dn_build *b, struct dn_parts *parts, struct dn_err *err)
{
	const struct dn_option options[] = { { "source", "dunnage" }, { "mode", "0755" }, { "size", "1m" } };
	int mnt, listener = -1, rc;

	if (!dn_slurm_gate_wanted(b) && !dn_guard_wanted(b) && !b->entrypoint && !b->plan->nhost_files)
		return 0;
	if (dn_fs_make("tmpfs", options, 3, DN_ATTR_NOSUID | DN_ATTR_NODEV, &mnt, err))
		return -1;
	rc = fill(b, mnt, parts, &listener, err);
	if (listener >= 0)
		close(listener);
	if (!rc)
		rc = dn_parts_take(parts, mnt, DN_SLURM_GATE, err);
	if (rc)
		close(mnt);
	return rc;
}
