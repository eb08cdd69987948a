/* The order of docs/architecture.md, "The namespace". */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dunnage/container.h"
#include "etcfiles.h"
#include "imagefile.h"
#include "mountapi.h"
#include "overlay.h"
#include "parts.h"

/* Everything that is taken from the host's namespace. */
struct stock {
	struct dn_parts parts;
	struct dn_etc etc;
	int image;
};

static int take_stock(const struct dn_site *site, const struct dn_plan *plan, const struct dn_identity *who,
		      const struct dn_step_dirs *dirs, const char *cwd, int image_fd, struct stock *s, struct dn_err *err)
{
	if (dn_view_parts(plan, who, dirs, cwd, &s->parts, err) || dn_bind_parts(plan, who, &s->parts, err))
		return -1;
	if ((plan->view & DN_VIEW_ETC) && dn_etc_read_host(who, &s->etc, err))
		return -1;
	return dn_image_mount(site, plan, who, image_fd, &s->image, err);
}

static int new_namespace(int *ns_fd, struct dn_err *err)
{
	if (unshare(CLONE_NEWNS))
		return dn_fail_errno(err, DN_SETUP, errno, "cannot make a mount namespace");
	if (dn_mounts_enslave())
		return dn_fail_errno(err, DN_SETUP, errno, "cannot keep our mounts from the host");
	*ns_fd = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
	if (*ns_fd < 0)
		return dn_fail_errno(err, DN_SETUP, errno, "cannot open the new mount namespace; is /proc mounted?");
	return 0;
}

static int assemble(const struct dn_plan *plan, const struct dn_identity *who, const struct stock *s, int ns_fd,
		    struct dn_err *err)
{
	struct dn_tree tree = { .root = -1, .who = who };
	int rc = -1;

	if (dn_overlay_make(s->image, &tree, err))
		return -1;
	if ((plan->view & DN_VIEW_ETC) && dn_etc_write(&tree, who, &s->etc, err))
		goto out;
	if (dn_parts_attach(&s->parts, &tree, err))
		goto out;
	rc = dn_overlay_enter(&tree, ns_fd, err);
out:
	close(tree.root);
	return rc;
}

int dn_container_build(const struct dn_site *site, const struct dn_plan *plan, const struct dn_identity *who,
		       const struct dn_step_dirs *dirs, const char *cwd, int image_fd, int *ns_fd, struct dn_err *err)
{
	struct sigaction wait_for_children = { .sa_handler = SIG_DFL }, chld;
	mode_t mask = umask(022);
	struct stock s = { .image = -1 };
	int rc = -1;

	*ns_fd = -1;
	/* Our own short-lived children must be there to be waited for. */
	if (sigaction(SIGCHLD, &wait_for_children, &chld)) {
		dn_fail_errno(err, DN_INTERNAL, errno, "cannot set the handling of SIGCHLD");
		goto mask;
	}
	if (take_stock(site, plan, who, dirs, cwd, image_fd, &s, err) || new_namespace(ns_fd, err))
		goto out;
	rc = assemble(plan, who, &s, *ns_fd, err);
out:
	if (rc && *ns_fd >= 0) {
		close(*ns_fd);
		*ns_fd = -1;
	}
	if (s.image >= 0)
		close(s.image);
	dn_parts_free(&s.parts);
	dn_etc_free(&s.etc);
	(void)sigaction(SIGCHLD, &chld, NULL);
mask:
	(void)umask(mask);
	return rc;
}

int dn_container_join(int ns_fd, struct dn_err *err)
{
	if (setns(ns_fd, CLONE_NEWNS))
		return dn_fail_errno(err, DN_SETUP, errno, "cannot join the container's mount namespace");
	if (chdir("/"))
		return dn_fail_errno(err, DN_SETUP, errno, "cannot change to the container's root");
	return 0;
}
