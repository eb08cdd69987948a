/* Layers over the image that the user brings. */
#ifndef DUNNAGE_LAYERS_H
#define DUNNAGE_LAYERS_H

#include "dunnage/overlaywish.h"
#include "session.h"

/* In the task that builds, root. One that is written to serves one step on one node, as long as that has tasks. */
int dn_layers_hold(const struct dn_session *session, const struct dn_identity *who, const struct dn_overlay_list *layers,
		   struct dn_err *err);

#endif
