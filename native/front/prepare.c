/* From the wishes to a container: who starts it, the image, the plan, the home, the overlays. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dunnage/ask.h"
#include "dunnage/gpudevices.h"
#include "dunnage/pull.h"
#include "secret.h"
#include "start.h"

extern char **environ;

/* From the cache, and into it first when it is not there. */
static int open_pulled(struct dn_start *s, struct dn_err *err)
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

int dn_start_open(struct dn_start *s, struct dn_err *err)
{
	const char *path = s->w->image;

	if (dn_is_reference(path))
		return open_pulled(s, err);
	if (strncmp(path, "file:", 5) == 0)
		path += strncmp(path, "file://", 7) == 0 ? 7 : 5;
	return dn_open_image(&s->who, path, &s->image, &s->resolved, err);
}

static int open_envdump(struct dn_start *s, struct dn_err *err)
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
int dn_start_home(struct dn_start *s, struct dn_err *err)
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

int dn_start_init(struct dn_start *s, struct dn_err *err)
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
static void adapt_plan(struct dn_start *s)
{
	s->plan.view &= ~(s->w->hidden | DN_VIEW_PMIX | DN_VIEW_SCRIPT);
	if (s->w->no_home)
		s->plan.view &= ~(uint32_t)DN_VIEW_HOME;
	if (s->w->contain)
		s->plan.view &= ~(uint32_t)(DN_VIEW_DEV | DN_VIEW_TMP | DN_VIEW_CWD | (s->w->home ? 0 : DN_VIEW_HOME));
	/* A /dev of its own then: the GPUs that were asked for belong to it. */
	if (s->w->contain && s->w->gpu && !s->plan.devices.n) {
		struct dn_err ignored;

		(void)dn_gpu_devices("/dev", false, &s->plan.devices, &ignored);
	}
	if (s->w->no_network)
		s->plan.network = DN_NETWORK_OWN;
}

void dn_start_tell(const struct dn_plan *plan)
{
	size_t i;

	for (i = 0; i < plan->notices.n; i++)
		fprintf(stderr, "dunnage: %s\n", plan->notices.v[i]);
}

static int plan(struct dn_start *s, struct dn_err *err)
{
	int rc;

	if (s->image < 0 && dn_start_open(s, err))
		return -1;
	/* Before it is verified; a user's mounts are never the kernel's. */
	s->writers = !s->who.own && dn_image_has_writers(s->image);
	rc = dn_front_plan(&s->site, &s->who, s->w, s->resolved, s->image, &s->plan_key, &s->plan, err);
	dn_plan_key_free(&s->plan_key);
	if (rc)
		return -1;
	dn_start_tell(&s->plan);
	adapt_plan(s);
	/* Before the namespaces: the user's files and terminal are at hand. */
	if (s->plan.driver == DN_DRIVER_GOCRYPTFS &&
	    (dn_gocryptfs_find(&s->gocryptfs, err) || dn_secret_get(s->w, &s->site, s->image, &s->secret, err)))
		return -1;
	return dn_filter_load(&s->site, &s->plan, &s->filter, err);
}

static int isolate(struct dn_start *s, struct dn_err *err)
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
static int contain(struct dn_start *s, struct dn_build *b, struct dn_err *err)
{
	static const char *const names[] = { "tmp", "var_tmp", "home" };
	char *base = s->w->workdir ? dn_absolute(s->w->workdir) : NULL;
	/* A home that was asked for is shown. */
	size_t n = s->w->no_home || s->w->home ? 2 : 3, i;
	int rc = 0;

	for (i = 0; !rc && i < n; i++) {
		const char *target = i == 0 ? "/tmp" : i == 1 ? "/var/tmp" : s->who.home;
		mode_t mode = i < 2 ? 01777 : 0700;

		s->own_dirs[i] = (struct dn_own_dir){ NULL, target, i < 2 ? "1777" : "0700" };
		if (base)
			rc = work_directory(base, names[i], mode, &s->own_dirs[i].source, err);
	}
	free(base);
	b->own_dirs = s->own_dirs;
	b->nown_dirs = n;
	return rc;
}

static int overlays(struct dn_start *s, struct dn_build *b, struct dn_err *err)
{
	const struct dn_list *wanted = &s->w->overlays;
	size_t i;

	if (wanted->n > DN_MOST_OVERLAYS)
		return dn_fail(err, DN_REQUEST, "--overlay: at most %d can be stacked; leave some out", DN_MOST_OVERLAYS);
	for (i = 0; i < wanted->n; i++) {
		/* The first one named lies on top. */
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

static int open_encrypted(struct dn_start *s, struct dn_build *b, struct dn_err *err)
{
	int rc = dn_gocryptfs_mount(b, s->gocryptfs, s->secret, &b->image_fd, err);

	b->mounted = !rc;
	dn_secret_free(s->secret);
	s->secret = NULL;
	return rc;
}

int dn_start_build(struct dn_start *s, struct dn_err *err)
{
	const struct dn_mpi_step mpi = dn_mpi_launch();
	struct dn_build b = {
		.mpi = &mpi, .site = &s->site, .plan = &s->plan, .who = &s->who, .cwd = s->cwd, .writable = s->w->writable_tmpfs,
		.unshared = s->w->unshared,
	};
	int rc;

	dn_caller_groups(&s->who);
	if (plan(s, err) || dn_start_home(s, err) || overlays(s, &b, err) || (s->w->contain && contain(s, &b, err)) ||
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
