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
#include "share.h"

#define SCRIPT_SECONDS 60
#define MOST_OVERLAYS 7
#define PULL_SECONDS 86400
#define KEPT_WAIT_S 5 /* for another start that builds the same container */

/* One start of one program. */
struct start {
	const struct dn_wishes *w;
	struct dn_site site;
	struct dn_identity who;
	struct dn_plan plan;
	char *cwd, *resolved, *home_source;
	char *gocryptfs, *secret; /* what opens an encrypted image */
	struct dn_own_dir own_dirs[3];
	struct dn_overlay overlays[MOST_OVERLAYS];
	struct dn_filter filter;
	struct dn_shared shared;
	char **base, *changes; /* the environment before the image's scripts, and what they change */
	size_t changes_len;
	int image, envdump;
	bool writers;
};

extern char **environ;

/* From the cache, and into it first when it is not there. */
static int open_pulled(struct start *s, struct dn_err *err)
{
	const struct dn_identity self = { .own = true }; /* root pulls as root: it is nobody's step */
	const struct dn_pull pull = {
		.prefix = s->site.prefix, .who = &self, .reference = s->w->image, .mode = s->w->pull, .env = environ,
	};
	char *path;
	int rc;

	if (dn_pull_image(&pull, &path, err))
		return -1;
	rc = dn_open_image(&s->who, path, &s->image, &s->resolved, err);
	if (!rc)
		rc = dn_image_in_use(s->image, s->w->image, err);
	free(path);
	return rc;
}

static int open_image(struct start *s, struct dn_err *err)
{
	const char *path = s->w->image;

	if (dn_is_reference(path))
		return open_pulled(s, err);
	if (strncmp(path, "file:", 5) == 0)
		path += strncmp(path, "file://", 7) == 0 ? 7 : 5;
	return dn_open_image(&s->who, path, &s->image, &s->resolved, err);
}

static int open_envdump(struct start *s, struct dn_err *err)
{
	char *path = dn_text("%s/libexec/dunnage/dunnage-envdump", s->site.prefix);

	s->envdump = open(path, O_RDONLY | O_CLOEXEC);
	if (s->envdump < 0)
		dn_fail_errno(err, DN_SETUP, errno, "cannot open %s; install Dunnage again", path);
	free(path);
	return s->envdump < 0 ? -1 : 0;
}

static int read_env_file(char **file, struct dn_err *err)
{
	FILE *f = fopen(*file, "re");
	char *text = NULL, *path = *file;
	size_t room = 0;

	if (!f || (getdelim(&text, &room, 0, f) < 0 && ferror(f))) {
		dn_fail_errno(err, DN_REQUEST, errno, "--env-file %s cannot be read", path);
		if (f)
			fclose(f);
		free(text);
		return -1;
	}
	fclose(f);
	*file = text ? text : dn_text("%s", "");
	free(path);
	return 0;
}

/* --home SRC[:DST]; under --fakeroot root's home is the user's. */
static int choose_home(struct start *s, struct dn_err *err)
{
	const char *spec = s->w->home, *colon = spec ? strchr(spec, ':') : NULL;
	char *source;

	if (!spec && !s->w->fakeroot)
		return 0;
	source = spec ? dn_text("%.*s", colon ? (int)(colon - spec) : (int)strlen(spec), spec) : dn_text("%s", s->who.home);
	s->home_source = dn_absolute(source);
	free(source);
	if (colon)
		s->who.home = dn_absolute(colon + 1);
	else
		s->who.home = s->w->fakeroot ? dn_text("/root") : dn_text("%s", s->home_source);
	if (colon && colon[1] != '/')
		return dn_fail(err, DN_REQUEST, "--home '%s': the second path is relative; give an absolute one", spec);
	return 0;
}

static int who_and_where(struct start *s, struct dn_err *err)
{
	size_t i;

	if (dn_caller(&s->who, err) || dn_front_site(&s->who, &s->site, err))
		return -1;
	s->cwd = getcwd(NULL, 0);
	if (!s->cwd || s->cwd[0] != '/') /* a directory that was removed, or lies outside this root */
		s->cwd = dn_text("/");
	for (i = 0; i < s->w->env_files.n; i++)
		if (read_env_file(&s->w->env_files.v[i], err))
			return -1;
	return open_envdump(s, err);
}

/* The user's wishes come on top of the plan: they hide, and never show. */
static void adapt_plan(struct start *s)
{
	s->plan.view &= ~(s->w->hidden | DN_VIEW_PMIX | DN_VIEW_SCRIPT);
	if (s->w->no_home)
		s->plan.view &= ~(uint32_t)DN_VIEW_HOME;
	if (s->w->contain)
		s->plan.view &= ~(uint32_t)(DN_VIEW_DEV | DN_VIEW_TMP | DN_VIEW_CWD | (s->w->home ? 0 : DN_VIEW_HOME));
	if (s->w->no_network)
		s->plan.network = DN_NETWORK_NONE;
}

