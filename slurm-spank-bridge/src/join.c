#include <stdint.h>

#include "join.h"

#include "choose.h"
#include "options.h"

#include <slurm/slurm_errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
	session->named = named->role == DN_NAMED_BUILDS || named->role == DN_NAMED_JOINS;
	return rc;
}

/* Slurm's spool directory is not known everywhere. */
static int check_mpi(const struct dn_spaces *spaces, const struct dn_facts *facts, const char *name, const char *mpi_type,
		     struct dn_err *err)
{
	if (spaces->spool >= 0 || facts->step_tasks < 2 || !dn_mpi_is_pmix(mpi_type))
		return 0;
	return dn_fail(err, DN_REQUEST,
		       "--container-name=%s: ranks of several tasks cannot meet by PMIx in a container that shows no directory of Slurm's; take "
		       "--mpi=none or --mpi=pmi2, one task, or a container of this step's own", name);
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

/* As the planner's PmiWiring would say for this step: the container may have been planned for one without PMIx. */
static int own_wiring(struct dn_plan *plan, const char *mpi_type, struct dn_err *err)
{
	static const char psec[] = "PMIX_MCA_psec=";
	char **longer, *entry;

	if (!dn_mpi_is_pmix(mpi_type))
		return 0;
	for (size_t i = 0; i < plan->env.n; i++)
		if (strncmp(plan->env.v[i], psec, sizeof(psec) - 1) == 0)
			return 0;
	longer = reallocarray(plan->env.v, plan->env.n + 1, sizeof(*longer));
	if (longer == NULL)
		return dn_fail(err, DN_INTERNAL, "out of memory");
	plan->env.v = longer;
	entry = strdup("PMIX_MCA_psec=native");
	if (entry == NULL)
		return dn_fail(err, DN_INTERNAL, "out of memory");
	plan->env.v[plan->env.n++] = entry;
	return 0;
}

int dn_join_take(const struct dn_named *named, const struct dn_facts *facts, const char *mpi_type, const char *cwd, unsigned timeout,
		 struct dn_spaces *spaces, struct dn_reply *plan, struct dn_err *err)
{
	if (dn_options()->entrypoint)
		return dn_fail(err, DN_REQUEST, "--container-entrypoint belongs to the step that builds a container; leave it out to enter '%s'",
			       named->name);
	if (dn_named_join(named, timeout, spaces, plan, err) < 0 || check_mpi(spaces, facts, named->name, mpi_type, err) < 0)
		return -1;
	slurm_debug("dunnage: step %u.%u enters the container '%s' of step %u", facts->job_id, facts->step_id, named->name, named->step);
	return own_wiring(&plan->u.plan, mpi_type, err) < 0 ? -1 : own_directory(&plan->u.plan, cwd, err);
}

int dn_join_enter(struct dn_facts *facts, const struct dn_spaces *spaces, struct dn_err *err)
{
	int pmix = -1, rc;

	dn_facts_check_pmix(facts);
	if (spaces->spool < 0 || facts->dirs.pmix == NULL)
		return dn_container_join(spaces, err);
	if (dn_step_pmix_take(&facts->dirs, &pmix, err) < 0)
		return -1;
	rc = dn_container_join(spaces, err);
	if (rc == 0)
		rc = dn_step_pmix_show(spaces, &facts->dirs, pmix, err);
	close(pmix);
	return rc;
}

void dn_join_leave(const struct dn_named *named, const struct dn_session *session, const struct dn_facts *facts)
{
	struct dn_spaces spaces = DN_NO_SPACES;
	struct dn_reply plan = {0};
	struct dn_err ignored = {0};
	enum dn_turn turn;

	if (named->role != DN_NAMED_JOINS || session->mailbox < 0 ||
	    dn_session_look(session->mailbox, &turn, &spaces, &plan, &ignored) <= 0 || turn != DN_TURN_READY)
		return;
	dn_step_pmix_withdraw(&spaces, &facts->dirs);
	dn_spaces_close(&spaces);
	dn_reply_free(&plan);
}
