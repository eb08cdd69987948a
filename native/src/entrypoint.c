#include "entrypoint.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* Runscripts are the business of the image's shell anyway. */
static const char text[] = "#!/bin/sh\n"
			   "set -- \"$" DN_ENTRYPOINT_VARIABLE "\" \"$@\"\n"
			   "unset " DN_ENTRYPOINT_VARIABLE "\n"
			   "exec " DN_RUNSCRIPT " \"$@\"\n";

int dn_entrypoint_fill(int dir, struct dn_err *err)
{
	const char *name = DN_ENTRYPOINT + sizeof("/.dunnage/") - 1;
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755), rc = 0;

	if (fd < 0 || write(fd, text, sizeof(text) - 1) != (ssize_t)sizeof(text) - 1 || fchmod(fd, 0755))
		rc = dn_fail_errno(err, DN_SETUP, errno, "cannot write the container's " DN_ENTRYPOINT);
	if (fd >= 0)
		close(fd);
	return rc;
}
