#include <unistd.h>

#include "dunnage/container.h"

void dn_spaces_close(struct dn_spaces *spaces)
{
	const int fds[] = { spaces->mnt, spaces->net, spaces->ipc, spaces->uts, spaces->spool };
	size_t i;

	for (i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		if (fds[i] >= 0)
			close(fds[i]);
	*spaces = (struct dn_spaces)DN_NO_SPACES;
}
