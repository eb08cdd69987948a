#include <unistd.h>

#include "dunnage/container.h"

void dn_spaces_close(struct dn_spaces *spaces)
{
	if (spaces->mnt >= 0)
		close(spaces->mnt);
	if (spaces->net >= 0)
		close(spaces->net);
	*spaces = (struct dn_spaces){ -1, -1 };
}
