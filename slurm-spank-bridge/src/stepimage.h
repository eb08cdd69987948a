/* The image of a step, opened as the user; one that is named by a reference is pulled first. In the task, as root. */
#ifndef DUNNAGE_STEPIMAGE_H
#define DUNNAGE_STEPIMAGE_H

#include <slurm/spank.h>

#include "dunnage/container.h"
#include "session.h"

struct dn_step_image {
	const struct dn_site *site;
	const struct dn_identity *who;
	const struct dn_session *session;
};

/* name: an absolute path or a reference. *resolved is malloc'ed. */
int dn_step_image_open(spank_t sp, const struct dn_step_image *from, const char *name, int *image, char **resolved,
		       struct dn_err *err);

#endif
