/* From the wishes to the program: open, plan, build, enter, exec. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "dunnage/ask.h"
#include "dunnage/rankenv.h"
#include "front.h"

#define SCRIPT_SECONDS 60

/* One start of one program. */
struct start {
	const struct dn_wishes *w;
	struct dn_site site;
	struct dn_identity who;
	struct dn_plan plan;
	char *cwd, *resolved, *home_source;
	struct dn_filter filter;
	int image, envdump;
};

static int open_image(struct start *s, struct dn_err *err)
{
	const char *path = s->w->image;

	if (strncmp(path, "file://", 7) == 0)
		path += 7;
	else if (strstr(path, "://"))
		return dn_fail(err, DN_REQUEST, "image %s has to be fetched first: dunnage pull img.sif %s", path, path);
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

static int gather(struct start *s, struct dn_err *err)
{
	const struct dn_wishes *w = s->w;
	size_t i;

	if (dn_caller(&s->who, err) || dn_front_site(&s->who, &s->site, err))
		return -1;
	s->cwd = getcwd(NULL, 0);
	if (!s->cwd || s->cwd[0] != '/') /* a directory that was removed, or lies outside this root */
		s->cwd = dn_text("/");
	for (i = 0; i < w->env_files.n; i++)
		if (read_env_file(&w->env_files.v[i], err))
			return -1;
	if (open_envdump(s, err) || open_image(s, err))
		return -1;
	if (dn_front_plan(&s->site, &s->who, w, s->cwd, s->resolved, s->image, &s->plan, err))
		return -1;
	return dn_filter_load(&s->site, &s->plan, &s->filter, err);
}

/* The user's wishes come on top of the plan: they hide, and never show. */
static void adapt_plan(struct start *s)
{
	s->plan.view &= ~(s->w->hidden | DN_VIEW_PMIX | DN_VIEW_SCRIPT);
	if (s->w->no_home)
		s->plan.view &= ~(uint32_t)DN_VIEW_HOME;
	if (s->w->no_network)
		s->plan.network = DN_NETWORK_NONE;
}

static int isolate(struct start *s, struct dn_err *err)
{
	int user_ns = -1;

	if (s->who.own && dn_user_namespace(s->w->fakeroot, &user_ns, err))
		return -1;
	if (user_ns >= 0)
		close(user_ns);
	if (s->w->fakeroot) {
		s->who.uid = 0;
		s->who.gid = 0;
		s->who.user = dn_text("root");
	}
	return 0;
}

static int build(struct start *s, struct dn_err *err)
{
	struct dn_build b = {
		.site = &s->site, .plan = &s->plan, .who = &s->who, .cwd = s->cwd, .image_fd = s->image,
		.writable = s->w->writable_tmpfs,
	};
	struct dn_spaces spaces;

	if (choose_home(s, err) || isolate(s, err))
		return -1;
	b.home_source = s->home_source;
	if (dn_container_build(&b, &spaces, err))
		return -1;
	dn_spaces_close(&spaces);
	return 0;
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

static int environment(const struct start *s, char ***env, struct dn_err *err)
{
	char **base = dn_front_environment(s->w, &s->who), **before, **after = NULL, *changes = NULL;
	size_t len = 0;
	int rc = 0;

	if (s->plan.env_scripts) {
		before = dn_env_visible(base, DN_ENV_FOR_RANK);
		if (!before)
			return dn_fail(err, DN_INTERNAL, "out of memory");
		rc = dn_image_environment(before, SCRIPT_SECONDS, s->envdump, &after, err);
		if (!rc)
			rc = dn_env_changes(before, after ? after : before, DN_ENV_FOR_RANK, &changes, &len, err);
		free(before);
	}
	if (!rc)
		*env = dn_final_environment(s->w, &s->plan, base, changes, len);
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

static void tell(const struct dn_plan *plan)
{
	size_t i;

	for (i = 0; i < plan->notices.n; i++)
		fprintf(stderr, "dunnage: %s\n", plan->notices.v[i]);
}

int dn_launch(const struct dn_wishes *w, int *status, struct dn_err *err)
{
	struct start s = { .w = w, .image = -1, .envdump = -1 };
	char **env = NULL;

	if (gather(&s, err))
		return -1;
	tell(&s.plan);
	adapt_plan(&s);
	if (build(&s, err) || confine(&s, err) || environment(&s, &env, err) || enter_directory(&s, err))
		return -1;
	return dn_become_program(w, env, status, err);
}