static void tell(const struct dn_plan *plan)
{
	size_t i;

	for (i = 0; i < plan->notices.n; i++)
		fprintf(stderr, "dunnage: %s\n", plan->notices.v[i]);
}

static int plan(struct start *s, struct dn_err *err)
{
	if (s->image < 0 && open_image(s, err))
		return -1;
	/* Before it is verified; a user's mounts are never the kernel's. */
	s->writers = !s->who.own && dn_image_has_writers(s->image);
	if (dn_front_plan(&s->site, &s->who, s->w, s->resolved, s->image, &s->plan, err))
		return -1;
	tell(&s->plan);
	adapt_plan(s);
	/* Before the namespaces: the user's files and terminal are at hand. */
	if (s->plan.driver == DN_DRIVER_GOCRYPTFS &&
	    (dn_gocryptfs_find(&s->gocryptfs, err) || dn_secret_get(s->w, &s->site, s->image, &s->secret, err)))
		return -1;
	return dn_filter_load(&s->site, &s->plan, &s->filter, err);
}

static int isolate(struct start *s, struct dn_err *err)
{
	if (s->who.own && dn_user_namespace(s->w->fakeroot, &s->shared.user_ns, err))
		return -1;
	if (s->w->fakeroot) {
		s->who.uid = 0;
		s->who.gid = 0;
		s->who.user = dn_text("root");
	}
	return 0;
}

/* A directory of --workdir, made when it is missing. */
static int work_directory(const char *base, const char *name, mode_t mode, const char **path, struct dn_err *err)
{
	*path = dn_text("%s/%s", base, name);
	if (mkdir(*path, mode) && errno != EEXIST)
		return dn_fail_errno(err, DN_REQUEST, errno, "--workdir: cannot make %s", *path);
	if (mode != 0700 && chmod(*path, mode) && errno != EPERM)
		return dn_fail_errno(err, DN_REQUEST, errno, "--workdir: cannot open %s to all", *path);
	return 0;
}

/* --contain: nothing of the host in /tmp and the home directory. */
static int contain(struct start *s, struct dn_build *b, struct dn_err *err)
{
	static const char *const names[] = { "tmp", "var_tmp", "home" };
	const char *const targets[] = { "/tmp", "/var/tmp", s->who.home };
	char *base = s->w->workdir ? dn_absolute(s->w->workdir) : NULL;
	/* A home that was asked for is shown. */
	size_t n = s->w->no_home || s->w->home ? 2 : 3, i;
	int rc = 0;

	for (i = 0; !rc && i < n; i++) {
		mode_t mode = i < 2 ? 01777 : 0700;

		s->own_dirs[i] = (struct dn_own_dir){ NULL, targets[i], i < 2 ? "1777" : "0700" };
		if (base)
			rc = work_directory(base, names[i], mode, &s->own_dirs[i].source, err);
	}
	free(base);
	b->own_dirs = s->own_dirs;
	b->nown_dirs = n;
	return rc;
}

static int overlays(struct start *s, struct dn_build *b, struct dn_err *err)
{
	const struct dn_list *wanted = &s->w->overlays;
	size_t i;

	if (wanted->n > MOST_OVERLAYS)
		return dn_fail(err, DN_REQUEST, "--overlay: at most %d can be stacked; leave some out", MOST_OVERLAYS);
	for (i = 0; i < wanted->n; i++) {
		/* The last one named lies on top. */
		char *spec = wanted->v[wanted->n - 1 - i], *colon = strrchr(spec, ':');
		bool read_only = colon && strcmp(colon, ":ro") == 0;

		if (colon && !read_only)
			return dn_fail(err, DN_REQUEST, "--overlay %s: write PATH or PATH:ro", spec);
		s->overlays[i].path = dn_text("%.*s", (int)(read_only ? colon - spec : (long)strlen(spec)), spec);
		s->overlays[i].writable = !read_only;
		b->writable |= !read_only;
	}
	b->overlays = s->overlays;
	b->noverlays = wanted->n;
	return 0;
}

static int open_encrypted(struct start *s, struct dn_build *b, struct dn_err *err)
{
	int rc = dn_gocryptfs_mount(b, s->gocryptfs, s->secret, &b->image_fd, err);

	b->mounted = !rc;
	dn_secret_free(s->secret);
	s->secret = NULL;
	return rc;
}

static int build(struct start *s, struct dn_err *err)
{
	const struct dn_mpi_step mpi = dn_mpi_launch();
	struct dn_build b = {
		.mpi = &mpi, .site = &s->site, .plan = &s->plan, .who = &s->who, .cwd = s->cwd, .writable = s->w->writable_tmpfs,
	};
	int rc;

	dn_caller_groups(&s->who);
	if (plan(s, err) || choose_home(s, err) || overlays(s, &b, err) || (s->w->contain && contain(s, &b, err)) ||
	    isolate(s, err))
		return -1;
	b.image_fd = s->image;
	b.writers = s->writers;
	b.home_source = s->home_source;
	if (s->plan.driver == DN_DRIVER_GOCRYPTFS && open_encrypted(s, &b, err))
		return -1;
	rc = dn_container_build(&b, &s->shared.spaces, err);
	if (b.mounted)
		close(b.image_fd);
	return rc;
}

