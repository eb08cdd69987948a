/* What runs in the container: a program, the image's runscript or test, or a shell. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "front.h"

#define NOT_RUNNABLE 126
#define NOT_FOUND 127

extern char **environ;

/* argv with words in front. */
static char **with(char **argv, const char *first, const char *second)
{
	struct dn_list out = { NULL, 0 };
	size_t i;

	dn_list_add(&out, dn_text("%s", first));
	if (second)
		dn_list_add(&out, dn_text("%s", second));
	for (i = 0; argv[i]; i++)
		dn_list_add(&out, argv[i]);
	return out.v;
}

static char *script(const struct dn_wishes *w, const char *name)
{
	return w->app ? dn_text("/scif/apps/%s/scif/%s", w->app, name) : dn_text("/.singularity.d/%s", name);
}

static bool exists(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0;
}

static int check_app(const struct dn_wishes *w, struct dn_err *err)
{
	char *place;

	if (!w->app)
		return 0;
	place = dn_text("/scif/apps/%s", w->app);
	if (!exists(place))
		return dn_fail(err, DN_REQUEST, "the image has no app '%s'; see dunnage inspect --list-apps", w->app);
	free(place);
	return 0;
}

static char **shell(const struct dn_wishes *w)
{
	if (w->shell)
		return with(w->argv, w->shell, NULL);
	if (access("/bin/bash", X_OK) == 0)
		return with(w->argv, "/bin/bash", "--norc");
	return with(w->argv, "/bin/sh", NULL);
}

static int choose(const struct dn_wishes *w, char ***argv, struct dn_err *err)
{
	char *path = w->action == DN_TEST ? script(w, "test") : script(w, "runscript");

	*argv = w->argv;
	switch (w->action) {
	case DN_SHELL:
		*argv = shell(w);
		return 0;
	case DN_RUN:
		if (!exists(path))
			return dn_fail(err, DN_REQUEST,
				       "the image has no runscript; use dunnage exec IMAGE PROGRAM or dunnage shell IMAGE");
		*argv = with(w->argv, path, NULL);
		return 0;
	case DN_TEST:
		*argv = exists(path) ? with(w->argv, path, NULL) : NULL;
		return 0;
	default:
		return 0;
	}
}

int dn_become_program(const struct dn_wishes *w, char **env, int *status, struct dn_err *err)
{
	char **argv;
	int errnum;

	if (check_app(w, err) || choose(w, &argv, err))
		return -1;
	if (!argv) {
		fputs("dunnage: the image brings no test\n", stderr);
		*status = 0;
		return 0;
	}
	environ = env; /* execvp looks along the container's PATH */
	execvp(argv[0], argv);
	errnum = errno;
	*status = errnum == ENOENT || errnum == ENOTDIR ? NOT_FOUND : NOT_RUNNABLE;
	if (*status == NOT_FOUND && strchr(argv[0], '/') && exists(argv[0]))
		return dn_fail(err, DN_REQUEST, "%s: its interpreter (its #! line, or the dynamic linker) is not in the image",
			       argv[0]);
	if (*status == NOT_FOUND)
		return dn_fail(err, DN_REQUEST, "%s: no such program in the image%s", argv[0],
			       strchr(argv[0], '/') ? "" : " (PATH is the image's own)");
	return dn_fail_errno(err, DN_REQUEST, errnum, "%s cannot be run in the image", argv[0]);
}
