/* Namespaces of a container's own beside those of mounts and network. */
#ifndef DUNNAGE_UNSHARE_INNER_H
#define DUNNAGE_UNSHARE_INNER_H

#include "dunnage/container.h"

/* Moves the calling process into them; spaces->ipc and spaces->uts name them. */
int dn_unshare_make(const struct dn_unshared *wanted, struct dn_spaces *spaces, struct dn_err *err);
int dn_unshare_join(const struct dn_spaces *spaces, struct dn_err *err);

#endif
