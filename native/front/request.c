/* The plan: the agent's, a remembered one, or that of a planner started for it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dunnage/ask.h"
#include "dunnage/gpudevices.h"
#include "dunnage/mpiwish.h"
#include "front.h"
#include "plancache.h"

static char *node_name(void)
{
	char name[256];

	if (gethostname(name, sizeof(name)))
		return dn_text("localhost");
	name[sizeof(name) - 1] = 0;
	return dn_text("%s", name);
}

/* The user's place for what the planner keeps. */
static void make_store(const struct dn_identity *who, const struct dn_site *site)
{
	char *above;

	if (!who->own)
		return;
	above = dn_text("%s/.dunnage", who->home);
	(void)mkdir(above, 0700); /* the planner says what it cannot use */
	(void)mkdir(site->store, 0700);
	free(above);
}

static int check(const struct dn_identity *who, struct dn_plan *plan, struct dn_err *err)
{
	if (!who->own || (plan->driver != DN_DRIVER_KERNEL && plan->source == DN_SOURCE_REQUEST))
		return 0;
	dn_plan_free(plan);
	return dn_fail(err, DN_INTERNAL, "the agent planned a mount that needs root; is it of another version than this command?");
}

static int recall_or_ask(const struct dn_site *site, const struct dn_launch *req, int image_fd, struct dn_plan_key *key,
			 struct dn_plan *plan, struct dn_err *err)
{
	int queue = -1, rc = 0;

	dn_plan_key(site, req, image_fd, key);
	if (!dn_plan_recall(key, plan)) {
		queue = dn_plan_queue(key, site->timeout);
		if (!dn_plan_recall(key, plan)) {
			rc = dn_ask(site, req, image_fd, plan, err);
			if (!rc)
				dn_plan_remember(key, plan);
		}
	}
	if (queue >= 0)
		close(queue);
	return rc;
}

/* All that the node has: where a cgroup keeps the user from some, it does so inside as well. */
static struct dn_strings gpus(void)
{
	static struct dn_strings known;
	static bool looked;
	struct dn_err ignored;

	if (!looked)
		(void)dn_gpu_devices("/dev", false, &known, &ignored);
	looked = true;
	return known;
}

/* Where the user stands is this command's business, not the plan's: so that one plan serves all directories. So is the number of
 * ranks, unless the image must fit their launcher. */
static struct dn_launch request(const struct dn_identity *who, const struct dn_wishes *w, const char *resolved)
{
	const struct dn_mpi_step mpi = dn_mpi_wish_requires(w->mpi) ? dn_mpi_launch() : (struct dn_mpi_step){ .tasks = 1 };

	return (struct dn_launch){
		.uid = who->uid, .gid = who->gid, .groups = who->groups, .ngroups = who->ngroups, .user = who->user,
		.home = who->home, .cwd = (char *)"/", .node = node_name(), .image_ref = (char *)(uintptr_t)w->image,
		.image_path = (char *)(uintptr_t)resolved, .mounts = { .v = w->binds.v, .n = w->binds.n },
		.mount_home = w->no_home || (w->contain && !w->home) ? 0 : w->home || w->fakeroot ? 1 : 2,
		.mpi_type = (char *)(uintptr_t)mpi.type, .step_tasks = mpi.tasks ? mpi.tasks : 1, .local_tasks = 1,
		.rootless = who->own, .mpi = (char *)(uintptr_t)w->mpi,
		.overlay = w->writable_tmpfs || w->overlays.n > 0, .gpu = w->gpu, .gpu_devices = gpus(),
		.transports = w->transports,
	};
}

int dn_front_plan(const struct dn_site *site, const struct dn_identity *who, const struct dn_wishes *w,
		  const char *resolved, int image_fd, struct dn_plan_key *key, struct dn_plan *plan, struct dn_err *err)
{
	struct dn_launch req = request(who, w, resolved);
	int rc;

	make_store(who, site);
	rc = who->own ? recall_or_ask(site, &req, image_fd, key, plan, err) : dn_ask(site, &req, image_fd, plan, err);
	free(req.node);
	return rc ? -1 : check(who, plan, err);
}

bool dn_front_recall(const struct dn_site *site, const struct dn_identity *who, const struct dn_wishes *w,
		     const char *resolved, int image_fd, struct dn_plan_key *key, struct dn_plan *plan)
{
	struct dn_launch req = request(who, w, resolved);
	struct dn_err err;
	bool found;

	dn_plan_key(site, &req, image_fd, key);
	found = dn_plan_recall(key, plan) && check(who, plan, &err) == 0;
	free(req.node);
	return found;
}
