/* Images that are named by a reference: `dunnage pull`, run as the user. */
#ifndef DUNNAGE_PULL_H
#define DUNNAGE_PULL_H

#include <stdbool.h>

#include "dunnage/container.h"
#include "dunnage/err.h"

struct dn_pull {
	const char *prefix; /* of the installation: PREFIX/bin/dunnage is what runs */
	const struct dn_identity *who;
	const char *reference;
	const char *mode;      /* missing, always or never; NULL: the site's setting */
	bool print_reference;  /* answers the reference with its digest, not the path in the cache */
	bool to_nodes;         /* and gives it to the nodes of the job that the caller is in */
	bool if_at_submit;     /* answers the reference as it is unless the site wants it pulled when a job is submitted */
	char *const *env;      /* of the program, NULL ended */
	void (*tell)(const char *line); /* gets what makes the user wait, without "dunnage: "; NULL: it goes to standard error */
};

/* Whether an image's name is a reference and no path. */
bool dn_is_reference(const char *name);

/* Names of the user's variables that a pull looks at, NULL ended; proxies among them. */
extern const char *const dn_pull_variables[];

/* Answers the program's one line, malloc'ed. Nothing of it is trusted: open it as the user. With the rights of root the program
 * runs as who, without capabilities, in the caller's cgroups and view of the files, and ends with the caller. A failure has the
 * program's own words, or none when they went to standard error. */
int dn_pull_image(const struct dn_pull *p, char **answer, struct dn_err *err);

/* A shared lock on an image of a cache, for as long as somebody has the descriptor open: the cache removes none that is locked. */
int dn_image_in_use(int image, const char *name, struct dn_err *err);

#endif
