#include <stdint.h>

#include "remote.h"

#include "choose.h"
#include "entrypoint.h"
#include "facts.h"
#include "filelimit.h"
#include "join.h"
#include "layers.h"
#include "limits.h"
#include "networks.h"
#include "options.h"
#include "refused.h"
#include "request.h"
#include "session.h"
#include "site.h"
#include "stepimage.h"
#include "taskenv.h"
#include "userenv.h"

#include "dunnage/ask.h"
#include "dunnage/container.h"
#include "dunnage/pull.h"
#include "dunnage/slurmgate.h"

#include <errno.h>
#include <fcntl.h>
#include <slurm/slurm_errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define INTERACTIVE_STEP 0xfffffffau
#define BATCH_STEP 0xfffffffbu
#define EXTERN_STEP 0xfffffffcu
#define PULL_SECONDS 86400 /* others wait as long as somebody pulls; a death is noticed at once */
#define ENVDUMP "/libexec/dunnage/dunnage-envdump"

/* One slurmstepd serves one step on one node; the tasks inherit this by fork. */
static struct {
	bool active; /* this step asked for a container */
	bool for_steps; /* it did not, but those that its program starts shall have the job's */
	struct dn_err failure; /* found before the tasks exist; code 0: none */
	struct dn_site site;
	struct dn_facts facts;
	struct dn_session session;
	struct dn_named named;
	char *image_ref, *submit_dir, *mpi_type, *binds, *begun_in;
	uint32_t forked, ended; /* tasks, as the parent counts them */
	/* In the task only. */
	struct dn_place place;
	struct dn_reply plan;
	struct dn_filter filter;
	char *resolved; /* path of the image that was opened */
	int envdump;
} step = {.session = DN_NO_SESSION, .place = {-1}, .envdump = -1};

/* Slurm prefixes and forwards it to the user's terminal. */
static int refuse(const struct dn_err *err)
{
	slurm_error("dunnage: %s", err->msg);
	return -1;
}

static int image_of_step(spank_t sp, struct dn_err *err)
{
	char *value = NULL;

	if (dn_step_variable(sp, "SLURM_CONTAINER", &value, err) < 0)
		return -1;
	if (value == NULL && dn_options()->container != NULL)
		value = strdup(dn_options()->container);
	if (value != NULL && (*value == '\0' || strcmp(value, "none") == 0)) {
		free(value);
		value = NULL;
	}
	step.image_ref = value;
	return 0;
}

static int set_up(spank_t sp, const char *plugin_path, int argc, char *argv[], struct dn_err *err)
{
	struct dn_err second = {0};
	int rc = dn_site_load(&step.site, plugin_path, argc, argv, err);

	/* Without them a refusal could not be recorded as this step's. */
	if (dn_facts_gather(sp, &step.facts, rc == 0 ? err : &second) < 0)
		rc = -1;
	/* And without it each rank would tell. */
	if (dn_session_open(&step.session, rc == 0 ? err : &second) < 0 || rc < 0 ||
	    dn_step_variable(sp, "SLURM_SUBMIT_DIR", &step.submit_dir, err) < 0 ||
	    dn_step_variable(sp, "SLURM_MPI_TYPE", &step.mpi_type, err) < 0 || dn_user_binds(sp, &step.binds, err) < 0)
		return -1;
	return dn_join_claim(&step.facts, step.image_ref, step.binds, &step.session, &step.named, err);
}

/* The job's script, with the container for its steps alone. */
static bool is_script_outside(uint32_t step_id)
{
	return dn_options()->steps_only && (step_id == BATCH_STEP || step_id == INTERACTIVE_STEP);
}

int dn_remote_init_post_opt(spank_t sp, const char *plugin_path, int argc, char *argv[])
{
	uint32_t step_id = EXTERN_STEP;

	if (spank_get_item(sp, S_JOB_STEPID, &step_id) != ESPANK_SUCCESS || step_id == EXTERN_STEP)
		return 0;
	if (is_script_outside(step_id)) {
		step.for_steps = true;
		return 0;
	}
	if (image_of_step(sp, &step.failure) < 0 || step.image_ref != NULL || dn_options()->name != NULL) {
		struct dn_err second = {0};
		bool sound = step.failure.code == DN_OK;

		step.active = true;
		if (set_up(sp, plugin_path, argc, argv, sound ? &step.failure : &second) < 0 && step.failure.code == DN_OK)
			dn_fail(&step.failure, DN_INTERNAL, "the step's set-up failed without a reason");
	}
	return 0;
}

/* Batch steps may still carry the text as the user typed it: it is meant from where the job was submitted. */
static int absolute_image(const char *cwd, char **path, struct dn_err *err)
{
	const char *base = step.submit_dir != NULL && step.submit_dir[0] == '/' ? step.submit_dir : cwd;

	return dn_absolute_ref(step.image_ref, base, path, err);
}

