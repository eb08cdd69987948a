/* The record of a step that the plugin refuses by itself. */
#ifndef DUNNAGE_REFUSED_H
#define DUNNAGE_REFUSED_H

#include "dunnage/audit.h"
#include "facts.h"

/* What the launcher has not recorded already; image: as far as it is known, or NULL. */
void dn_record_refusal(const struct dn_audit *audit, const struct dn_facts *facts, const char *image, const struct dn_err *why);

#endif
