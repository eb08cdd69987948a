/* From the wishes to the program: open, plan, build, enter, exec. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dunnage/ask.h"
#include "dunnage/pull.h"
#include "dunnage/rankenv.h"
#include "front.h"
#include "hash.h"
#include "instance.h"
#include "keep.h"
#include "secret.h"
#include "start.h"

#define SCRIPT_SECONDS 60
#define PULL_SECONDS 86400
#define KEPT_WAIT_S 5 /* for another start that builds the same container */

/* Root of a user namespace keeps its rights there, which end at its border. */
static int confine(struct dn_start *s, struct dn_err *err)
{
	/* A grant is about the host's capabilities, and a user has none to keep. */
	if (s->who.own)
		s->plan.capabilities = 0;
	if (!s->w->fakeroot)
		return dn_confine(&s->plan, err) ? -1 : dn_confine_user(&s->plan, &s->filter, err);
	if (dn_filter_install(&s->plan, &s->filter, err))
		return -1;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ? dn_fail_errno(err, DN_SETUP, errno, "cannot set no_new_privs") : 0;
}

/* What the image's scripts change for this process, or for all ranks of the node. */
static int run_scripts(struct dn_start *s, enum dn_env_scope scope, struct dn_err *err)
{
	char **before, **after = NULL;
	int rc;

	free(s->changes);
	s->changes = NULL;
	s->changes_len = 0;
	if (!s->plan.env_scripts)
		return 0;
	before = dn_env_visible(s->base, scope);
	if (!before)
		return dn_fail(err, DN_INTERNAL, "out of memory");
	rc = dn_image_environment(before, SCRIPT_SECONDS, s->envdump, &after, err);
	if (!rc)
		rc = dn_env_changes(before, after ? after : before, scope, &s->changes, &s->changes_len, err);
	free(after);
	free(before);
	return rc;
}

static int enter_directory(const struct dn_start *s, struct dn_err *err)
{
	const char *wanted = s->w->pwd ? s->w->pwd : s->cwd, *went;

	if (dn_enter_workdir(wanted, s->who.home, &went, err))
		return -1;
	if (strcmp(went, wanted) == 0)
		return 0;
	if (s->w->pwd)
		return dn_fail(err, DN_REQUEST,
			       "--pwd %s: no such directory in the container that you may enter; bind one with --bind or choose "
			       "another",
			       wanted);
	fprintf(stderr, "dunnage: the working directory %s is not in the container, starting in %s; --bind %s shows it\n",
		wanted, went, wanted);
	return 0;
}

static uint64_t hash_all(uint64_t hash, char *const *words, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		hash = dn_hash(hash, words[i], strlen(words[i]) + 1);
	return hash;
}

/* What makes two ranks of a job ask for the same container. */
static char *container_key(const struct dn_start *s, const char *launcher)
{
	const struct dn_wishes *w = s->w;
	struct stat st = { 0 };
	char *text, *key;
	uint64_t hash;

	(void)stat(w->image, &st); /* the builder says what is wrong with it */
	text = dn_text("%s %llx.%llx %s %d%d%d%d%d %x %x %x %s\n%s\n%s\n%s", launcher, (unsigned long long)st.st_dev,
		       (unsigned long long)st.st_ino, dn_is_reference(w->image) ? w->image : "", w->contain, w->no_home,
		       w->writable_tmpfs, w->fakeroot, w->no_network, w->hidden, w->unshared.what, w->gpu, w->home ? w->home : "", w->workdir ? w->workdir : "",
		       w->mpi ? w->mpi : "", w->unshared.hostname ? w->unshared.hostname : "");
	hash = dn_hash(DN_HASH_START, text, strlen(text) + 1);
	hash = hash_all(hash, w->binds.v, w->binds.n);
	hash = hash_all(hash, w->overlays.v, w->overlays.n);
	hash = hash_all(hash, w->transports.v, w->transports.n);
	key = dn_text("%s/%016llx", launcher, (unsigned long long)hash);
	free(text);
	return key;
}

static int plan_memory(const struct dn_plan *plan, struct dn_err *err)
{
	struct dn_reply reply = { .kind = DN_KIND_PLAN, .u.plan = *plan };
	uint8_t *frame;
	size_t len;
	int fd;

	if (dn_wire_encode_reply(&reply, &frame, &len, err))
		return -1;
	fd = dn_share_memory(frame, len);
	if (fd < 0)
		dn_fail_errno(err, DN_SETUP, errno, "cannot keep the plan for the other ranks");
	free(frame);
	return fd;
}