static int open_image(spank_t sp, const char *cwd, int *image, char **resolved, struct dn_err *err)
{
	const struct dn_step_image from = {.site = &step.site, .who = &step.facts.who, .session = &step.session};
	char *name = NULL;
	int rc;

	if (absolute_image(cwd, &name, err) < 0)
		return -1;
	rc = dn_step_image_open(sp, &from, name, image, resolved, err);
	free(name);
	return rc;
}

static void tell(const struct dn_plan *plan)
{
	for (size_t i = 0; i < plan->notices.n; i++)
		slurm_spank_log("dunnage: %s", plan->notices.v[i]);
	slurm_debug("dunnage: %s", plan->decision);
}

/* Descriptor of the program that prints the environment after the image's scripts; opened while the host's files are
 * still in view. */
static int open_envdump(struct dn_err *err)
{
	char *path = NULL;
	int rc = 0;

	if (asprintf(&path, "%s" ENVDUMP, step.site.prefix) < 0)
		return dn_fail(err, DN_INTERNAL, "out of memory");
	step.envdump = open(path, O_RDONLY | O_CLOEXEC);
	if (step.envdump < 0)
		rc = dn_fail_errno(err, DN_SETUP, errno, "cannot open %s; reinstall dunnage on this node", path);
	free(path);
	return rc;
}

/* What the plan needs from the host, in each rank and before it leaves the host's view. */
static int prepare(struct dn_err *err)
{
	const struct dn_plan *plan = &step.plan.u.plan;

	if (dn_filter_load(&step.site, plan, &step.filter, err) < 0 || dn_task_launcher(step.site.prefix, err) < 0)
		return -1;
	return dn_step_limits_apply(&step.site, &step.facts, plan, err);
}

static int build(spank_t sp, const char *cwd, struct dn_spaces *spaces, struct dn_err *err)
{
	const struct dn_slurm_gate gate = {.channel = step.session.slurm_task, .bin = step.site.slurm_bin,
					   .task_prolog = dn_task_prolog()};
	const struct dn_mpi_step mpi = {
		.tasks = step.facts.step_tasks, .node = step.facts.node_number, .type = step.mpi_type};
	const struct dn_network_step network = {
		.job = step.facts.job_id, .step = step.facts.step_id, .node = step.facts.node};
	struct dn_build b = {
		.network_step = &network,
		.site = &step.site,
		.mpi = &mpi,
		.slurm = &gate,
		.plan = &step.plan.u.plan,
		.who = &step.facts.who,
		.dirs = &step.facts.dirs,
		.cwd = cwd,
		.writable = dn_options()->writable,
		.entrypoint = dn_options()->entrypoint,
		.lasting_job = step.named.role == DN_NAMED_BUILDS ? step.facts.job_id : 0,
		.unshared = {.hostname = dn_options()->hostname},
	};
	struct dn_step_request request = {.site = &step.site, .facts = &step.facts, .session = &step.session, .cwd = cwd,
					  .image_ref = step.image_ref, .binds = step.binds, .mpi_type = step.mpi_type};
	const char *unshare = dn_options()->unshare, *overlay = dn_options()->overlay;
	struct dn_overlay_list layers = {0};
	int image = -1, rc = -1;

	if (overlay != NULL && dn_overlay_read("--container-overlay", overlay, &layers, err) < 0)
		goto out;
	if ((unshare != NULL && dn_unshare_read("--container-unshare", unshare, &b.unshared.what, err) < 0) || open_image(sp, cwd, &image, &step.resolved, err) < 0)
		goto out;
	b.writers = dn_image_has_writers(image);
	request.image_path = step.resolved;
	if (dn_request_plan(sp, &request, image, &step.plan.u.plan, err) < 0)
		goto out;
	step.plan.kind = DN_KIND_PLAN;
	tell(&step.plan.u.plan);
	dn_facts_check_pmix(&step.facts);
	if (prepare(err) < 0 || dn_layers_hold(&step.session, &step.facts.who, &layers, err) < 0)
		goto out;
	b.image_fd = image;
	b.overlays = layers.v;
	b.noverlays = layers.n;
	b.writable |= layers.writable;
	rc = dn_container_build(&b, spaces, err);
out:
	if (image >= 0)
		close(image);
	dn_overlay_free(&layers);
	return rc;
}

/* A pull may take its time; who builds and dies is noticed at once. */
static unsigned longest_wait(void)
{
	return step.site.timeout + 60 + (step.image_ref != NULL && dn_is_reference(step.image_ref) ? PULL_SECONDS : 0);
}

