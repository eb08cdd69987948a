/* Encrypted images: squashfuse serves a squashfs with gocryptfs's files in it, gocryptfs shows the one file that they hold, and
 * squashfuse serves that. Each server ends with the mount that it serves, and then lets go of the one below. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuse.h"
#include "imagefile.h"
#include "secret.h"

int dn_gocryptfs_find(char **path, struct dn_err *err)
{
	const char *places = getenv("PATH");
	char *copy = dn_text("/usr/bin:%s", places ? places : ""), *rest = copy, *dir;

	*path = NULL;
	while (!*path && (dir = strsep(&rest, ":"))) {
		*path = dn_text("%s/gocryptfs", dir);
		if (*dir != '/' || access(*path, X_OK)) {
			free(*path);
			*path = NULL;
		}
	}
	free(copy);
	return *path ? 0 :
		       dn_fail(err, DN_SETUP,
			       "the image is encrypted and the program gocryptfs is not on this machine; install the package "
			       "'gocryptfs'");
}

/* A pipe with the passphrase in it, which is gone once it was read. */
static int passphrase(const char *secret, int *fd, struct dn_err *err)
{
	int ends[2], rc = 0;

	if (pipe2(ends, O_CLOEXEC))
		return dn_fail_errno(err, DN_SETUP, errno, "cannot make a pipe");
	if (write(ends[1], secret, strlen(secret)) != (ssize_t)strlen(secret))
		rc = dn_fail_errno(err, DN_SETUP, errno, "cannot hand the passphrase to gocryptfs");
	close(ends[1]);
	*fd = ends[0];
	if (rc)
		close(ends[0]);
	return rc;
}

static int open_cipher(const struct dn_identity *who, const char *program, const char *secret, int cipher, int *mnt,
		       struct dn_err *err)
{
	char said[512], *path = dn_text("%s", program);
	char *const argv[] = { path, (char *)"-fg", (char *)"-ro", (char *)"-q", (char *)"-nosyslog", (char *)DN_FUSE_SOURCE,
			       (char *)DN_FUSE_PLACE, NULL };
	struct dn_fuse_server server = { .name = "gocryptfs", .path = path, .argv = argv, .source = cipher, .no_modes = true };
	int rc = passphrase(secret, &server.input, err);

	if (!rc) {
		rc = dn_fuse_serve(&server, who, mnt, said, sizeof(said), err);
		close(server.input);
		if (rc && strstr(said, "unlock master key"))
			dn_fail(err, DN_REQUEST, "the passphrase does not open the image; an image made for an RSA key wants --pem-path");
		else if (rc && *said)
			dn_fail(err, DN_IMAGE_BAD, "the image cannot be opened by gocryptfs: %s; get the original image", said);
	}
	free(path);
	return rc;
}

/* The one regular file at the top. */
static int open_plain(int mnt, int *fd, struct dn_err *err)
{
	int top = openat(mnt, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = top < 0 ? NULL : fdopendir(top);
	struct dirent *entry;
	struct stat st;
	int found = 0;

	*fd = -1;
	if (!dir) {
		if (top >= 0)
			close(top);
		return dn_fail_errno(err, DN_SETUP, errno, "cannot look into the opened image");
	}
	while ((entry = readdir(dir))) {
		if (fstatat(top, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) || !S_ISREG(st.st_mode) || found++)
			continue;
		*fd = openat(top, entry->d_name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	}
	closedir(dir);
	if (found == 1 && *fd >= 0)
		return 0;
	if (*fd >= 0)
		close(*fd);
	return dn_fail(err, DN_IMAGE_BAD, "the encrypted part of the image holds %d readable files instead of one; get the original image",
		       *fd >= 0 ? found : 0);
}

static int mount_plain(const struct dn_build *b, int plain, int *mnt, struct dn_err *err)
{
	struct dn_plan whole = { .driver = DN_DRIVER_FUSE };
	int fd, rc;

	if (open_plain(plain, &fd, err))
		return -1;
	rc = dn_fuse_mount(b, &whole, fd, mnt, err);
	close(fd);
	return rc;
}

int dn_gocryptfs_mount(const struct dn_build *b, const char *gocryptfs, const char *secret, int *mnt, struct dn_err *err)
{
	int file = -1, cipher = -1, plain = -1, rc = -1;

	if (dn_image_file(b, &file, err) || dn_fuse_mount(b, b->plan, file, &cipher, err) ||
	    open_cipher(b->who, gocryptfs, secret, cipher, &plain, err))
		goto out;
	rc = mount_plain(b, plain, mnt, err);
out:
	if (plain >= 0)
		close(plain);
	if (cipher >= 0)
		close(cipher);
	if (file >= 0)
		close(file);
	return rc;
}
