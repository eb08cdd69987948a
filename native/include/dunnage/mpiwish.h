/* Values of --container-mpi. */
#ifndef DUNNAGE_MPIWISH_H
#define DUNNAGE_MPIWISH_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define DN_MPI_WISHES "auto, hybrid, bind, fabric, none, require:hybrid, require:bind, require:fabric"

static inline bool dn_mpi_wish_known(const char *wish)
{
	static const char *const known[] = { "auto", "hybrid", "bind", "fabric", "none", "require:hybrid", "require:bind", "require:fabric" };
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(known[i], wish) == 0)
			return true;
	return false;
}

/* Whether the step is refused rather than started some other way. */
static inline bool dn_mpi_wish_requires(const char *wish)
{
	return wish && strncmp(wish, "require:", sizeof("require:") - 1) == 0;
}

#endif