static int read_plan(struct dn_start *s, struct dn_err *err)
{
	struct dn_reply reply = { 0 };
	enum dn_kind kind;
	uint32_t body;
	char *frame;
	size_t len;
	int rc = -1;

	if (dn_share_read(s->shared.plan, &frame, &len, err))
		return -1;
	if (len < DN_WIRE_HEADER || dn_wire_header((uint8_t *)frame, &body, &kind, err) || kind != DN_KIND_PLAN ||
	    body != len - DN_WIRE_HEADER)
		dn_fail(err, DN_INTERNAL, "the first rank's plan is malformed");
	else
		rc = dn_wire_decode_reply(kind, (uint8_t *)frame + DN_WIRE_HEADER, body, &reply, err);
	free(frame);
	s->plan = reply.u.plan;
	return rc;
}

/* The first rank; its scripts run before anybody else is let in, so that they run once. */
static int build_and_share(struct dn_start *s, struct dn_err *err)
{
	if (dn_start_build(s, err) || confine(s, err))
		return -1;
	s->base = dn_front_environment(s->w, &s->plan, &s->who);
	if (!dn_scripts_mention_rank()) {
		if (run_scripts(s, DN_ENV_FOR_NODE, err))
			return -1;
		s->shared.changes = dn_share_memory(s->changes ? s->changes : "", s->changes_len);
	}
	s->shared.plan = plan_memory(&s->plan, err);
	return s->shared.plan < 0 ? -1 : 0;
}

static int first(struct dn_start *s, int listener, bool launched, int *status, struct dn_err *err)
{
	bool per_rank;

	if (build_and_share(s, err)) {
		/* Told before the others hear of it: the first that ends makes the launcher end the rest. */
		if (*err->msg)
			fprintf(stderr, "dunnage: %s\n", err->msg);
		err->msg[0] = 0;
		*status = dn_exit_status(err->code);
		dn_share_refuse(listener, err->code, launched);
		return -1;
	}
	per_rank = s->shared.changes < 0;
	if (dn_share_post(listener, &s->shared, 0, err))
		return -1;
	dn_shared_close(&s->shared);
	return per_rank ? run_scripts(s, DN_ENV_FOR_RANK, err) : 0;
}

static int join(struct dn_start *s, struct dn_err *err)
{
	bool per_rank = s->shared.changes < 0;

	if (read_plan(s, err) || dn_start_home(s, err) || dn_filter_load(&s->site, &s->plan, &s->filter, err))
		return -1;
	if (!per_rank && dn_share_read(s->shared.changes, &s->changes, &s->changes_len, err))
		return -1;
	if (s->shared.user_ns >= 0 && setns(s->shared.user_ns, CLONE_NEWUSER))
		return dn_fail_errno(err, DN_SETUP, errno, "cannot join the user namespace of the first rank");
	if (dn_container_join(&s->shared.spaces, err) || confine(s, err))
		return -1;
	dn_shared_close(&s->shared);
	s->base = dn_front_environment(s->w, &s->plan, &s->who);
	return per_rank ? run_scripts(s, DN_ENV_FOR_RANK, err) : 0;
}

static int alone(struct dn_start *s, int listener, int keep, struct dn_err *err)
{
	struct dn_err ignored;

	if (dn_start_build(s, err) || confine(s, err)) {
		if (listener >= 0)
			close(listener);
		return -1;
	}
	if (listener >= 0) {
		s->shared.plan = plan_memory(&s->plan, &ignored);
		if (s->shared.plan < 0)
			close(listener);
		else
			(void)dn_share_post(listener, &s->shared, keep, &ignored);
	}
	dn_shared_close(&s->shared);
	s->base = dn_front_environment(s->w, &s->plan, &s->who);
	return run_scripts(s, DN_ENV_FOR_RANK, err);
}

