/* The order of docs/architecture.md, "The namespace". */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dunnage/container.h"
#include "dotdir.h"
#include "etcfiles.h"
#include "guard.h"
#include "hostfiles.h"
#include "imagefile.h"
#include "mountapi.h"
#include "network.h"
#include "overlay.h"
#include "parts.h"
#include "scaffold.h"
#include "unshare.h"

/* Everything that is taken from the host's namespace. */
struct stock {
	struct dn_parts parts;
	struct dn_etc etc;
	struct dn_layer layers[DN_LAYERS_MAX];
	size_t nlayers;
	int image, spool;
};

static int take_image(const struct dn_build *b, int *mnt, struct dn_err *err)
{
	if (!b->mounted)
		return dn_image_mount(b, mnt, err);
	*mnt = fcntl(b->image_fd, F_DUPFD_CLOEXEC, 3);
	if (*mnt >= 0 && dn_tree_attrs(*mnt, DN_ATTR_RDONLY | DN_ATTR_NOSUID | DN_ATTR_NODEV, true) == 0)
		return 0;
	return dn_fail_errno(err, DN_SETUP, errno, "cannot take the image's file system");
}

static int take_stock(const struct dn_build *b, struct stock *s, struct dn_err *err)
{
	if (!(b->plan->view & DN_VIEW_DEV) && dn_device_parts(b->plan, &s->parts, err))
		return -1;
	if (dn_view_parts(b, &s->parts, &s->spool, err) || dn_own_dir_parts(b, &s->parts, err) ||
	    dn_overlay_layers(b, s->layers, &s->nlayers, err) || dn_bind_parts(b->plan, b->who, &s->parts, err))
		return -1;
	if ((b->plan->view & DN_VIEW_ETC) && dn_etc_read_host(b->who, &s->etc, err))
		return -1;
	if (dn_dot_dir_part(b, &s->parts, err) || dn_host_files_parts(b, &s->parts, err))
		return -1;
	return take_image(b, &s->image, err);
}

static int own_network(const struct dn_build *b, struct dn_spaces *spaces, struct dn_etc *etc, struct dn_err *err)
{
	char *resolver = NULL;
	size_t len = 0;

	if (dn_network_make(&spaces->net, err))
		return -1;
	if (!b->plan->networks.n)
		return 0;
	if (dn_networks_up(b, spaces->net, &resolver, &len, err))
		return -1;
	if (len)
		dn_etc_set_resolver(etc, resolver, len);
	else
		free(resolver);
	return 0;
}

static int new_namespace(const struct dn_build *b, struct dn_spaces *spaces, struct dn_etc *etc, struct dn_err *err)
{
	if (b->plan->network == DN_NETWORK_OWN && own_network(b, spaces, etc, err))
		return -1;
	if (dn_unshare_make(&b->unshared, spaces, err))
		return -1;
	if (unshare(CLONE_NEWNS))
		return dn_fail_errno(err, DN_SETUP, errno, "cannot make a mount namespace");
	if (dn_mounts_enslave())
		return dn_fail_errno(err, DN_SETUP, errno, "cannot keep our mounts from the host");
	spaces->mnt = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
	if (spaces->mnt < 0)
		return dn_fail_errno(err, DN_SETUP, errno, "cannot open the new mount namespace; is /proc mounted?");
	return 0;
}

/* Where the root could not add to the container once it is stacked: the image's files are nobody's, or layers are the user's. */
static bool stacked_late(const struct dn_build *b, const struct stock *s)
{
	return b->who->own || s->nlayers;
}

/* All that the container adds to the image goes into a layer before it is stacked. */
static int prepare(const struct dn_build *b, struct stock *s, const struct dn_layers *l, struct dn_err *err)
{
	struct dn_tree image = { .root = s->image, .who = b->who, .up = l->plates >= 0 ? &l->plates : &l->up };

	dn_scaffold_parts(&image, &s->parts);
	if (dn_guard_wanted(b) && dn_guard_preload(&image, err))
		return -1;
	if (dn_host_shims_write(&image, b->plan, err))
		return -1;
	return (b->plan->view & DN_VIEW_ETC) ? dn_etc_write(&image, b->who, &s->etc, err) : 0;
}

static int furnish(const struct dn_build *b, const struct stock *s, const struct dn_tree *tree,
		   const struct dn_spaces *spaces, struct dn_err *err)
{
	bool late = stacked_late(b, s);

	if (!late && (b->plan->view & DN_VIEW_ETC) && dn_etc_write(tree, b->who, &s->etc, err))
		return -1;
	if (!late && dn_guard_wanted(b) && dn_guard_preload(tree, err))
		return -1;
	if (!late && dn_host_shims_write(tree, b->plan, err))
		return -1;
	if (dn_parts_attach(&s->parts, tree, err))
		return -1;
	return dn_overlay_enter(tree, b->writable, spaces, err);
}

static int assemble(const struct dn_build *b, struct stock *s, const struct dn_spaces *spaces, struct dn_err *err)
{
	struct dn_tree tree = { .root = -1, .who = b->who };
	struct dn_layers layers;
	int rc = -1;

	if (dn_layers_make(s->image, b->who, b->writable, s->layers, s->nlayers, &layers, err))
		return -1;
	if (stacked_late(b, s) && prepare(b, s, &layers, err))
		goto out;
	if (dn_overlay_make(&layers, stacked_late(b, s), &tree, err))
		goto out;
	rc = furnish(b, s, &tree, spaces, err);
	close(tree.root);
out:
	dn_layers_close(&layers);
	return rc;
}

int dn_container_build(const struct dn_build *b, struct dn_spaces *spaces, struct dn_err *err)
{
	struct sigaction wait_for_children = { .sa_handler = SIG_DFL }, chld;
	mode_t mask = umask(022);
	struct stock s = { .image = -1, .spool = -1 };
	int rc = -1;

	*spaces = (struct dn_spaces)DN_NO_SPACES;
	/* Our own short-lived children must be there to be waited for. */
	if (sigaction(SIGCHLD, &wait_for_children, &chld)) {
		dn_fail_errno(err, DN_INTERNAL, errno, "cannot set the handling of SIGCHLD");
		goto mask;
	}
	if (take_stock(b, &s, err) || new_namespace(b, spaces, &s.etc, err))
		goto out;
	rc = assemble(b, &s, spaces, err);
out:
	if (rc)
		dn_spaces_close(spaces);
	if (rc == 0)
		spaces->spool = s.spool;
	else if (s.spool >= 0)
		close(s.spool);
	if (s.image >= 0)
		close(s.image);
	while (s.nlayers)
		close(s.layers[--s.nlayers].mnt);
	dn_parts_free(&s.parts);
	dn_etc_free(&s.etc);
	(void)sigaction(SIGCHLD, &chld, NULL);
mask:
	(void)umask(mask);
	return rc;
}

int dn_container_join(const struct dn_spaces *spaces, struct dn_err *err)
{
	if (spaces->net >= 0 && setns(spaces->net, CLONE_NEWNET))
		return dn_fail_errno(err, DN_SETUP, errno, "cannot join the container's network namespace");
	if (dn_unshare_join(spaces, err))
		return -1;
	if (setns(spaces->mnt, CLONE_NEWNS))
		return dn_fail_errno(err, DN_SETUP, errno, "cannot join the container's mount namespace");
	if (chdir("/"))
		return dn_fail_errno(err, DN_SETUP, errno, "cannot change to the container's root");
	return 0;
}
