/* Builds the container's mount namespace, joins it, confines the joiner. See docs/architecture.md, "The namespace". */
#ifndef DUNNAGE_CONTAINER_H
#define DUNNAGE_CONTAINER_H

#include <stdbool.h>
#include <sys/types.h>

#include "dunnage/err.h"
#include "dunnage/networks.h"
#include "dunnage/site.h"
#include "dunnage/unshare.h"
#include "dunnage/wire.h"

/* Who the step runs as; from Slurm's credential and the user database, gathered in the multi-threaded parent. */
struct dn_identity {
	uid_t uid;
	gid_t gid;
	gid_t *groups; /* supplementary groups */
	size_t ngroups;
	char *user, *home, *shell, *gecos;
	char **group_names; /* ngroups + 1 names, the primary group's first; NULL entry: no name known */
	bool own; /* this process is that user already and has no right to be anybody else */
};

/* Directories that belong to the step, named by root. NULL: none. */
struct dn_step_dirs {
	char *spool;  /* SPOOL: slurmd's directory, in which the others lie */
	char *pmix;   /* SPOOL/pmix.JOB.STEP */
	char *script; /* directory of the batch script */
};

/* The namespaces of a container; -1: none of its own. spool: where steps that enter it find their own directories, -1: nowhere. */
struct dn_spaces {
	int mnt, net, ipc, uts;
	int spool;
};

#define DN_NO_SPACES { -1, -1, -1, -1, -1 }

/* Opens path as the user (effective ids and groups switched for the call, restored after), relative paths beneath
 * the current directory. Refuses anything that is not a regular file, without opening FIFOs or devices. *resolved is the
 * kernel's name of the open file (malloc'ed). Root, single-threaded caller. */
int dn_open_image(const struct dn_identity *who, const char *path, int *fd, char **resolved, struct dn_err *err);

/* Whether somebody has the image open for writing. To be asked before the image is verified: afterwards it would come too
 * late. Root; answers no where the file system cannot tell. */
bool dn_image_has_writers(int fd);

struct dn_slurm_gate; /* dunnage/slurmgate.h */

/* A directory in place of the host's. */
struct dn_own_dir {
	const char *source; /* directory of the host; NULL: empty, in memory */
	const char *target;
	const char *mode; /* of one in memory, such as "1777" */
};

/* A layer over the image, which a user brings. */
struct dn_overlay {
	const char *path; /* a directory, or a squashfs file */
	bool writable;	  /* a directory with "upper" and "work" in it, made when they are missing; at most one */
};

/* What the ranks were started with: their number in all, the PMI or launcher by name (NULL: none), and this node's number. */
struct dn_mpi_step {
	uint32_t tasks, node;
	const char *type;
};

/* What a container is built from. */
struct dn_build {
	const struct dn_site *site;
	const struct dn_plan *plan;
	const struct dn_identity *who;
	const struct dn_step_dirs *dirs; /* NULL: none */
	const struct dn_slurm_gate *slurm; /* NULL: Slurm's commands are not offered */
	const struct dn_mpi_step *mpi; /* NULL: not known, MPI programs are not guarded */
	const struct dn_network_step *network_step; /* NULL: a plan that names networks cannot be carried out */
	const char *cwd;
	int image_fd; /* the open image */
	bool writers; /* somebody had it open for writing when it was opened */
	bool mounted; /* image_fd is the root file system as a detached mount of this process, no image file */
	bool writable; /* writes to the root go to memory, instead of being refused */
	bool entrypoint; /* dunnage/entrypoint.h: the image's runscript starts the program */
	struct dn_unshared unshared; /* what the user wants beside the plan's */
	const struct dn_own_dir *own_dirs;
	size_t nown_dirs;
	const struct dn_overlay *overlays; /* the last lies on top */
	size_t noverlays;
	uint32_t lasting_job; /* steps of this job may use the container longer than the one that builds it; 0: none will */
	const char *home_source; /* directory of the host that is shown as who->home; NULL: that of the same name */
};

/* Unshares the mount namespace (and the network's, when the plan says so, and what the user wants) of the calling process and builds the container in
 * it; afterwards the caller's root and working directory are the container's. *spaces name it for the other ranks. Root, or a user
 * (who->own) after dn_user_namespace; single-threaded caller. The FUSE server, when one is needed, is started outside the
 * new namespace, as the user, detached from the caller, and ends with the last process of the namespace. */
