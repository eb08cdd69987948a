/* A look at the image before a job queues, where the site wants one. It is a courtesy: the node decides for itself. */
#ifndef DUNNAGE_BRIDGE_SUBMITCHECK_H
#define DUNNAGE_BRIDGE_SUBMITCHECK_H

#include "choose.h"

#include "dunnage/err.h"

enum dn_submit_check {
	DN_SUBMIT_NO,
	DN_SUBMIT_WARN,	  /* the user is told, the job is submitted all the same */
	DN_SUBMIT_REFUSE, /* the job is not submitted */
};

/* The plugin's argument submit_check=no|warn|refuse; the last one counts, no is the default. */
int dn_submit_check_mode(int argc, char *const argv[], enum dn_submit_check *mode, struct dn_err *err);

/* What is submitted. */
struct dn_submission {
	const char *image;	   /* path */
	const char *prefix;	   /* where we are installed */
	const char *container_mpi; /* --container-mpi; NULL: not given */
	const char *mpi_default;   /* --mpi of steps that name none; NULL: not known */
};

/* Looks at the image by PREFIX/bin/dunnage, which tells the user what is wrong. -1: the job must not be submitted, and the user has
 * read why. A login node without Dunnage's commands or without Java checks nothing. command_line: the submitting command's, NUL-ended words. */
int dn_submit_check(enum dn_command command, const struct dn_submission *submission, enum dn_submit_check mode, const char *command_line,
		    size_t len);

#endif
