/* Namespaces that a user may want for a container of his own; all its processes on a node share them. */
#ifndef DUNNAGE_UNSHARE_H
#define DUNNAGE_UNSHARE_H

#include "dunnage/err.h"

enum dn_unshare {
	DN_UNSHARE_IPC = 1, /* System V shared memory, semaphores and message queues, POSIX message queues */
	DN_UNSHARE_UTS = 2, /* host and domain name */
};

#define DN_PID_REASON                                                                                                   \
	"the program takes the very process that was started for it, and a process cannot change its process namespace"

struct dn_unshared {
	unsigned what;	      /* enum dn_unshare */
	const char *hostname; /* NULL: the node's */
};

/* Reads "ipc,uts" into *what. option: for the message, such as "--container-unshare". */
int dn_unshare_read(const char *option, const char *list, unsigned *what, struct dn_err *err);
/* -1 when the kernel or a resolver could not take the name. */
int dn_hostname_check(const char *option, const char *name, struct dn_err *err);

#endif
