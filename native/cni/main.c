/* dunnage-network: joins a step's network namespace to networks of the site, and undoes that.
 *
 *   dunnage-network up JOB.STEP NODE SITE PLUGINS SECONDS NETWORK,... [portmap=HOST:CONTAINER/PROTOCOL,...]
 *   dunnage-network down JOB.STEP
 *
 * up: descriptor 3 is the step's network namespace, 4 and 5 are the mount and network namespace of the node, where plugins run; a
 * resolv.conf goes to the standard output. It undoes nothing when it fails: the step's end does that in any case. The exit status is the
 * number of the error, whose line goes to the standard error. */
#include <ctype.h>
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cni.h"
#include "dunnage/gpudevices.h"
#include "dunnage/networks.h"
#include "dunnage/networkwish.h"
#include "record.h"

enum { STEP_NET = 3, NODE_MNT = 4, NODE_NET = 5 };
#define SECONDS_MOST 600u

/* JOB.STEP and nothing else: it becomes a file's name. */
static int check_step(const char *name, struct dn_err *err)
{
	size_t job = strspn(name, "0123456789"), step = name[job] == '.' ? strspn(name + job + 1, "0123456789") : 0;

	return job > 0 && job <= 10 && step > 0 && step <= 10 && name[job + 1 + step] == '\0' ?
		       0 :
		       dn_fail(err, DN_INTERNAL, "'%.40s' is no step", name);
}

/* What plugins keep their notes by; other nodes may share a directory of them. */
static struct json_object *container_id(const char *node, const char *name)
{
	char id[128];
	size_t i;

	(void)snprintf(id, sizeof(id), "dunnage-%.64s-%s", node, name);
	for (i = 0; id[i]; i++)
		if (!isalnum((unsigned char)id[i]) && id[i] != '-')
			id[i] = '-';
	return json_object_new_string(id);
}

/* The first network that can map ports gets them all. */
static int add_network(struct json_object *networks, const char *site, const char *name, struct json_object *mappings, bool *mapped, struct dn_err *err)
{
	struct json_object *list, *one;
	char interface[16];

	if (dn_conflist_read(site, name, &list, err))
		return -1;
	(void)snprintf(interface, sizeof(interface), "eth%zu", json_object_array_length(networks));
	one = json_object_new_object();
	json_object_object_add(one, "config", list);
	json_object_object_add(one, "interface", json_object_new_string(interface));
	if (!*mapped && dn_conflist_maps_ports(list)) {
		json_object_object_add(one, "portMappings", json_object_get(mappings));
		*mapped = true;
	}
	return json_object_array_add(networks, one) ? dn_fail(err, DN_INTERNAL, "out of memory") : 0;
}

static int make_head(char **argv, const struct dn_strings *names, const struct dn_strings *ports, struct json_object **head, struct dn_err *err)
{
	struct json_object *networks = json_object_new_array(), *mappings = dn_port_mappings(ports);
	bool mapped = false;
	int rc = 0;

	*head = json_object_new_object();
	json_object_object_add(*head, "networks", networks);
	json_object_object_add(*head, "ports", mappings);
	json_object_object_add(*head, "id", container_id(argv[1], argv[0]));
	json_object_object_add(*head, "plugins", json_object_new_string(argv[3]));
	json_object_object_add(*head, "seconds", json_object_new_int((int)strtoul(argv[4], NULL, 10)));
	for (size_t i = 0; rc == 0 && i < names->n; i++)
		rc = add_network(networks, argv[2], names->v[i], mappings, &mapped, err);
	if (rc == 0 && ports->n && !mapped)
		rc = dn_fail(err, DN_REQUEST,
			     DN_NETWORK_ARGS_OPTION "=portmap=%s: no plugin of the network '%s' maps ports; leave it out, or choose another network",
			     ports->v[0], names->v[0]);
	return rc;
}

/* What runs its plugins; 0 when the record is not one that we write. */
static bool describe(const struct dn_record *r, struct json_object *network, const char *netns, struct dn_cni *c)
{
	struct json_object *seconds = NULL, *config = NULL;

	if (!json_object_object_get_ex(r->head, "seconds", &seconds) || !json_object_object_get_ex(network, "config", &config))
		return false;
	*c = (struct dn_cni){ .directory = dn_json_text(r->head, "plugins"), .id = dn_json_text(r->head, "id"), .netns = netns,
			      .interface = dn_json_text(network, "interface"), .network = dn_json_text(config, "name"),
			      .seconds = (unsigned)json_object_get_int(seconds), .lock = r->file };
	return c->directory && c->id && c->interface && c->network && c->seconds >= 1 && c->seconds <= SECONDS_MOST;
}

