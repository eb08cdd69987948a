/* --container-name: a container that later steps of the same job on the same node enter.
 *
 * slurmstepd of the step that builds it keeps the session's mailbox open as long as the step has tasks, and a record of root's names
 * its process and that descriptor. Whoever joins takes the descriptor from the process, and looks at the builder's message as the ranks
 * of the step do. Nothing of it depends on what a user can write or rename. */
#ifndef DUNNAGE_NAMED_H
#define DUNNAGE_NAMED_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "session.h"

#define DN_NAMED_IMAGE_MAX 4096
#define DN_NAMED_SHAPE_MAX 16384
#define DN_NAMED_ALLOWED "1 to 64 letters, digits, '.', '_' and '-', the first one a letter or digit"

enum dn_named_role { DN_NAMED_NOT, DN_NAMED_BUILDS, DN_NAMED_JOINS };

struct dn_named {
	enum dn_named_role role;
	const char *dir, *name; /* not owned */
	uint32_t job;
	/* Of the step that builds. */
	uint32_t step;
	pid_t pid;
	unsigned long long started; /* of the process, in the kernel's ticks */
	int mailbox;
};

/* What a step says about the container that it wants. */
struct dn_named_wish {
	uint32_t job, step;
	uid_t uid;
	const char *name, *image, *shape; /* image NULL: whatever it is; shape: the options that a container is built by, "": none */
	int mailbox;
};

bool dn_named_valid(const char *name);

/* slurmstepd, root: takes the name, or finds who has it. */
int dn_named_claim(const char *dir, const struct dn_named_wish *wish, struct dn_named *n, struct dn_err *err);
/* In a task of a step that joins, root: waits at most so many seconds for the builder. */
int dn_named_join(const struct dn_named *n, unsigned timeout, struct dn_spaces *spaces, struct dn_reply *plan, struct dn_err *err);
/* slurmstepd of the step that built: nobody joins from now on. May be called again. */
void dn_named_release(struct dn_named *n);
/* Root: records of a job that is over. */
void dn_named_sweep(const char *dir, uint32_t job);

#endif