/* What the step that built it was granted and forbidden holds for this one too. */
static int join(const char *cwd, struct dn_spaces *spaces, struct dn_err *err)
{
	if (dn_join_take(&step.named, &step.facts, step.mpi_type, cwd, longest_wait(), spaces, &step.plan, err) < 0 || prepare(err) < 0)
		return -1;
	return dn_join_enter(&step.facts, spaces, err);
}

/* The first rank: builds, and posts what came of it. */
static int build_and_post(spank_t sp, const char *cwd, struct dn_err *err)
{
	struct dn_err ignored = {0};
	struct dn_spaces spaces = DN_NO_SPACES;
	int rc = step.named.role == DN_NAMED_JOINS ? join(cwd, &spaces, err) : build(sp, cwd, &spaces, err);

	if (rc == 0)
		rc = dn_session_post(&step.session, &step.place, &spaces, &step.plan.u.plan, err);
	else
		dn_session_post_refusal(&step.session, &step.place, &ignored);
	dn_spaces_close(&spaces);
	return rc;
}

void dn_remote_user_init(void)
{
	if (step.active) {
		free(step.begun_in);
		step.begun_in = getcwd(NULL, 0);
	}
}

/* malloc'ed */
static char *working_directory(void)
{
	char *cwd = getcwd(NULL, 0);

	if (cwd == NULL || strcmp(cwd, "/") != 0 || step.begun_in == NULL)
		return cwd;
	free(cwd);
	return strdup(step.begun_in);
}

static int enter(spank_t sp, struct dn_err *err, bool *told)
{
	char *cwd = working_directory();
	enum dn_turn turn = DN_TURN_BUILD;
	struct dn_spaces spaces = DN_NO_SPACES;
	int rc = -1;

	if (cwd == NULL) {
		dn_fail_errno(err, DN_SETUP, errno, "cannot tell the working directory");
		goto out;
	}
	if (open_envdump(err) < 0 ||
	    dn_session_enter(&step.session, &step.place, longest_wait(), &turn, &spaces, &step.plan, err) < 0)
		goto out;
	if (turn == DN_TURN_REFUSED)
		*told = true;
	else if (turn == DN_TURN_READY)
		rc = prepare(err) < 0 ? -1 : dn_container_join(&spaces, err);
	else
		rc = build_and_post(sp, cwd, err);
out:
	dn_spaces_close(&spaces);
	free(cwd);
	return rc;
}

/* A failure that was found before the tasks existed is told by the first rank that gets here. */
static bool another_told(void)
{
	struct dn_err ignored = {0};
	enum dn_turn turn = DN_TURN_BUILD;
	struct dn_spaces spaces = DN_NO_SPACES;

	if (step.session.post >= 0 &&
	    dn_session_enter(&step.session, &step.place, 10, &turn, &spaces, &step.plan, &ignored) == 0) {
		if (turn == DN_TURN_REFUSED)
			return true;
		dn_session_post_refusal(&step.session, &step.place, &ignored);
	}
	return false;
}

static int start(spank_t sp, struct dn_err *err, bool *told)
{
	if (step.failure.code != DN_OK) {
		*err = step.failure;
		*told = another_told();
		return -1;
	}
	if (enter(sp, err, told) < 0 || dn_confine(&step.plan.u.plan, err) < 0)
		return -1;
	/* A short program would have done its work before Slurm loses its patience. */
	return dn_is_cancelled() ? dn_fail(err, DN_SETUP, "the step was cancelled before its program ran") : 0;
}

int dn_remote_task_init_privileged(spank_t sp)
{
	struct dn_audit audit = DN_NO_AUDIT;
	struct dn_err err = {0};
	bool told = false;
	int rc;

	if (!step.active)
		return 0;
	dn_audit_open(&step.site, &audit);
	rc = start(sp, &err, &told);
	if (rc < 0 && !told) {
		dn_record_refusal(&audit, &step.facts, step.resolved != NULL ? step.resolved : step.image_ref, &err);
		refuse(&err);
	}
	dn_audit_close(&audit);
	return rc;
}

/* An explicit working directory must exist; the step's own may be hidden by the image. */
static int enter_directory(spank_t sp, struct dn_err *err)
{
	const struct dn_plan *plan = &step.plan.u.plan;
	const char *went = "/";
	uint32_t local_id = 0;

	if (dn_enter_workdir(plan->workdir, step.facts.who.home, &went, err) < 0)
		return -1;
	if (strcmp(went, plan->workdir) == 0)
		return 0;
	if (dn_options()->workdir != NULL)
		return dn_fail(err, DN_REQUEST,
			       "--container-workdir=%s: no such directory in the container that you may enter; bind one with "
			       "--container-mounts or choose another",
			       plan->workdir);
	if (spank_get_item(sp, S_TASK_ID, &local_id) == ESPANK_SUCCESS && local_id == 0)
		slurm_spank_log("dunnage: the working directory %s is not in the container, starting in %s; bind it with "
				"--container-mounts=%s:%s",
				plan->workdir, went, plan->workdir, plan->workdir);
	return 0;
}

