/* What the node asks for a step. */
#ifndef DUNNAGE_BRIDGE_REQUEST_H
#define DUNNAGE_BRIDGE_REQUEST_H

#include "facts.h"
#include "session.h"

#include <slurm/spank.h>

/* Beside the options; what the step does not have is NULL. */
struct dn_step_request {
	const struct dn_site *site;
	const struct dn_facts *facts;
	const struct dn_session *session;
	const char *cwd;
	char *image_ref, *image_path; /* as it was named, and the file that was opened */
	char *binds;                  /* of the variables */
	char *mpi_type;
};

/* Root, in the first rank. image: the open file. */
int dn_request_plan(spank_t sp, const struct dn_step_request *r, int image, struct dn_plan *plan, struct dn_err *err);

#endif