/* Root of a user namespace keeps its rights there, which end at its border. */
static int confine(struct start *s, struct dn_err *err)
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
static int run_scripts(struct start *s, enum dn_env_scope scope, struct dn_err *err)
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

static int enter_directory(const struct start *s, struct dn_err *err)
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

/* What makes two ranks of a job ask for the same container. */
static char *container_key(const struct start *s, const char *launcher)
{
	const struct dn_wishes *w = s->w;
	struct stat st = { 0 };
	char *text, *key;
	uint64_t hash;
	size_t i;

	(void)stat(w->image, &st); /* the builder says what is wrong with it */
	text = dn_text("%s %llx.%llx %s %d%d%d%d%d %x %s\n%s\n%s", launcher, (unsigned long long)st.st_dev,
		       (unsigned long long)st.st_ino, dn_is_reference(w->image) ? w->image : "", w->contain, w->no_home,
		       w->writable_tmpfs, w->fakeroot, w->no_network, w->hidden, w->home ? w->home : "", w->workdir ? w->workdir : "",
		       w->mpi ? w->mpi : "");
	hash = dn_hash(DN_HASH_START, text, strlen(text) + 1);
	for (i = 0; i < w->binds.n; i++)
		hash = dn_hash(hash, w->binds.v[i], strlen(w->binds.v[i]) + 1);
	for (i = 0; i < w->overlays.n; i++)
		hash = dn_hash(hash, w->overlays.v[i], strlen(w->overlays.v[i]) + 1);
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

static int read_plan(struct start *s, struct dn_err *err)
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
static int build_and_share(struct start *s, struct dn_err *err)
{
	if (build(s, err) || confine(s, err))
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

static int first(struct start *s, int listener, bool launched, int *status, struct dn_err *err)
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

static int join(struct start *s, struct dn_err *err)
{
	bool per_rank = s->shared.changes < 0;

	if (read_plan(s, err) || choose_home(s, err) || dn_filter_load(&s->site, &s->plan, &s->filter, err))
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

static int alone(struct start *s, int listener, int keep, struct dn_err *err)
{
	struct dn_err ignored;

	if (build(s, err) || confine(s, err)) {
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
static char *kept_key(struct start *s, struct dn_err *err)
{
	char *depends, *key = NULL;
	struct dn_plan plan;
	size_t len;

	if (!dn_keepable(s->w, &s->who) || (s->image < 0 && open_image(s, err)) ||
	    !dn_front_recall(&s->site, &s->who, s->w, s->resolved, s->image, &plan, &depends, &len))
		return NULL;
	/* What was encrypted is open no longer than its program runs, and each start shows that it may open it. */
	if (plan.driver != DN_DRIVER_GOCRYPTFS)
		key = dn_keep_key(s->w, &s->who, &plan, s->cwd, depends, len);
	free(depends);
	dn_plan_free(&plan);
	return key;
}

/* Joins a container that was kept, or builds one, which may be kept. */
static int single(struct start *s, struct dn_err *err)
{
	int keep = dn_keep_seconds(err), listener = -1;
	enum dn_share_turn turn = DN_SHARE_BUILD;
	struct dn_err ignored;
	uint32_t code = 0;
	char *key;

	if (keep < 0)
		return -1;
	/* Opened once: what a failed pull has to say is said by then. */
	if (dn_is_reference(s->w->image) && open_image(s, err))
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
	tell(&s->plan);
	return 0;
}

static int together(struct start *s, const char *launcher, int *status, struct dn_err *err)
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

static int join_instance(struct start *s, const char *name, struct dn_err *err)
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
	struct start s = { .w = w, .shared = { -1, { -1, -1 }, -1, -1 }, .image = -1, .envdump = -1 };
	enum dn_share_turn turn = DN_SHARE_BUILD;
	uint32_t code = 0;
	int listener;

	if (who_and_where(&s, err) ||
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
	struct start s = { .w = w, .shared = { -1, { -1, -1 }, -1, -1 }, .image = -1, .envdump = -1 };
	const char *instance = dn_instance_name(w->image);
	char *launcher = instance ? NULL : dn_share_launcher(w->share);

	if (who_and_where(&s, err))
		return -1;
	if (instance ? join_instance(&s, instance, err) :
	    launcher ? together(&s, launcher, status, err) : single(&s, err))
		return -1;
	if (enter_directory(&s, err))
		return -1;
	return dn_become_program(w, dn_final_environment(w, &s.plan, s.base, s.changes, s.changes_len), status, err);
}
