#include "dunnage/networkwish.h"

#include "dunnage/gpudevices.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire_table.h"

#define MOST_PORTS 64u
#define PORTMAP "portmap="

static int bad_networks(const char *list, struct dn_err *err)
{
	return dn_fail(err, DN_REQUEST,
		       DN_NETWORK_OPTION "=%.200s: allowed are host, none, or names of up to %u networks of the site with commas between, each "
		       "once, of up to %u small letters, digits and '-'",
		       list, DN_NETWORKS_MAX, DN_NETWORK_NAME_MAX);
}

static bool has(const struct dn_strings *words, const char *word)
{
	size_t i;

	for (i = 0; i < words->n; i++)
		if (strcmp(words->v[i], word) == 0)
			return true;
	return false;
}

static int add(struct dn_strings *words, char *word, struct dn_err *err)
{
	char **more = word ? reallocarray(words->v, words->n + 1, sizeof(*more)) : NULL;

	if (!more) {
		free(word);
		return dn_fail(err, DN_INTERNAL, "out of memory");
	}
	words->v = more;
	words->v[words->n++] = word;
	return 0;
}

static int read_names(const char *list, struct dn_strings *names, struct dn_err *err)
{
	const char *word = list;

	for (;;) {
		size_t len = strcspn(word, ",");

		if (!dn_network_name(word, len) || names->n == DN_NETWORKS_MAX)
			return bad_networks(list, err);
		if (add(names, strndup(word, len), err))
			return -1;
		for (size_t i = 0; i + 1 < names->n; i++)
			if (strcmp(names->v[i], names->v[names->n - 1]) == 0)
				return bad_networks(list, err);
		if (!word[len])
			break;
		word += len + 1;
	}
	return names->n > 1 && (has(names, "host") || has(names, "none")) ? bad_networks(list, err) : 0;
}

int dn_network_read(const char *list, struct dn_strings *names, struct dn_err *err)
{
	int rc;

	*names = (struct dn_strings){ 0 };
	rc = read_names(list, names, err);
	if (rc)
		dn_strings_free(names);
	return rc;
}

static int bad_args(const char *args, struct dn_err *err)
{
	return dn_fail(err, DN_REQUEST,
		       DN_NETWORK_ARGS_OPTION "=%.200s: allowed is portmap=HOST:CONTAINER or portmap=HOST:CONTAINER/udp, such as "
		       "portmap=8080:80/tcp, with ';' between several; addresses are given by the network",
		       args);
}

/* A text of the wire, which that checks. */
static int add_port(const char *text, int len, struct dn_strings *ports, const char *args, struct dn_err *err)
{
	const struct dn_field field = { .type = DN_TYPE_PORT, .name = "PORT" };
	struct dn_err ignored;
	char *port;

	if (asprintf(&port, "%.*s%s", len, text, memchr(text, '/', (size_t)len) ? "" : "/tcp") < 0)
		return dn_fail(err, DN_INTERNAL, "out of memory");
	if (ports->n < MOST_PORTS && !has(ports, port) &&
	    dn_wire_check_value(&field, (const uint8_t *)port, strlen(port), DN_REQUEST, &ignored) == 0)
		return add(ports, port, err);
	free(port);
	return bad_args(args, err);
}

int dn_network_args_read(const char *args, struct dn_strings *ports, struct dn_err *err)
{
	const char *word = args;
	int rc = 0;

	*ports = (struct dn_strings){ 0 };
	for (;;) {
		size_t len = strcspn(word, ";,");

		if (strncmp(word, PORTMAP, strlen(PORTMAP)) != 0)
			rc = bad_args(args, err);
		else
			rc = add_port(word + strlen(PORTMAP), (int)(len - strlen(PORTMAP)), ports, args, err);
		if (rc || !word[len])
			break;
		word += len + 1;
	}
	if (rc)
		dn_strings_free(ports);
	return rc;
}
