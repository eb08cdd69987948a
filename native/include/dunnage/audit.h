/* The record of refusals that the launcher never sees: an image that cannot be opened, no answer, a plan that cannot be carried out.
 * In the form of the launcher's own records, docs/json.md. */
#ifndef DUNNAGE_AUDIT_H
#define DUNNAGE_AUDIT_H

#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include "dunnage/err.h"
#include "dunnage/site.h"

struct dn_refused {
	const char *node;
	uint32_t job, step, restart;
	uid_t uid;
	const char *user, *account, *partition; /* NULL: not known */
	const char *image;
	const struct dn_err *why;
};

/* Where records go: the site's file, opened with the rights of the agent's account, and the system's log. -1: not there. */
struct dn_audit {
	int file, log;
};

#define DN_NO_AUDIT { -1, -1 }

/* Root, while the host's files are in view: what comes later may have the image for its root. Never fails. */
void dn_audit_open(const struct dn_site *site, struct dn_audit *audit);
/* Writes one line; answers -1 when neither place takes it. */
int dn_audit_refusal(const struct dn_audit *audit, const struct dn_refused *r, struct dn_err *err);
void dn_audit_close(struct dn_audit *audit);

/* The line, without its end; texts above limit characters are cut and end in "...". */
void dn_audit_line(FILE *out, const struct dn_refused *r, const struct timespec *now, size_t limit);

#endif
