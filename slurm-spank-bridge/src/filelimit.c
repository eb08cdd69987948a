#include "filelimit.h"

#include <errno.h>
#include <signal.h>

/* A handler, since what is ignored would stay ignored in the program. */
static void go_on(int signal)
{
	(void)signal;
}

int dn_file_limit_spare(struct dn_err *err)
{
	struct sigaction now, spare = {.sa_handler = go_on, .sa_flags = SA_RESTART};

	if (sigaction(SIGXFSZ, NULL, &now) < 0)
		return dn_fail_errno(err, DN_INTERNAL, errno, "cannot look at the handling of SIGXFSZ");
	if (now.sa_handler == SIG_DFL && sigaction(SIGXFSZ, &spare, NULL) < 0)
		return dn_fail_errno(err, DN_INTERNAL, errno, "cannot set the handling of SIGXFSZ");
	return 0;
}
