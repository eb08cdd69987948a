/* File systems that a program of the user serves, outside the namespace that shows them. */
#ifndef DUNNAGE_FUSE_H
#define DUNNAGE_FUSE_H

#include "dunnage/container.h"

#define DN_FUSE_SOURCE "/proc/self/fd/3" /* what is served, in the server */
#define DN_FUSE_PLACE "/dev/fd/4"	 /* its place of the mount: the kernel's end is there already */

/* A server to start. */
struct dn_fuse_server {
	const char *name; /* in messages, and in the table of mounts */
	const char *path;
	char *const *argv; /* with DN_FUSE_SOURCE and DN_FUSE_PLACE in it */
	int input;	   /* its standard input; -1: nothing */
	int source;
	unsigned seconds;  /* it has to answer within; at most, and by itself, 60 */
	const int *cgroups; /* as in struct dn_program */
	size_t ncgroups;
	bool no_modes; /* everything may be read, whoever owns it and whatever its mode is */
};

/* Makes the mount (read-only, nosuid, nodev, detached) and starts the server, as the user, detached from the caller. It ends with
 * the mount. A server that ended at once leaves its first words in said. */
int dn_fuse_serve(const struct dn_fuse_server *server, const struct dn_identity *who, int *mnt, char *said, size_t room,
		  struct dn_err *err);

#endif
