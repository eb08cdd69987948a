#include <errno.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "dunnage/container.h"

static int get_sets(struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3], struct dn_err *err)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };

	if (syscall(SYS_capget, &head, data))
		return dn_fail_errno(err, DN_SETUP, errno, "cannot read the capabilities");
	return 0;
}

static int set_sets(const struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3], struct dn_err *err)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };

	if (syscall(SYS_capset, &head, data))
		return dn_fail_errno(err, DN_SETUP, errno, "cannot set the capabilities");
	return 0;
}

/* The inheritable set would survive the exec; the other sets are needed until the uid changes. */
static int clear_inheritable(struct dn_err *err)
{
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

	if (get_sets(data, err))
		return -1;
	data[0].inheritable = data[1].inheritable = 0;
	return set_sets(data, err);
}

static int limit_bounding(uint64_t granted, struct dn_err *err)
{
	unsigned long cap;

	/* Up to the first number that this kernel does not know. */
	for (cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
		if (!(granted >> cap & 1) && prctl(PR_CAPBSET_DROP, cap, 0, 0, 0))
			return dn_fail_errno(err, DN_SETUP, errno, "cannot drop capability %lu", cap);
	if (cap < 64 && granted >> cap)
		return dn_fail(err, DN_SETUP,
			       "the policy grants a capability that this kernel does not know; take it out of 'capabilities'");
	return 0;
}

int dn_confine(const struct dn_plan *plan, struct dn_err *err)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return dn_fail_errno(err, DN_SETUP, errno, "cannot set no_new_privs");
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0))
		return dn_fail_errno(err, DN_SETUP, errno, "cannot clear the ambient capabilities");
	if (limit_bounding(plan->capabilities, err))
		return -1;
	/* Only over the change of uid: dn_confine_user leaves what is granted, and an exec clears the flag. */
	if (plan->capabilities && prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0))
		return dn_fail_errno(err, DN_SETUP, errno, "cannot keep the granted capabilities");
	return clear_inheritable(err);
}

static int raise_ambient(uint64_t granted, struct dn_err *err)
{
	unsigned long cap;

	for (cap = 0; cap < 64; cap++)
		if ((granted >> cap & 1) && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0))
			return dn_fail_errno(err, DN_SETUP, errno, "cannot give the granted capability %lu", cap);
	return 0;
}

static int keep_granted(uint64_t granted, struct dn_err *err)
{
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };

	data[0].permitted = data[0].inheritable = (__u32)granted;
	data[1].permitted = data[1].inheritable = (__u32)(granted >> 32);
	if (set_sets(data, err))
		return -1;
	if (prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0))
		return dn_fail_errno(err, DN_SETUP, errno, "cannot end the keeping of capabilities");
	return raise_ambient(granted, err);
}

int dn_confine_user(const struct dn_plan *plan, const struct dn_filter *filter, struct dn_err *err)
{
	if (plan->capabilities && keep_granted(plan->capabilities, err))
		return -1;
	return dn_filter_install(plan, filter, err);
}
