#include "dunnage/overlaywish.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "asuser.h"

#define READ_ONLY ":ro"

static int wrong(const char *option, const char *list, struct dn_err *err)
{
	return dn_fail(err, DN_REQUEST,
		       "%s=%.200s: give DIR or DIR:ro, with a comma between several, at most %d and one of them without ':ro'", option, list,
		       DN_OVERLAYS_MOST);
}

/* Cuts a ':ro' off. */
static bool read_word(char *word, struct dn_overlay *o)
{
	char *colon = strrchr(word, ':');

	*o = (struct dn_overlay){ .path = word, .writable = !colon };
	if (colon && strcmp(colon, READ_ONLY) != 0)
		return false;
	if (colon)
		*colon = 0;
	return *word && strlen(word) < PATH_MAX;
}

int dn_overlay_read(const char *option, const char *list, struct dn_overlay_list *wish, struct dn_err *err)
{
	char *next, *word;
	size_t i;

	*wish = (struct dn_overlay_list){ .text = strdup(list) };
	if (!wish->text)
		return dn_fail(err, DN_INTERNAL, "out of memory for %s", option);
	next = wish->text;
	while ((word = strsep(&next, ","))) {
		struct dn_overlay o;

		if (wish->n == DN_OVERLAYS_MOST || !read_word(word, &o) || (o.writable && wish->writable)) {
			dn_overlay_free(wish);
			return wrong(option, list, err);
		}
		wish->writable |= o.writable;
		wish->v[wish->n++] = o;
	}
	for (i = 0; i < wish->n / 2; i++) {
		struct dn_overlay o = wish->v[i];

		wish->v[i] = wish->v[wish->n - 1 - i];
		wish->v[wish->n - 1 - i] = o;
	}
	return 0;
}

void dn_overlay_free(struct dn_overlay_list *wish)
{
	free(wish->text);
	*wish = (struct dn_overlay_list){ 0 };
}

int dn_overlay_hold(const struct dn_identity *who, const struct dn_overlay *o, int *fd, struct dn_err *err)
{
	struct stat st;
	int errnum, rc = 0;

	*fd = dn_open_as_user(who, o->path, O_RDONLY | O_DIRECTORY | O_NONBLOCK, &st, &errnum, err);
	if (*fd < 0)
		/* A file, or what the mount will complain about better. */
		return errnum ? 0 : -1;
	if (flock(*fd, (o->writable ? LOCK_EX : LOCK_SH) | LOCK_NB) == 0)
		return 0;
	if (errno == EWOULDBLOCK)
		rc = dn_fail(err, DN_REQUEST,
			     "the overlay %s is in use by another container, and one that is written to serves one alone: one step on one node; "
			     "take a directory for each, or ':ro' where all only read",
			     o->path);
	close(*fd);
	*fd = -1;
	return rc;
}
