/* What opens an encrypted image. */
#ifndef DUNNAGE_SECRET_H
#define DUNNAGE_SECRET_H

#include "front.h"

/* The passphrase of the open image, from where the user said: a descriptor, the terminal, a variable, or an RSA key that it is
 * wrapped for. NUL ended, malloc'ed; dn_secret_free forgets it. */
int dn_secret_get(const struct dn_wishes *w, const struct dn_site *site, int image_fd, char **secret, struct dn_err *err);
void dn_secret_free(char *secret);

/* Whether the program is there that opens encrypted images; *path names it. */
int dn_gocryptfs_find(char **path, struct dn_err *err);

/* The root file system of an image whose plan says gocryptfs, as a detached mount. In the user's namespaces. */
int dn_gocryptfs_mount(const struct dn_build *b, const char *gocryptfs, const char *secret, int *mnt, struct dn_err *err);

#endif
