#include <errno.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "dunnage/container.h"

/* The inheritable set would survive the exec; the other sets are needed until the uid changes. */
static int clear_inheritable(struct dn_err *err)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

	if (syscall(SYS_capget, &head, data))
		return dn_fail_errno(err, DN_SETUP, errno, "cannot read the capabilities");
	data[0].inheritable = data[1].inheritable = 0;
	if (syscall(SYS_capset, &head, data))
		return dn_fail_errno(err, DN_SETUP, errno, "cannot clear the inheritable capabilities");
	return 0;
}

int dn_confine(struct dn_err *err)
{
	unsigned long cap;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return dn_fail_errno(err, DN_SETUP, errno, "cannot set no_new_privs");
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0))
		return dn_fail_errno(err, DN_SETUP, errno, "cannot clear the ambient capabilities");
	/* Up to the first number that this kernel does not know. */
	for (cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
		if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0))
			return dn_fail_errno(err, DN_SETUP, errno, "cannot drop capability %lu", cap);
	return clear_inheritable(err);
}