int dn_container_build(const struct dn_build *b, struct dn_spaces *spaces, struct dn_err *err);

/* A user namespace for a caller without root, with a mount namespace of its own: the right to mount, and no other right on
 * the host. The caller stays who he is, or appears as root inside (as_root). *user_ns (close-on-exec) names it. */
int dn_user_namespace(bool as_root, int *user_ns, struct dn_err *err);

/* Joins what dn_container_build made. Root. */
int dn_container_join(const struct dn_spaces *spaces, struct dn_err *err);
/* A step that enters a container of another one brings its PMIx directory (dirs->pmix, which is there and the user's) along: taken
 * before it joins, shown after that, withdrawn by slurmstepd when its last task has ended. Root. */
int dn_step_pmix_take(const struct dn_step_dirs *dirs, int *mnt, struct dn_err *err);
int dn_step_pmix_show(const struct dn_spaces *spaces, const struct dn_step_dirs *dirs, int mnt, struct dn_err *err);
void dn_step_pmix_withdraw(const struct dn_spaces *spaces, const struct dn_step_dirs *dirs);
void dn_spaces_close(struct dn_spaces *spaces);

/* A site's filter of system calls, read while the host's files are in view. */
struct dn_filter {
	struct sock_filter *code; /* NULL: none */
	size_t n;
};

/* SITE/seccomp/NAME.bpf of the plan's filter; nothing when it names none. Root, on the host. */
int dn_filter_load(const struct dn_site *site, const struct dn_plan *plan, struct dn_filter *filter, struct dn_err *err);
int dn_filter_install(const struct dn_plan *plan, const struct dn_filter *filter, struct dn_err *err);
void dn_filter_free(struct dn_filter *filter);

/* What a step on one node may have at most; 0: as much as it has. */
struct dn_limits {
	uint64_t pids, memory; /* processes and threads; bytes, swap included */
	uint32_t processors;   /* their time: so many seconds in each second, on whichever of them */
};

/* Sets the limits on the step's own cgroup or on one that is made for it, and never raises any. Root, in the task and on the host,
 * once for each rank. */
int dn_limits_apply(const struct dn_limits *limits, uint32_t job, uint32_t step, struct dn_err *err);
/* Parent, root, once a task is in its cgroups: lets its own group tell the memory that a group above it allows (version 2). */
int dn_limits_show(pid_t task, uint32_t job, struct dn_err *err);
/* How often the kernel has ended a process of the step in a group that dn_limits_apply made: nobody else watches that.
 * slurms: in a group of Slurm's too, where that is of version 2. */
unsigned long dn_limits_ooms(bool slurms, uint32_t job, uint32_t step);
/* Removes what dn_limits_apply made: when the step is over, and when the job is. Root. */
void dn_limits_release(uint32_t job, uint32_t step);
void dn_limits_sweep(uint32_t job);

/* no_new_privs, no ambient set, nothing in the bounding set but what the plan grants. Root; the process keeps the
 * capabilities that it has until it changes its uid or execs; granted ones it keeps over the change of uid. */
int dn_confine(const struct dn_plan *plan, struct dn_err *err);
/* As the user, before any program of the image runs: granted capabilities become ambient, all others are gone; filters of
 * system calls. */
int dn_confine_user(const struct dn_plan *plan, const struct dn_filter *filter, struct dn_err *err);

/* Marks every descriptor from 3 on close-on-exec, except keep (-1: none), which must be a socket. */
int dn_close_on_exec(int keep, struct dn_err *err);

/* As the user, in the container: changes to the first directory that exists of workdir, home and "/"; *went names it
 * (points into the arguments or a constant). */
int dn_enter_workdir(const char *workdir, const char *home, const char **went, struct dn_err *err);

/* As the user, in the container: sources the scripts of /.singularity.d/env in name order by the image's own /bin/sh, starting from
 * environment env (NULL-ended NAME=VALUE), and answers the resulting environment in *out (NULL-ended array in one
 * malloc'ed block, free() it). No scripts in the image: *out is NULL and 0 is answered. The scripts' stdout goes to
 * stderr. timeout in seconds. envdump_fd: the static program that prints its environment, opened
 * before the container was entered. */
int dn_image_environment(char *const env[], unsigned timeout, int envdump_fd, char ***out, struct dn_err *err);

/* In the container: whether a script of the image names a variable of one rank. Scripts that cannot be read count as "no":
 * running them tells the user why. */
bool dn_scripts_mention_rank(void);

#endif
