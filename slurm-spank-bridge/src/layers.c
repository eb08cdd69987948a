#include "layers.h"

#include <unistd.h>

int dn_layers_hold(const struct dn_session *session, const struct dn_identity *who, const struct dn_overlay_list *layers,
		   struct dn_err *err)
{
	int rc = 0;

	for (size_t i = 0; i < layers->n && rc == 0; i++) {
		int fd = -1;

		rc = dn_overlay_hold(who, &layers->v[i], &fd, err);
		if (rc == 0 && fd >= 0)
			rc = dn_session_keep(session, fd, err);
		if (fd >= 0)
			close(fd);
	}
	return rc;
}
