#include "imagefile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "asuser.h"
#include "mountapi.h"

#define FUSE_MAGIC 0x65735546
#define OTHERS_WRITE (S_IWGRP | S_IWOTH)

static int open_store(const struct dn_site *site, int *dir, struct dn_err *err)
{
	struct stat st;

	*dir = open(site->store, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (*dir < 0)
		return dn_fail_errno(err, DN_SETUP, errno, "cannot open the image store %s", site->store);
	if (fstat(*dir, &st) == 0 && (st.st_uid == site->agent_uid || st.st_uid == 0) && !(st.st_mode & OTHERS_WRITE))
		return 0;
	close(*dir);
	return dn_fail(err, DN_CONFIG,
		       "image store %s must belong to %s or root and be writable for its owner alone; correct owner and "
		       "mode",
		       site->store, site->agent_user);
}

static int open_copy(const struct dn_site *site, const uint8_t digest[32], int *fd, struct dn_err *err)
{
	char name[64 + sizeof(".sif")];
	int dir, i, rc = -1;
	struct stat st;

	for (i = 0; i < 32; i++)
		(void)snprintf(name + 2 * i, 3, "%02x", digest[i]);
	(void)snprintf(name + 64, sizeof(".sif"), ".sif");
	if (open_store(site, &dir, err))
		return -1;
	*fd = dn_openat2(dir, name, O_RDONLY | O_NOCTTY | O_NONBLOCK,
			 DN_RESOLVE_BENEATH | DN_RESOLVE_NO_SYMLINKS | DN_RESOLVE_NO_XDEV);
	if (*fd < 0) {
		dn_fail_errno(err, DN_SETUP, errno, "cannot open the copy %s in the image store %s", name, site->store);
		goto out;
	}
	if (fstat(*fd, &st) == 0 && S_ISREG(st.st_mode) && (st.st_uid == site->agent_uid || st.st_uid == 0) &&
	    !(st.st_mode & OTHERS_WRITE)) {
		/* Loop device and FUSE server keep this open file and with it the lock: the store sees that the copy is in use. One
		 * that is being removed right now can be used all the same. */
		(void)flock(*fd, LOCK_SH | LOCK_NB);
		rc = 0;
	} else {
		close(*fd);
		dn_fail(err, DN_CONFIG,
			"the copy %s in the image store %s must be a file of %s without write bits for others; remove it",
			name, site->store, site->agent_user);
	}
out:
	close(dir);
	return rc;
}

/* The kernel's driver sees no bytes that the user could change under it. */
static int check_fixed(int fd, struct dn_err *err)
{
	struct statfs fs;
	struct stat st;

	if (fstat(fd, &st) || fstatfs(fd, &fs))
		return dn_fail_errno(err, DN_SETUP, errno, "cannot look at the open image");
	if (fs.f_type == FUSE_MAGIC || st.st_uid != 0 || (st.st_mode & OTHERS_WRITE))
		return dn_fail(err, DN_SETUP,
			       "the plan hands the kernel an image that users can change; it must belong to root, carry "
			       "no write bit for group or others and not lie on FUSE, or come from the image store");
	return 0;
}

static int check_bounds(const struct dn_plan *plan, const struct dn_identity *who, int fd, struct dn_err *err)
{
	struct stat st;

	if (dn_stat_as_user(who, fd, &st, err))
		return -1;
	if (!S_ISREG(st.st_mode))
		return dn_fail(err, DN_SETUP, "the image is not a regular file; name a .sif file");
	if (plan->fs_size == 0 || plan->fs_offset > (uint64_t)st.st_size ||
	    plan->fs_size > (uint64_t)st.st_size - plan->fs_offset)
		return dn_fail(err, DN_IMAGE_BAD,
			       "the root file system (%llu bytes from byte %llu) does not lie within the image of %llu bytes; "
			       "the file is cut short or was changed, copy it again",
			       (unsigned long long)plan->fs_size, (unsigned long long)plan->fs_offset,
			       (unsigned long long)st.st_size);
	return 0;
}

static int check_request(const struct dn_build *b, int fd, struct dn_err *err)
{
	if (b->plan->driver != DN_DRIVER_KERNEL)
		return 0;
	if (b->writers)
		return dn_fail(err, DN_IMAGE_BAD,
			       "a process has the image open for writing, so what was verified may change; wait until it has "
			       "been written, or end that process");
	return check_fixed(fd, err);
}

int dn_image_file(const struct dn_build *b, int *fd, struct dn_err *err)
{
	if (b->plan->source == DN_SOURCE_STORE) {
		if (open_copy(b->site, b->plan->store_digest, fd, err))
			return -1;
	} else {
		*fd = fcntl(b->image_fd, F_DUPFD_CLOEXEC, 3);
		if (*fd < 0)
			return dn_fail_errno(err, DN_SETUP, errno, "cannot copy the image's descriptor");
		if (check_request(b, *fd, err))
			goto refused;
	}
	if (check_bounds(b->plan, b->who, *fd, err) == 0)
		return 0;
refused:
	close(*fd);
	return -1;
}

int dn_image_mount(const struct dn_build *b, int *mnt, struct dn_err *err)
{
	int fd, rc;

	/* Opening it takes a secret, which neither a step nor root has. */
	if (b->plan->driver == DN_DRIVER_GOCRYPTFS)
		return dn_fail(err, DN_IMAGE_BAD, "the image is encrypted; start it without root by dunnage exec --passphrase");
	if (dn_image_file(b, &fd, err))
		return -1;
	if (b->plan->driver == DN_DRIVER_KERNEL)
		rc = dn_kernel_mount(b->plan, fd, mnt, err);
	else
		rc = dn_fuse_mount(b, b->plan, fd, mnt, err);
	close(fd);
	return rc;
}
