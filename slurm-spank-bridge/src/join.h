/* The node's side of --container-name: which step makes a container, and how another one enters it. */
#ifndef DUNNAGE_JOIN_H
#define DUNNAGE_JOIN_H

#include "facts.h"
#include "named.h"
#include "session.h"

/* slurmstepd: claims the name of the options, if they have one. image NULL: a container that must be there. */
int dn_join_claim(const struct dn_facts *facts, const char *image, const char *binds, struct dn_session *session, struct dn_named *named,
		  struct dn_err *err);

/* In the task, root: namespaces and plan of the container, the plan with this step's working directory. */
int dn_join_take(const struct dn_named *named, const struct dn_facts *facts, const char *mpi_type, const char *cwd, unsigned timeout,
		 struct dn_spaces *spaces, struct dn_reply *plan, struct dn_err *err);
/* In the first task, root: joins, and shows the step's own PMIx directory there. */
int dn_join_enter(struct dn_facts *facts, const struct dn_spaces *spaces, struct dn_err *err);
/* slurmstepd, once the last task has ended and before the session does: nothing of the step's stays in another step's container. */
void dn_join_leave(const struct dn_named *named, const struct dn_session *session, const struct dn_facts *facts);

#endif
