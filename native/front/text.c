#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "front.h"

static void out_of_memory(void)
{
	fputs("dunnage: out of memory\n", stderr);
	exit(9);
}

char *dn_text(const char *fmt, ...)
{
	char *s = NULL;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&s, fmt, ap);
	va_end(ap);
	if (n < 0)
		out_of_memory();
	return s;
}

void dn_list_add(struct dn_list *l, char *s)
{
	char **v = realloc(l->v, (l->n + 2) * sizeof(*v));

	if (!v || !s)
		out_of_memory();
	l->v = v;
	l->v[l->n++] = s;
	l->v[l->n] = NULL;
}

char *dn_absolute(const char *path)
{
	char cwd[PATH_MAX], *text, *from, *to;

	if (path[0] == '/' || !getcwd(cwd, sizeof(cwd)))
		text = dn_text("%s", path);
	else
		text = dn_text("%s/%s", cwd, path);
	for (from = to = text; *from;) {
		if (from[0] == '/' && (from[1] == '/' || (from[1] == '.' && (from[2] == '/' || !from[2])))) {
			from += from[1] == '/' ? 1 : 2;
			continue;
		}
		*to++ = *from++;
	}
	*to = 0;
	if (to > text + 1 && to[-1] == '/')
		to[-1] = 0;
	if (!*text)
		memcpy(text, "/", 2);
	return text;
}

static const char *const products[] = { "DUNNAGE", "APPTAINER", "SINGULARITY" };

bool dn_is_for_containers(const char *variable)
{
	size_t i, len;

	for (i = 0; i < sizeof(products) / sizeof(products[0]); i++) {
		len = strlen(products[i]);
		if (strncmp(variable, products[i], len) == 0 && (variable[len] == '_' || strncmp(variable + len, "ENV_", 4) == 0))
			return true;
	}
	return false;
}

const char *dn_option_variable(const char *name)
{
	char full[64];
	size_t i;

	for (i = 0; i < sizeof(products) / sizeof(products[0]); i++) {
		const char *value;

		(void)snprintf(full, sizeof(full), "%s_%s", products[i], name);
		value = getenv(full);
		if (value && *value)
			return value;
	}
	return NULL;
}
