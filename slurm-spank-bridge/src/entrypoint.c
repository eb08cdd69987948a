#include <stdint.h>

#include "entrypoint.h"

#include "dunnage/entrypoint.h"

#include <unistd.h>

int dn_use_entrypoint(spank_t sp, struct dn_err *err)
{
	static char entrypoint[] = DN_ENTRYPOINT;
	char **argv = NULL;
	int argc = 0;

	if (access(DN_RUNSCRIPT, X_OK) < 0)
		return dn_fail(err, DN_REQUEST,
			       "--container-entrypoint: the image has no " DN_RUNSCRIPT " that you may run; take the option away, or give "
			       "--no-container-entrypoint");
	if (spank_get_item(sp, S_JOB_ARGV, &argc, &argv) != ESPANK_SUCCESS || argc < 1 || argv == NULL || argv[0] == NULL)
		return dn_fail(err, DN_INTERNAL, "Slurm does not tell the step's program");
	if (spank_setenv(sp, DN_ENTRYPOINT_VARIABLE, argv[0], 1) != ESPANK_SUCCESS)
		return dn_fail(err, DN_INTERNAL, "cannot set the variable " DN_ENTRYPOINT_VARIABLE);
	/* SPANK has no call for this. The list is the one that this very process will start its program from (22.05), and it is no
	 * other task's: tasks are forked. With --multi-prog it is not, which srun refuses. */
	argv[0] = entrypoint;
	return 0;
}
