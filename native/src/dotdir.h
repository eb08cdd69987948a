/* /.dunnage: a small read-only directory of ours that containers show when there is something to put into it. */
#ifndef DUNNAGE_DOTDIR_H
#define DUNNAGE_DOTDIR_H

#include "parts.h"

/* Clients of Slurm's commands, and the guard of MPI programs. */
int dn_dot_dir_part(const struct dn_build *b, struct dn_parts *parts, struct dn_err *err);

/* Copies a file of the installation (its path behind the prefix) into dir. */
int dn_dot_dir_copy(const struct dn_site *site, const char *file, int dir, const char *name, mode_t mode, struct dn_err *err);

#endif
