/* A step that is cancelled while it starts. */
#include <signal.h>

#include "dunnage/ask.h"

int dn_fail_cancelled(struct dn_err *err)
{
	return dn_fail(err, DN_SETUP, "the step was cancelled while its start was decided; nothing has run");
}

bool dn_is_cancelled(void)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP, SIGQUIT };
	sigset_t held;
	size_t i;

	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		if (sigpending(&held) == 0 && sigismember(&held, signals[i]) == 1)
			return true;
	return false;
}
