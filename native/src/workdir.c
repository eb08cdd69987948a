#include <errno.h>
#include <unistd.h>

#include "dunnage/container.h"

int dn_enter_workdir(const char *workdir, const char *home, const char **went, struct dn_err *err)
{
	const char *const places[] = { workdir, home, "/" };
	size_t i;

	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		/* Relative names would mean something else after each failed try. */
		if (!places[i] || places[i][0] != '/' || chdir(places[i]))
			continue;
		*went = places[i];
		return 0;
	}
	return dn_fail_errno(err, DN_SETUP, errno, "no working directory in the container, not even /");
}