/* PMI2 talks over an inherited socket that PMI_FD names; nothing else above 2 goes to the program. */
static int close_descriptors(spank_t sp, struct dn_err *err)
{
	char *text = NULL;
	int keep = -1, rc;

	if (dn_step_variable(sp, "PMI_FD", &text, err) < 0)
		return -1;
	if (text != NULL)
		keep = atoi(text);
	free(text);
	rc = dn_close_on_exec(keep > 2 ? keep : -1, err);
	return rc;
}

/* The script may change its directory before it starts a step: by then the name must be absolute. */
static int hand_image_on(spank_t sp, struct dn_err *err)
{
	char *cwd = working_directory(), *ref = NULL;
	int rc = -1;

	if (dn_step_variable(sp, "SLURM_SUBMIT_DIR", &step.submit_dir, err) < 0 || image_of_step(sp, err) < 0)
		goto out;
	rc = 0;
	if (step.image_ref == NULL)
		goto out;
	rc = absolute_image(cwd != NULL ? cwd : "/", &ref, err);
	if (rc == 0 && spank_setenv(sp, "SLURM_CONTAINER", ref, 1) != ESPANK_SUCCESS)
		rc = dn_fail(err, DN_INTERNAL, "cannot set the variable SLURM_CONTAINER");
out:
	free(ref);
	free(cwd);
	return rc;
}

int dn_remote_task_init(spank_t sp)
{
	struct dn_err err = {0};
	bool told = false;

	if (step.for_steps)
		return hand_image_on(sp, &err) < 0 ? refuse(&err) : 0;
	if (!step.active)
		return 0;
	if (dn_confine_user(&step.plan.u.plan, &step.filter, &err) < 0)
		return refuse(&err);
	if (dn_task_environment(sp, &step.session, &step.place, &step.plan.u.plan, &step.facts.who, step.envdump, &told, &err) < 0)
		return told ? -1 : refuse(&err);
	if (enter_directory(sp, &err) < 0 || close_descriptors(sp, &err) < 0 ||
	    (dn_options()->entrypoint && dn_use_entrypoint(sp, &err) < 0) || dn_file_limit_spare(&err) < 0)
		return refuse(&err);
	return 0;
}

/* Whoever runs Slurm's commands for the step shares its limits and its end. */
static void admit(spank_t sp, bool first)
{
	struct dn_err err = {0};
	pid_t pid = 0;

	if (spank_get_item(sp, S_TASK_PID, &pid) != ESPANK_SUCCESS || pid <= 0) {
		slurm_error("dunnage: Slurm does not tell the process of a task");
		return;
	}
	if (dn_limits_show(pid, step.facts.job_id, &err) < 0)
		slurm_debug("dunnage: %s", err.msg);
	if (first && dn_slurm_gate_admit(step.session.slurm_keep, step.facts.job_id, pid, &err) < 0)
		slurm_error("dunnage: %s", err.msg);
}

int dn_remote_task_post_fork(spank_t sp)
{
	if (!step.active || step.failure.code != DN_OK)
		return 0;
	admit(sp, step.forked++ == 0);
	if (step.forked >= step.facts.local_tasks) {
		dn_session_admit(&step.session);
		dn_session_leave(&step.session);
	}
	return 0;
}

int dn_remote_task_exit(void)
{
	if (step.active && ++step.ended >= step.facts.local_tasks) {
		dn_step_limits_tell(&step.site, &step.facts);
		dn_networks_end(&step.site, &step.facts);
		dn_join_leave(&step.named, &step.session, &step.facts);
		dn_named_release(&step.named);
		dn_session_end_helper(&step.session);
	}
	return 0;
}

int dn_remote_exit(void)
{
	if (step.active) {
		dn_limits_release(step.facts.job_id, step.facts.step_id);
		dn_networks_end(&step.site, &step.facts);
	}
	dn_named_release(&step.named);
	dn_session_close(&step.session);
	dn_site_free(&step.site);
	dn_facts_free(&step.facts);
	free(step.resolved);
	free(step.image_ref);
	free(step.submit_dir);
	free(step.begun_in);
	free(step.mpi_type);
	free(step.binds);
	step.resolved = step.image_ref = step.submit_dir = step.mpi_type = step.binds = step.begun_in = NULL;
	step.active = false;
	return 0;
}
