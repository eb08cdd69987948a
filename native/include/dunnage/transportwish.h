/* Values of --container-require-transport. */
#ifndef DUNNAGE_TRANSPORTWISH_H
#define DUNNAGE_TRANSPORTWISH_H

#include "dunnage/err.h"
#include "dunnage/wire.h"

/* The words of a list with commas, each checked and malloc'ed; NULL: none. */
int dn_transport_split(const char *list, struct dn_strings *words, struct dn_err *err);

#endif
