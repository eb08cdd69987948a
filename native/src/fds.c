#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dunnage/container.h"
#include "dunnage/kernel.h"

#define CLOEXEC_RANGE 4u /* CLOSE_RANGE_CLOEXEC */

static int mark(unsigned first, unsigned last, struct dn_err *err)
{
	if (first <= last && syscall(SYS_close_range, first, last, CLOEXEC_RANGE))
		return dn_fail_errno(err, DN_SETUP, errno, "cannot mark descriptors close-on-exec; kernel 5.14 is needed");
	return 0;
}

int dn_close_on_exec(int keep, struct dn_err *err)
{
	struct stat st;

	if (keep < 3)
		return mark(3, ~0u, err);
	if (fstat(keep, &st))
		return dn_fail_errno(err, DN_SETUP, errno, "descriptor %d cannot be kept", keep);
	if (!S_ISSOCK(st.st_mode))
		return dn_fail(err, DN_SETUP, "descriptor %d is no socket and is not handed to the container", keep);
	if (mark(3, (unsigned)keep - 1, err))
		return -1;
	return mark((unsigned)keep + 1, ~0u, err);
}
