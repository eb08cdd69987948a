#include "choose.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

size_t dn_scheme_length(const char *ref)
{
	size_t n = 0;

	while (isalnum((unsigned char)ref[n]) || ref[n] == '+' || ref[n] == '-')
		n++;
	/* The library's scheme has a short form. */
	return n > 0 && (strncmp(ref + n, "://", 3) == 0 || strncmp(ref, "library:", 8) == 0) ? n : 0;
}

/* The path in a "file:" reference, or ref itself. */
static const char *strip_file_scheme(const char *ref)
{
	if (strncmp(ref, "file://", 7) == 0)
		return ref + 7;
	if (strncmp(ref, "file:", 5) == 0)
		return ref + 5;
	return ref;
}

int dn_absolute_ref(const char *ref, const char *cwd, char **out, struct dn_err *err)
{
	const char *path = strip_file_scheme(ref);

	if (*path == '\0')
		return dn_fail(err, DN_REQUEST, "--container: empty image name; give the path of a SIF image");
	if (strpbrk(path, "\n\r") != NULL)
		return dn_fail(err, DN_REQUEST, "--container: the image name holds a line break");
	if (path[0] == '/' || dn_scheme_length(path) > 0)
		*out = strdup(path);
	else if (asprintf(out, "%s/%s", strcmp(cwd, "/") == 0 ? "" : cwd, path) < 0)
		*out = NULL;
	if (*out == NULL)
		return dn_fail(err, DN_INTERNAL, "out of memory");
	return 0;
}

int dn_choose(enum dn_command command, const char *explicit_ref, const char *inherited, const char *cwd, char **ref,
	      enum dn_origin *origin, struct dn_err *err)
{
	const char *chosen = explicit_ref;

	*ref = NULL;
	*origin = DN_ORIGIN_NONE;
	if (chosen != NULL) {
		*origin = DN_ORIGIN_EXPLICIT;
	} else if (command == DN_COMMAND_STEP && inherited != NULL && *inherited != '\0') {
		chosen = inherited;
		*origin = DN_ORIGIN_INHERITED;
	}
	if (chosen != NULL && strcmp(chosen, "none") == 0)
		chosen = NULL;
	if (chosen == NULL) {
		*origin = DN_ORIGIN_NONE;
		return 0;
	}
	return dn_absolute_ref(chosen, cwd, ref, err);
}

const char *dn_option_value(const char *word, const char *next, const char *name)
{
	size_t n = strlen(name);
	bool is_long = name[1] == '-';

	if (strncmp(word, name, n) != 0)
		return NULL;
	if (word[n] == '\0')
		return next;
	if (is_long)
		return word[n] == '=' ? word + n + 1 : NULL;
	return word + n;
}

bool dn_same_image_for_all(const char *command_line, size_t len)
{
	const char *first = NULL;
	size_t components = 1, named = 0;

	for (size_t at = 0; at < len;) {
		const char *word = command_line + at, *value;

		at += strlen(word) + 1;
		components += strcmp(word, ":") == 0;
		value = dn_option_value(word, at < len ? command_line + at : "", "--container");
		if (value == NULL)
			continue;
		named++;
		if (first == NULL)
			first = value;
		else if (strcmp(first, value) != 0)
			return false;
	}
	return components == 1 || named == 0 || named == components;
}

const char *dn_mpi_asked(const char *command_line, size_t len)
{
	for (size_t at = 0; at < len;) {
		const char *word = command_line + at, *value;

		at += strlen(word) + 1;
		value = dn_option_value(word, at < len ? command_line + at : NULL, "--mpi");
		if (value != NULL)
			return value;
	}
	return NULL;
}

const char *dn_step_mpi(const char *asked, const char *by_default)
{
	const char *variable = asked == NULL ? getenv("SLURM_MPI_TYPE") : NULL;

	return asked != NULL ? asked : variable != NULL ? variable : by_default;
}

bool dn_mpi_is_pmix(const char *type)
{
	return type != NULL && strncmp(type, "pmix", sizeof("pmix") - 1) == 0;
}

bool dn_is_multi_prog(const char *command_line, size_t len)
{
	static const char option[] = "--multi-prog";

	for (size_t at = 0; at < len; at += strlen(command_line + at) + 1) {
		size_t word = strlen(command_line + at);

		/* as far as it can be shortened */
		if (word >= sizeof("--mu") - 1 && word < sizeof(option) && strncmp(command_line + at, option, word) == 0)
			return true;
	}
	return false;
}
