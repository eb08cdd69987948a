/* Starts a program in a clean process: chosen descriptors, default signals, fixed environment, one account. */
#ifndef DUNNAGE_PROGRAM_H
#define DUNNAGE_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "dunnage/err.h"

#define DN_PROGRAM_FDS 8

struct dn_program {
	const char *path;
	char *const *argv;
	char *const *env;
	int fds[DN_PROGRAM_FDS]; /* become 0, 1, 2 ...; every other descriptor is closed */
	size_t nfds;
	bool change_ids; /* to uid, gid and groups, for good, with no capability left */
	bool no_rights;  /* stays the account that it is, in a user namespace of its own, and loses its capabilities */
	uid_t uid;
	gid_t gid;
	const gid_t *groups;
	size_t ngroups;
	bool tidy;	       /* cwd /, umask 077, no core files, a modest number of descriptors */
	bool die_with_parent;  /* SIGKILL when the starter ends */
	bool detach;	       /* a session of its own and no parent; *pid is not a child then */
	bool same_session;     /* with detach: a process group of its own in the caller's session instead */
	bool group;	       /* a process group of its own */
	bool deaf;	       /* signals that a user or Slurm sends to a whole step are ignored */
	const int *cgroups;    /* cgroup.procs of groups to enter before anything else; where one takes nobody any more it stays */
	size_t ncgroups;
};

/* Answers when the exec has happened; a failed start is an error that names the program. */
int dn_program_start(const struct dn_program *p, pid_t *pid, struct dn_err *err);

/* Waits at most until deadline_ms (dn_now_ms) or until the step is cancelled (dn_is_cancelled), then kills (the group when group is set). *status as waitpid's. */
int dn_program_end(pid_t pid, bool group, long long deadline_ms, int *status, struct dn_err *err);

/* Milliseconds of the monotonic clock. */
long long dn_now_ms(void);
/* Milliseconds for poll until the deadline, 0 when it has passed. */
int dn_left_ms(long long deadline_ms);

/* How often those who wait look whether they should go on. */
#define DN_HEED_MS 100

#endif