static int join_all(const struct dn_record *r, struct dn_err *err)
{
	struct json_object *networks = dn_json_array(r->head, "networks");
	bool resolved = false;

	for (size_t i = 0; i < json_object_array_length(networks); i++) {
		struct json_object *network = json_object_array_get_idx(networks, i), *config = NULL, *result = NULL, *dns = NULL;
		struct dn_cni c;
		int rc;

		if (!describe(r, network, r->netns, &c) || !json_object_object_get_ex(network, "config", &config))
			return dn_fail(err, DN_INTERNAL, "the record of the step's networks is malformed");
		if (dn_cni_add(&c, config, dn_json_array(network, "portMappings"), &result, err))
			return -1;
		rc = dn_record_result(r, i, result, err);
		/* one file for all of them: the first that names servers */
		if (!resolved && json_object_object_get_ex(result, "dns", &dns) && json_object_is_type(dns, json_type_object) &&
		    dn_json_array(dns, "nameservers") && json_object_array_length(dn_json_array(dns, "nameservers")) > 0) {
			dn_resolver_lines(result, stdout);
			resolved = true;
		}
		json_object_put(result);
		if (rc)
			return -1;
	}
	return 0;
}

static int undo_network(const struct dn_record *r, size_t i, struct dn_err *err)
{
	struct json_object *network = json_object_array_get_idx(dn_json_array(r->head, "networks"), i), *config = NULL, *result = NULL;
	struct dn_cni c;
	char key[24];

	(void)snprintf(key, sizeof(key), "%zu", i);
	if (!describe(r, network, dn_record_is_pinned(r) ? r->netns : "", &c) || !json_object_object_get_ex(network, "config", &config))
		return dn_fail(err, DN_INTERNAL, "the record of the step's networks is malformed");
	(void)json_object_object_get_ex(r->results, key, &result);
	return dn_cni_del(&c, config, dn_json_array(network, "portMappings"), result, err);
}

static int down(const char *name, struct dn_err *err)
{
	struct dn_err later = { 0 };
	struct dn_record r = DN_NO_RECORD;
	int rc = dn_record_open(&r, DN_NETWORK_RECORDS, name, err), there = rc;
	struct json_object *networks = rc > 0 && r.head ? dn_json_array(r.head, "networks") : NULL;

	rc = rc < 0 ? -1 : 0;
	for (size_t i = networks ? json_object_array_length(networks) : 0; i-- > 0;)
		if (undo_network(&r, i, rc ? &later : err))
			rc = -1;
	/* a record stays whose networks could not be undone: somebody may cure the cause and run dunnage gc */
	if (there > 0 && rc == 0)
		rc = dn_record_remove(&r, err);
	dn_record_close(&r);
	return rc;
}

static int check_up(int argc, char **argv, struct dn_err *err)
{
	unsigned long seconds = argc >= 6 ? strtoul(argv[4], NULL, 10) : 0;

	if (argc < 6 || argc > 7 || seconds < 1 || seconds > SECONDS_MOST || argv[2][0] != '/' || argv[3][0] != '/')
		return dn_fail(err, DN_INTERNAL, "dunnage-network is started by dunnage alone");
	return check_step(argv[0], err);
}

static int up(int argc, char **argv, struct dn_err *err)
{
	struct dn_strings names = { 0 }, ports = { 0 };
	struct dn_record r = DN_NO_RECORD;
	struct json_object *head = NULL;
	int rc = -1;

	if (check_up(argc, argv, err) || dn_network_read(argv[5], &names, err) || (argc == 7 && dn_network_args_read(argv[6], &ports, err)))
		goto out;
	if (setns(NODE_NET, CLONE_NEWNET) || setns(NODE_MNT, CLONE_NEWNS)) {
		dn_fail_errno(err, DN_SETUP, errno, "cannot enter the namespaces of the node");
		goto out;
	}
	close(NODE_NET);
	close(NODE_MNT);
	/* a step of this number that was killed, before the job was put back into the queue */
	if (make_head(argv, &names, &ports, &head, err) || down(argv[0], err))
		goto out;
	rc = dn_record_make(&r, DN_NETWORK_RECORDS, argv[0], head, err);
	head = NULL;
	if (rc == 0)
		rc = dn_record_pin(&r, STEP_NET, err);
	close(STEP_NET);
	if (rc == 0)
		rc = join_all(&r, err);
out:
	json_object_put(head);
	dn_record_close(&r);
	dn_strings_free(&names);
	dn_strings_free(&ports);
	return rc;
}

int main(int argc, char **argv)
{
	struct dn_err err = { 0 };
	int rc;

	if (argc == 3 && strcmp(argv[1], "down") == 0)
		rc = check_step(argv[2], &err) ? -1 : down(argv[2], &err);
	else if (argc > 2 && strcmp(argv[1], "up") == 0)
		rc = up(argc - 2, argv + 2, &err);
	else
		rc = dn_fail(&err, DN_INTERNAL, "dunnage-network is started by dunnage alone");
	if (fflush(stdout) && rc == 0)
		rc = dn_fail_errno(&err, DN_SETUP, errno, "cannot write the names of the network's servers");
	if (rc)
		(void)fprintf(stderr, "%s\n", err.msg);
	return rc ? (int)err.code : 0;
}
