/* --bind and --mount, in the notations that Apptainer's users know. */
#include <stdlib.h>
#include <string.h>

#include "front.h"

#define FORM "write SRC[:DST[:ro|rw]], several with commas"

/* Cuts the next part off at an unescaped separator, in place; "\:" and "\," stand for the character. */
static char *cut(char **rest, char separator)
{
	char *start = *rest, *from, *to;

	if (!start)
		return NULL;
	for (from = to = start; *from && *from != separator; from++) {
		if (*from == '\\' && (from[1] == ':' || from[1] == ',' || from[1] == '\\'))
			from++;
		*to++ = *from;
	}
	*rest = *from ? from + 1 : NULL;
	*to = 0;
	return start;
}

static int check(const char *from, const char *to, const char *option, struct dn_err *err)
{
	if (strpbrk(from, ":,") || strpbrk(to, ":,"))
		return dn_fail(err, DN_REQUEST, "%s: '%s' holds a colon or a comma, which no mount can have; bind a link to it",
			       option, strpbrk(from, ":,") ? from : to);
	if (to[0] != '/')
		return dn_fail(err, DN_REQUEST, "%s: target '%s' is relative; give an absolute path in the container", option,
			       to);
	return 0;
}

static int add(struct dn_wishes *w, const char *source, const char *target, bool read_only, const char *option,
	       struct dn_err *err)
{
	char *from;
	int rc;

	if (!*source)
		return dn_fail(err, DN_REQUEST, "%s: a mount without source; " FORM, option);
	from = dn_absolute(source);
	rc = check(from, *target ? target : from, option, err);
	if (!rc)
		dn_list_add(&w->binds, dn_text("%s:%s%s", from, *target ? target : from, read_only ? ":ro" : ""));
	free(from);
	return rc;
}

static int mode_of(const char *mode, const char *option, bool *read_only, struct dn_err *err)
{
	*read_only = strcmp(mode, "ro") == 0;
	if (*read_only || !*mode || strcmp(mode, "rw") == 0)
		return 0;
	if (strncmp(mode, "image-src", 9) == 0 || strncmp(mode, "id=", 3) == 0)
		return dn_fail(err, DN_REQUEST, "%s: parts of images (%s) cannot be bound; extract them to a directory first",
			       option, mode);
	return dn_fail(err, DN_REQUEST, "%s: '%s' is neither ro nor rw; " FORM, option, mode);
}

int dn_bind_add(struct dn_wishes *w, const char *value, const char *option, struct dn_err *err)
{
	char *copy = dn_text("%s", value), *rest = copy, *one;
	int rc = 0;

	/* The outer cut must leave the escapes for the inner one. */
	while (!rc && rest) {
		char *end = rest, *part, *source, *target, *mode;
		bool read_only;

		while (*end && *end != ',')
			end += *end == '\\' && end[1] ? 2 : 1;
		one = rest;
		rest = *end ? end + 1 : NULL;
		*end = 0;
		part = one;
		source = cut(&part, ':');
		target = part ? cut(&part, ':') : NULL;
		mode = part ? part : NULL;
		rc = mode_of(mode ? mode : "", option, &read_only, err);
		if (!rc)
			rc = add(w, source, target ? target : "", read_only, option, err);
	}
	free(copy);
	return rc;
}

static const char *value_of(const char *part, const char *const names[])
{
	size_t len = strcspn(part, "="), i;

	for (i = 0; names[i]; i++)
		if (strlen(names[i]) == len && strncmp(part, names[i], len) == 0)
			return part[len] ? part + len + 1 : part + len;
	return NULL;
}

int dn_mount_add(struct dn_wishes *w, const char *value, struct dn_err *err)
{
	static const char *const type_names[] = { "type", NULL }, *const source_names[] = { "source", "src", NULL },
				 *const target_names[] = { "destination", "dst", "target", NULL },
				 *const ro_names[] = { "ro", "readonly", NULL };
	char *copy = dn_text("%s", value), *rest = copy, *part;
	const char *type = "", *source = "", *target = "", *found;
	bool read_only = false;
	int rc = 0;

	while (!rc && (part = strsep(&rest, ","))) {
		if ((found = value_of(part, type_names)))
			type = found;
		else if ((found = value_of(part, source_names)))
			source = found;
		else if ((found = value_of(part, target_names)))
			target = found;
		else if ((found = value_of(part, ro_names)))
			read_only = strcmp(found, "false") != 0;
		else
			rc = dn_fail(err, DN_REQUEST,
				     "--mount: '%s' is not known; write type=bind,source=SRC,destination=DST[,ro]", part);
	}
	if (!rc && strcmp(type, "bind"))
		rc = dn_fail(err, DN_REQUEST, "--mount: type '%s' is not supported; write type=bind", type);
	if (!rc && !*target)
		rc = dn_fail(err, DN_REQUEST, "--mount: no destination; write type=bind,source=SRC,destination=DST");
	if (!rc)
		rc = add(w, source, target, read_only, "--mount", err);
	free(copy);
	return rc;
}
