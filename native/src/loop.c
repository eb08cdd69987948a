/* Kernel driver: a loop device over a part of the file, squashfs on it. The device clears itself with its last user. */
#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "imagefile.h"
#include "mountapi.h"

#define SECTOR 512u
#define TRIES 64 /* another process may take the free device first */

/* The device ends on a whole sector: round up where the file allows it. */
static int device_size(const struct dn_plan *plan, int fd, uint64_t *size, struct dn_err *err)
{
	uint64_t whole = (plan->fs_size + SECTOR - 1) / SECTOR * SECTOR;
	struct stat st;

	if (plan->fs_offset % SECTOR)
		return dn_fail(err, DN_IMAGE_BAD,
			       "the root file system starts at byte %llu, not at a multiple of %u as the kernel needs; rebuild "
			       "the image or let the policy choose the fuse driver",
			       (unsigned long long)plan->fs_offset, SECTOR);
	if (fstat(fd, &st))
		return dn_fail_errno(err, DN_SETUP, errno, "cannot look at the open image");
	if (whole > (uint64_t)st.st_size - plan->fs_offset)
		return dn_fail(err, DN_IMAGE_BAD,
			       "the root file system ends inside the last %u bytes block of the file; rebuild the image "
			       "without mksquashfs -nopad",
			       SECTOR);
	*size = whole;
	return 0;
}

/* 1: taken by another process, try again. */
static int try_loop(int control, const struct loop_config *config, char name[32], int *dev, struct dn_err *err)
{
	int number = ioctl(control, LOOP_CTL_GET_FREE), errnum;

	if (number < 0)
		return dn_fail_errno(err, DN_SETUP, errno, "the kernel offers no free loop device");
	(void)snprintf(name, 32, "/dev/loop%d", number);
	*dev = open(name, O_RDONLY | O_CLOEXEC);
	if (*dev < 0)
		return dn_fail_errno(err, DN_SETUP, errno, "cannot open %s", name);
	if (ioctl(*dev, LOOP_CONFIGURE, config) == 0)
		return 0;
	errnum = errno;
	close(*dev);
	if (errnum == EBUSY || errnum == EAGAIN)
		return 1;
	return dn_fail_errno(err, DN_SETUP, errnum, "cannot set up %s", name);
}

static int attach_loop(const struct dn_plan *plan, int fd, char name[32], int *dev, struct dn_err *err)
{
	struct loop_config config;
	int control, tries, rc = 1;
	uint64_t size = 0;

	if (device_size(plan, fd, &size, err))
		return -1;
	memset(&config, 0, sizeof(config));
	config.fd = (__u32)fd;
	config.info.lo_offset = plan->fs_offset;
	config.info.lo_sizelimit = size;
	config.info.lo_flags = LO_FLAGS_READ_ONLY | LO_FLAGS_AUTOCLEAR;
	control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
	if (control < 0)
		return dn_fail_errno(err, DN_SETUP, errno, "cannot open /dev/loop-control; load the kernel module loop");
	for (tries = 0; rc == 1 && tries < TRIES; tries++) {
		if (tries)
			(void)usleep(2000u * (unsigned)tries);
		rc = try_loop(control, &config, name, dev, err);
	}
	close(control);
	if (rc == 1)
		return dn_fail(err, DN_SETUP, "no loop device after %d tries; is another program taking them all?",
			       TRIES);
	return rc;
}

int dn_kernel_mount(const struct dn_plan *plan, int fd, int *mnt, struct dn_err *err)
{
	struct dn_option options[] = { { "source", NULL }, { "ro", NULL } };
	char name[32];
	int dev = -1, rc;

	if (attach_loop(plan, fd, name, &dev, err))
		return -1;
	options[0].value = name;
	rc = dn_fs_make("squashfs", options, 2, DN_ATTR_RDONLY | DN_ATTR_NOSUID | DN_ATTR_NODEV, mnt, err);
	if (rc)
		dn_fail(err, DN_SETUP, "cannot mount the image: %s; is its root file system a squashfs that this kernel reads?",
			err->msg);
	close(dev);
	return rc;
}
