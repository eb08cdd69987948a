/* FUSE driver: root makes the mount, squashfuse serves it as the user, outside the namespace that shows it: inside, it
 * would keep the namespace alive for ever. */
#include "fuse.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "dunnage/ask.h"
#include "imagefile.h"
#include "mountapi.h"
#include "program.h"
#include "stepcgroups.h"

#define READY_SECONDS 60u

static int make_mount(const struct dn_fuse_server *server, const struct dn_identity *who, int dev, int *mnt, struct dn_err *err)
{
	char fd[16], uid[16], gid[16];
	const struct dn_option options[] = {
		{ "source", server->name }, { "subtype", server->name }, { "fd", fd },	 { "rootmode", "40000" },
		{ "user_id", uid },	    { "group_id", gid },	 { "allow_other", NULL },
		{ "default_permissions", NULL },
	};
	size_t n = sizeof(options) / sizeof(options[0]) - server->no_modes;

	(void)snprintf(fd, sizeof(fd), "%d", dev);
	(void)snprintf(uid, sizeof(uid), "%u", who->uid);
	(void)snprintf(gid, sizeof(gid), "%u", who->gid);
	return dn_fs_make("fuse", options, n, DN_ATTR_RDONLY | DN_ATTR_NOSUID | DN_ATTR_NODEV, mnt, err);
}

static int start_server(const struct dn_fuse_server *server, const struct dn_identity *who, int dev, int messages,
			struct dn_err *err)
{
	char *const env[] = { "PATH=/usr/bin:/bin", "LANG=C.UTF-8", NULL };
	struct dn_program program = {
		.path = server->path, .argv = server->argv, .env = env, .nfds = 5, .change_ids = !who->own,
		.no_rights = who->own, .uid = who->uid,
		.gid = who->gid, .groups = who->groups, .ngroups = who->ngroups, .tidy = true, .detach = true,
		/* Slurm signals every process of a step: ranks that end in good order still need their files. */
		.deaf = true, .cgroups = server->cgroups, .ncgroups = server->ncgroups,
		/* The kernel may share the processors out by sessions (sched_autogroup), which costs two that wait for each other a tenth. */
		.same_session = true,
	};
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), rc;
	pid_t pid;

	if (null < 0)
		return dn_fail_errno(err, DN_SETUP, errno, "cannot open /dev/null");
	memcpy(program.fds, (int[]){ server->input < 0 ? null : server->input, messages, messages, server->source, dev },
	       5 * sizeof(int));
	rc = dn_program_start(&program, &pid, err);
	close(null);
	if (rc)
		dn_fail(err, DN_SETUP, "%s; install the package '%s' on this node", err->msg, server->name);
	return rc;
}

/* Asks the server for something. A child does the asking, so that a server that hangs cannot hang the step. */
static int wait_ready(const struct dn_fuse_server *server, int mnt, struct dn_err *err)
{
	unsigned seconds = server->seconds > 0 && server->seconds < READY_SECONDS ? server->seconds : READY_SECONDS;
	struct dn_err late;
	struct statfs fs;
	int status;
	pid_t pid = fork();

	if (pid < 0)
		return dn_fail_errno(err, DN_SETUP, errno, "cannot fork to wait for %s", server->name);
	if (pid == 0)
		_exit(fstatfs(mnt, &fs) ? errno & 0x7f : 0);
	if (dn_program_end(pid, false, dn_now_ms() + 1000LL * seconds, &status, &late))
		return dn_fail(err, DN_SETUP, "%s", late.msg);
	if (WIFSIGNALED(status) && dn_is_cancelled())
		return dn_fail_cancelled(err);
	if (WIFSIGNALED(status))
		return dn_fail(err, DN_SETUP, "%s does not answer within %u seconds; is the image's file system slow?", server->name,
			       seconds);
	if (WEXITSTATUS(status))
		return dn_fail_errno(err, DN_SETUP, WEXITSTATUS(status), "%s ended at once", server->name);
	return 0;
}

static void read_message(int messages, char *said, size_t room)
{
	ssize_t n = pread(messages, said, room - 1, 0);

	said[n > 0 ? n : 0] = 0;
	said[strcspn(said, "\n")] = 0;
}

static int no_device(const struct dn_identity *who, int errnum, struct dn_err *err)
{
	if (who->own && (errnum == EACCES || errnum == EPERM))
		return dn_fail(err, DN_SETUP,
			       "/dev/fuse is closed to users on this machine; start the container by Slurm: srun "
			       "--container=IMAGE PROGRAM, or ask the site for mode 0666 on /dev/fuse");
	return dn_fail_errno(err, DN_SETUP, errnum, "cannot open /dev/fuse; load the kernel module fuse");
}

int dn_fuse_serve(const struct dn_fuse_server *server, const struct dn_identity *who, int *mnt, char *said, size_t room,
		  struct dn_err *err)
{
	int dev = open("/dev/fuse", O_RDWR | O_CLOEXEC), messages = -1, rc = -1;

	*said = 0;
	if (dev < 0)
		return no_device(who, errno, err);
	*mnt = -1;
	messages = memfd_create(server->name, MFD_CLOEXEC);
	if (messages < 0) {
		dn_fail_errno(err, DN_SETUP, errno, "cannot make a buffer for messages");
		goto out;
	}
	if (make_mount(server, who, dev, mnt, err) || start_server(server, who, dev, messages, err))
		goto out;
	/* The server's copy alone keeps the connection: when it dies the mount answers with errors, and never hangs. */
	close(dev);
	dev = -1;
	rc = wait_ready(server, *mnt, err);
	if (rc)
		read_message(messages, said, room);
out:
	if (rc && *mnt >= 0)
		close(*mnt);
	if (dev >= 0)
		close(dev);
	if (messages >= 0)
		close(messages);
	return rc;
}

/* Slurm ends what is in a step's groups with the step. What the step is limited by beyond its allocation holds for the server too, so
 * it stays then. */
static bool outlives_step(const struct dn_build *b)
{
	return b->lasting_job && !b->plan->memory_max && !b->plan->pids_max && !b->site->allocated_memory &&
	       !b->site->allocated_processors;
}

int dn_fuse_mount(const struct dn_build *b, const struct dn_plan *plan, int fd, int *mnt, struct dn_err *err)
{
	char options[64], said[512];
	char *const argv[] = { b->site->squashfuse, "-f", "-o", options, DN_FUSE_SOURCE, DN_FUSE_PLACE, NULL };
	/* The files of an encrypted image have the modes that gocryptfs gave them where it was built. */
	struct dn_fuse_server server = { .name = "squashfuse", .path = b->site->squashfuse, .argv = argv, .input = -1, .source = fd,
					 .seconds = b->site->timeout, .no_modes = plan->driver == DN_DRIVER_GOCRYPTFS };
	int groups[DN_STEP_CGROUPS_MAX], rc;

	(void)snprintf(options, sizeof(options), "ro,offset=%llu", (unsigned long long)plan->fs_offset);
	if (outlives_step(b) && dn_extern_cgroups_open(b->lasting_job, groups, &server.ncgroups, err))
		return -1;
	server.cgroups = groups;
	rc = dn_fuse_serve(&server, b->who, mnt, said, sizeof(said), err);
	while (server.ncgroups)
		close(groups[--server.ncgroups]);
	if (rc && *said)
		dn_fail(err, DN_IMAGE_BAD,
			"the image cannot be served by squashfuse: %s; is its root file system a squashfs and the file whole?",
			said);
	return rc;
}