/* A container is kept for images that are used again: whose plan is remembered. NULL: not this one. */
static char *kept_key(struct dn_start *s, struct dn_err *err)
{
	struct dn_plan plan;
	char *key = NULL;

	if (!dn_keepable(s->w, &s->who) || (s->image < 0 && dn_start_open(s, err)) ||
	    !dn_front_recall(&s->site, &s->who, s->w, s->resolved, s->image, &s->plan_key, &plan))
		return NULL;
	/* What was encrypted is open no longer than its program runs, and each start shows that it may open it. */
	if (plan.driver != DN_DRIVER_GOCRYPTFS)
		key = dn_keep_key(s->w, &s->who, &plan, s->cwd, s->plan_key.text, s->plan_key.len);
	dn_plan_free(&plan);
	return key;
}

/* Joins a container that was kept, or builds one, which may be kept. */
static int single(struct dn_start *s, struct dn_err *err)
{
	int keep = dn_keep_seconds(err), listener = -1;
	enum dn_share_turn turn = DN_SHARE_BUILD;
	struct dn_err ignored;
	uint32_t code = 0;
	char *key;

	if (keep < 0)
		return -1;
	/* Opened once: what a failed pull has to say is said by then. */
	if (dn_is_reference(s->w->image) && dn_start_open(s, err))
		return -1;
	key = keep ? kept_key(s, err) : NULL;
	/* Whatever is wrong with the kept one, a new one can be built. */
	if (!key || dn_share_enter(key, KEPT_WAIT_S, &turn, &listener, &s->shared, &code, &ignored))
		turn = DN_SHARE_BUILD;
	free(key);
	if (turn != DN_SHARE_JOIN)
		return alone(s, listener, keep, err);
	if (join(s, err))
		return -1;
	dn_start_tell(&s->plan);
	return 0;
}

static int together(struct dn_start *s, const char *launcher, int *status, struct dn_err *err)
{
	char *key = container_key(s, launcher);
	enum dn_share_turn turn = DN_SHARE_BUILD;
	uint32_t code = 0;
	/* A pull takes as long as it takes; a builder that dies is noticed at once. */
	unsigned longest = s->site.timeout + 60 + (dn_is_reference(s->w->image) ? PULL_SECONDS : 0);
	int listener, rc = dn_share_enter(key, longest, &turn, &listener, &s->shared, &code, err);

	free(key);
	if (rc)
		return -1;
	if (turn == DN_SHARE_BUILD)
		return first(s, listener, !s->w->share, status, err);
	if (turn == DN_SHARE_JOIN)
		return join(s, err);
	/* The first rank has printed the reason. */
	*status = dn_exit_status((enum dn_code)code);
	err->msg[0] = 0;
	return -1;
}

static int join_instance(struct dn_start *s, const char *name, struct dn_err *err)
{
	char *key = dn_instance_key(name);
	int rc = dn_share_join(key, s->site.timeout, &s->shared, err);

	free(key);
	if (rc)
		return dn_fail(err, DN_REQUEST, "instance %s: %s; dunnage instance list shows yours", name, err->msg);
	return join(s, err);
}

int dn_enter_instance(const struct dn_wishes *w, char *key, char ***env, int *status, struct dn_err *err)
{
	struct dn_start s = { .w = w, .shared = DN_SHARED_NONE, .image = -1, .envdump = -1 };
	enum dn_share_turn turn = DN_SHARE_BUILD;
	uint32_t code = 0;
	int listener;

	if (dn_start_init(&s, err) ||
	    dn_share_enter(key, s.site.timeout, &turn, &listener, &s.shared, &code, err))
		return -1;
	if (turn != DN_SHARE_BUILD)
		return dn_fail(err, DN_REQUEST, "an instance of this name has just been started");
	if (first(&s, listener, false, status, err) || enter_directory(&s, err))
		return -1;
	*env = dn_final_environment(w, &s.plan, s.base, s.changes, s.changes_len);
	return 0;
}

int dn_launch(const struct dn_wishes *w, int *status, struct dn_err *err)
{
	struct dn_start s = { .w = w, .shared = DN_SHARED_NONE, .image = -1, .envdump = -1 };
	const char *instance = dn_instance_name(w->image);
	char *launcher = instance ? NULL : dn_share_launcher(w->share);

	if (dn_start_init(&s, err))
		return -1;
	if (instance ? join_instance(&s, instance, err) :
	    launcher ? together(&s, launcher, status, err) : single(&s, err))
		return -1;
	if (enter_directory(&s, err))
		return -1;
	return dn_become_program(w, dn_final_environment(w, &s.plan, s.base, s.changes, s.changes_len), status, err);
}
