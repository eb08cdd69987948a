/* What must be undone for one step: written before it is done, in /run, which a restart of the node empties. A directory of root's holds a file
 * JOB.STEP, and JOB.STEP.ns on which the step's network namespace is mounted. Each line of the file is a JSON object: first what is to be
 * done, then one with the result of each network that came about. Nothing is ever changed in it, so that a lock on it holds for all of its life. */
#ifndef DUNNAGE_CNI_RECORD_H
#define DUNNAGE_CNI_RECORD_H

#include "cni.h"

struct dn_record {
	const char *directory, *name; /* JOB.STEP */
	int dir, file;		      /* file: locked */
	struct json_object *head;     /* plugins, seconds, id, networks: [{config, interface, portMappings}] */
	struct json_object *results;  /* by the number of the network, as texts */
	char netns[4096];
};

#define DN_NO_RECORD { .dir = -1, .file = -1 }

/* Makes the record, unless another step on this node has one of its ports. Head is taken over. */
int dn_record_make(struct dn_record *r, const char *directory, const char *name, struct json_object *head, struct dn_err *err);
int dn_record_result(const struct dn_record *r, size_t network, struct json_object *result, struct dn_err *err);
/* Keeps the namespace of descriptor net under a name that plugins can open. */
int dn_record_pin(const struct dn_record *r, int net, struct dn_err *err);
/* 1: opened, locked and read; 0: there is none. */
int dn_record_open(struct dn_record *r, const char *directory, const char *name, struct dn_err *err);
bool dn_record_is_pinned(const struct dn_record *r);
int dn_record_remove(const struct dn_record *r, struct dn_err *err);
void dn_record_close(struct dn_record *r);

#endif
