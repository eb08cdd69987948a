#include "guard.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dunnage/slurmgate.h"
#include "dotdir.h"

#define GUARD "/libexec/dunnage/dunnage-guard.so"
#define NAME "guard.so"
#define MAX_FILE 65536u

bool dn_guard_wanted(const struct dn_build *b)
{
	return b->plan->mpi_guard && b->mpi && b->mpi->tasks > 1;
}

/* Lines that native/guard/report.c reads. */
static int write_facts(const struct dn_mpi_step *mpi, int dir, struct dn_err *err)
{
	const char *type = mpi->type ? mpi->type : "none";
	int fd = openat(dir, "mpi", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

	if (fd < 0 || dprintf(fd, "tasks=%u\ntype=%.*s\nnode=%u\n", mpi->tasks, (int)strcspn(type, "\n"), type, mpi->node) < 0) {
		dn_fail_errno(err, DN_SETUP, errno, "cannot write the number of ranks for the container");
		if (fd >= 0)
			close(fd);
		return -1;
	}
	return close(fd) ? dn_fail_errno(err, DN_SETUP, errno, "cannot write the number of ranks for the container") : 0;
}

int dn_guard_fill(const struct dn_build *b, int dir, struct dn_err *err)
{
	return dn_dot_dir_copy(b->site, GUARD, dir, NAME, 0755, err) ? -1 : write_facts(b->mpi, dir, err);
}

int dn_guard_preload(const struct dn_tree *tree, struct dn_err *err)
{
	char *kept = NULL, *text = NULL;
	size_t kept_len = 0;
	int len, rc;

	if (dn_tree_read(tree, "/etc/ld.so.preload", MAX_FILE, &kept, &kept_len, err))
		return -1;
	len = asprintf(&text, DN_SLURM_GATE "/" NAME "\n%s", kept ? kept : "");
	free(kept);
	if (len < 0)
		return dn_fail(err, DN_INTERNAL, "out of memory for /etc/ld.so.preload");
	rc = dn_tree_write(tree, "/etc", "ld.so.preload", text, (size_t)len, err);
	free(text);
	return rc;
}
