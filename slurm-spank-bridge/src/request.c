#include <stdint.h>

#include "request.h"

#include "hardware.h"
#include "networks.h"
#include "options.h"

#include "dunnage/ask.h"

int dn_request_plan(spank_t sp, const struct dn_step_request *r, int image, struct dn_plan *plan, struct dn_err *err)
{
	const struct dn_options *o = dn_options();
	/* the option's cover the variable's */
	char *mounts[2] = {r->binds != NULL ? r->binds : o->mounts, r->binds != NULL ? o->mounts : NULL};
	struct dn_launch req = {
		.job_id = r->facts->job_id,
		.step_id = r->facts->step_id,
		.restart = r->facts->restart,
		.uid = r->facts->who.uid,
		.gid = r->facts->who.gid,
		.groups = r->facts->who.groups,
		.ngroups = r->facts->who.ngroups,
		.user = r->facts->who.user,
		.home = r->facts->who.home,
		.cwd = (char *)(uintptr_t)r->cwd,
		.node = (char *)(uintptr_t)r->facts->node,
		.image_ref = r->image_ref,
		.image_path = r->image_path,
		.mounts = {.v = mounts, .n = (size_t)(r->binds != NULL) + (o->mounts != NULL)},
		.workdir = o->workdir,
		.mount_home = o->mount_home,
		.mpi_type = r->mpi_type,
		.step_tasks = r->facts->step_tasks,
		.local_tasks = r->facts->local_tasks,
		.account = r->facts->job.account,
		.partition = r->facts->job.partition,
		.mpi = o->mpi,
		.overlay = o->writable || o->overlay != NULL,
	};
	int rc = dn_hardware_ask(sp, r->session, &req, err);

	if (rc == 0)
		rc = dn_networks_ask(sp, &req, err);
	if (rc == 0)
		rc = dn_ask(r->site, &req, image, plan, err);
	dn_hardware_free(&req);
	dn_networks_free(&req);
	return rc;
}
