/* What the ranks of one step on one node share: nameless, made by slurmstepd before it forks the tasks.
 *
 * A socketpair holds at most one message: the container that the first rank built (plan and namespaces as descriptors), or
 * its refusal. Ranks read it with MSG_PEEK, so it serves all of them. A memfd serves as the lock: each rank opens it anew,
 * so that flock separates them and the kernel frees it when its holder dies. A second memfd takes the image's environment. */
#ifndef DUNNAGE_SESSION_H
#define DUNNAGE_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "dunnage/container.h"

struct dn_session {
	int post, mailbox; /* ends of the socketpair */
	int lock_file;     /* memfd that ranks open anew */
	int environment;   /* memfd with the image's environment */
	int slurm_keep, slurm_task; /* socketpair of dunnage/slurmgate.h: slurmstepd's end, the tasks' end */
	bool named;        /* slurmstepd keeps the mailbox until the last task has ended: for steps that join, or for what this one brought along */
};

#define DN_NO_SESSION                                                                                                  \
	{                                                                                                              \
		-1, -1, -1, -1, -1, -1, false                                                                          \
	}

/* One rank's place in the session. */
struct dn_place {
	int lock; /* own open file description of lock_file; -1: none */
};

enum dn_turn {
	DN_TURN_BUILD, /* the lock is ours and nobody has posted: build, then post */
	DN_TURN_READY, /* a container is posted: spaces and plan are filled */
	DN_TURN_REFUSED, /* the builder posted a refusal, and has told the user */
};

int dn_session_open(struct dn_session *s, struct dn_err *err);
/* All but slurm_keep, which is open as long as the step has tasks. */
void dn_session_leave(struct dn_session *s);
/* Ends the helper for Slurm's commands and waits a moment for it: slurmstepd waits a whole second for processes that it finds
 * in the step after the last task. */
void dn_session_end_helper(struct dn_session *s);
void dn_session_close(struct dn_session *s);

/* Slurmstepd has put the tasks into their cgroups; what a task starts from now on counts against the step. */
void dn_session_admit(const struct dn_session *s);
/* In the task: waits for that, at most so many milliseconds. */
bool dn_session_await_admission(const struct dn_session *s, unsigned milliseconds);

/* Root, in the task. Waits until this rank may build or something is posted, at most timeout seconds. */
int dn_session_enter(const struct dn_session *s, struct dn_place *place, unsigned timeout, enum dn_turn *turn,
		     struct dn_spaces *spaces, struct dn_reply *plan, struct dn_err *err);
/* The same at another session's mailbox, without a place there: 1 when *turn is READY or REFUSED, 0 when nothing is posted yet. */
int dn_session_look(int mailbox, enum dn_turn *turn, struct dn_spaces *spaces, struct dn_reply *plan, struct dn_err *err);
/* The builder's answer to the other ranks; afterwards it gives up the lock. */
int dn_session_post(const struct dn_session *s, struct dn_place *place, const struct dn_spaces *spaces,
		    const struct dn_plan *plan, struct dn_err *err);
int dn_session_post_refusal(const struct dn_session *s, struct dn_place *place, struct dn_err *err);

/* Keeps what fd names open until the step's last task has ended: slurmstepd holds it. The caller's own fd stays his. */
int dn_session_keep(const struct dn_session *s, int fd, struct dn_err *err);

/* The lock again, now for the image's environment; waits at most timeout seconds. */
int dn_session_lock(const struct dn_place *place, unsigned timeout, struct dn_err *err);
void dn_session_unlock(const struct dn_place *place);
enum dn_environment {
	DN_ENVIRONMENT_MISSING,	 /* nobody has stored anything */
	DN_ENVIRONMENT_READY,	 /* the text is what the scripts change, for every rank */
	DN_ENVIRONMENT_PER_RANK, /* each rank has to run the scripts itself */
	DN_ENVIRONMENT_FAILED,	 /* the scripts failed; the user has been told */
};
/* What an earlier rank stored: *text is malloc'ed, len bytes, and one more NUL. */
int dn_session_load_environment(const struct dn_session *s, enum dn_environment *state, char **text, size_t *len,
				struct dn_err *err);
int dn_session_store_environment(const struct dn_session *s, enum dn_environment state, const char *text, size_t len,
				 struct dn_err *err);

#endif
