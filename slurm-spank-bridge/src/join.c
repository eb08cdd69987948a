#include <stdint.h>

#include "join.h"

#include "options.h"

#include <slurm/slurm_errno.h>
#include <stdlib.h>
#include <string.h>

int dn_join_claim(const struct dn_facts *facts, const char *image, const char *binds, struct dn_session *session, struct dn_named *named,
		  struct dn_err *err)
{
	struct dn_named_wish wish = {
		.job = facts->job_id, .step = facts->step_id, .uid = facts->who.uid, .name = dn_options()->name, .image = image,
		.mailbox = session->mailbox,
	};
	char *shape;
	int rc;

	if (wish.name == NULL)
		return 0;
	shape = dn_options_shape(binds);
	if (shape == NULL)
		return dn_fail(err, DN_INTERNAL, "out of memory");
	wish.shape = shape;
	rc = dn_named_claim(DN_JOB_RECORDS, &wish, named, err);
	free(shape);
	session->named = named->role == DN_NAMED_BUILDS;
	return rc;
}

/* It shows the PMIx directory of the step that built it. */
static int check_mpi(const struct dn_facts *facts, const char *name, const char *mpi_type, struct dn_err *err)
{
	if (facts->step_tasks < 2 || mpi_type == NULL || strncmp(mpi_type, "pmix", 4) != 0)
		return 0;
	return dn_fail(err, DN_REQUEST,
		       "--container-name=%s: ranks of several tasks cannot meet by PMIx in another step's container; take --mpi=none or "
		       "--mpi=pmi2, one task, or a container of this step's own", name);
}

static int own_directory(struct dn_plan *plan, const char *cwd, struct dn_err *err)
{
	const char *wanted = dn_options()->workdir != NULL ? dn_options()->workdir : cwd;
	char *copy;

	if (wanted[0] != '/')
		return dn_fail(err, DN_REQUEST, "--container-workdir=%s: give an absolute path, since the container was built by another step",
			       wanted);
	copy = strdup(wanted);
	if (copy == NULL)
		return dn_fail(err, DN_INTERNAL, "out of memory");
	free(plan->workdir);
	plan->workdir = copy;
	return 0;
}

int dn_join_take(const struct dn_named *named, const struct dn_facts *facts, const char *mpi_type, const char *cwd, unsigned timeout,
		 struct dn_spaces *spaces, struct dn_reply *plan, struct dn_err *err)
{
	if (dn_options()->entrypoint)
		return dn_fail(err, DN_REQUEST, "--container-entrypoint belongs to the step that builds a container; leave it out to enter '%s'",
			       named->name);
	if (check_mpi(facts, named->name, mpi_type, err) < 0 || dn_named_join(named, timeout, spaces, plan, err) < 0)
		return -1;
	slurm_debug("dunnage: step %u.%u enters the container '%s' of step %u", facts->job_id, facts->step_id, named->name, named->step);
	return own_directory(&plan->u.plan, cwd, err);
}
