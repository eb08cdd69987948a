/* Networks of the Container Network Interface for steps: root's program dunnage-network. It alone reads JSON with root's rights, and that of root's
 * files and plugins only; what comes from a plan are names and ports. See docs/architecture.md, "Networks of the site". */
#ifndef DUNNAGE_CNI_H
#define DUNNAGE_CNI_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stdio.h>

#include "dunnage/err.h"
#include "dunnage/wire.h"

/* One object and nothing behind it; NULL with a message that names what. */
struct json_object *dn_json_object(const char *text, size_t len, const char *what, struct dn_err *err);
/* The text of a member; NULL: there is none, or no text. */
const char *dn_json_text(struct json_object *object, const char *key);
/* The array of a member; NULL: there is none. */
struct json_object *dn_json_array(struct json_object *object, const char *key);

/* Adds the members of an object to another one. */
void dn_json_add_all(struct json_object *to, struct json_object *from);

/* DIRECTORY/NAME.conflist, which must be root's alone, checked. */
int dn_conflist_read(const char *directory, const char *name, struct json_object **list, struct dn_err *err);
size_t dn_conflist_plugins(struct json_object *list);
/* Whether a plugin of the list maps ports. */
bool dn_conflist_maps_ports(struct json_object *list);
/* What plugin i is told; a new object. previous, mappings: NULL: none. */
struct json_object *dn_conflist_plugin(struct json_object *list, size_t i, struct json_object *previous, struct json_object *mappings);
/* Wire texts as the plugins want them: [{"hostPort": 8080, ...}]. */
struct json_object *dn_port_mappings(const struct dn_strings *ports);

/* Lines of a resolv.conf by a result's "dns"; nothing when it names no server. */
void dn_resolver_lines(struct json_object *result, FILE *out);

/* One step's plugins. */
struct dn_cni {
	const char *directory; /* of the plugins */
	const char *id, *netns, *interface;
	const char *network; /* for messages */
	unsigned seconds; /* for each plugin */
	int lock; /* which the plugins hold too: who gets it after them knows that they are gone */
};

/* Runs a plugin by its configuration. result: NULL: none is wanted. */
int dn_cni_run(const struct dn_cni *c, const char *command, struct json_object *config, struct json_object **result, struct dn_err *err);
/* All plugins of a network in order; *result is the last one's. */
int dn_cni_add(const struct dn_cni *c, struct json_object *list, struct json_object *mappings, struct json_object **result, struct dn_err *err);
/* All plugins in reverse order, each also when one before it failed. result: NULL: it is not known. */
int dn_cni_del(const struct dn_cni *c, struct json_object *list, struct json_object *mappings, struct json_object *result, struct dn_err *err);

#endif
