#include "unshare.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#define HOSTNAME_MOST 63

static unsigned kind_of(const char *word, size_t len)
{
	return len != 3 ? 0 : strncmp(word, "ipc", 3) == 0 ? DN_UNSHARE_IPC : strncmp(word, "uts", 3) == 0 ? DN_UNSHARE_UTS : 0;
}

int dn_unshare_read(const char *option, const char *list, unsigned *what, struct dn_err *err)
{
	const char *word = list;
	unsigned all = 0;

	for (;;) {
		size_t len = strcspn(word, ",");
		unsigned kind = kind_of(word, len);

		if (!kind && len == 3 && strncmp(word, "pid", 3) == 0)
			return dn_fail(err, DN_REQUEST, "%s=%.100s: pid is not offered: " DN_PID_REASON "; allowed are ipc and uts", option,
				       list);
		if (!kind)
			return dn_fail(err, DN_REQUEST, "%s=%.100s: allowed are ipc and uts, with a comma between them", option, list);
		all |= kind;
		if (!word[len])
			break;
		word += len + 1;
	}
	*what |= all;
	return 0;
}

int dn_hostname_check(const char *option, const char *name, struct dn_err *err)
{
	size_t len = strlen(name), i;
	bool good = len > 0 && len <= HOSTNAME_MOST && isalnum((unsigned char)name[0]) && isalnum((unsigned char)name[len - 1]);

	for (i = 0; good && i < len; i++)
		good = isascii((unsigned char)name[i]) && (isalnum((unsigned char)name[i]) || name[i] == '-' || name[i] == '.');
	if (good)
		return 0;
	return dn_fail(err, DN_REQUEST, "%s=%.100s: give a name of 1 to %d letters, digits, '-' and '.', with a letter or digit at both ends",
		       option, name, HOSTNAME_MOST);
}

static int name_own(const char *path, int *fd, struct dn_err *err)
{
	*fd = open(path, O_RDONLY | O_CLOEXEC);
	return *fd >= 0 ? 0 : dn_fail_errno(err, DN_SETUP, errno, "cannot open %s; is /proc mounted?", path);
}

static int own_ipc(struct dn_spaces *spaces, struct dn_err *err)
{
	if (unshare(CLONE_NEWIPC))
		return dn_fail_errno(err, DN_SETUP, errno, "cannot make an IPC namespace");
	return name_own("/proc/self/ns/ipc", &spaces->ipc, err);
}

static int own_uts(const char *hostname, struct dn_spaces *spaces, struct dn_err *err)
{
	if (unshare(CLONE_NEWUTS))
		return dn_fail_errno(err, DN_SETUP, errno, "cannot make a namespace for the host's name");
	if (hostname && sethostname(hostname, strlen(hostname)))
		return dn_fail_errno(err, DN_SETUP, errno, "cannot set the host's name to '%s'", hostname);
	return name_own("/proc/self/ns/uts", &spaces->uts, err);
}

int dn_unshare_make(const struct dn_unshared *wanted, struct dn_spaces *spaces, struct dn_err *err)
{
	/* Here again: who asked may have left the check out. */
	if (wanted->hostname && dn_hostname_check("--hostname", wanted->hostname, err))
		return -1;
	if ((wanted->what & DN_UNSHARE_IPC) && own_ipc(spaces, err))
		return -1;
	return (wanted->what & DN_UNSHARE_UTS) || wanted->hostname ? own_uts(wanted->hostname, spaces, err) : 0;
}

int dn_unshare_join(const struct dn_spaces *spaces, struct dn_err *err)
{
	if (spaces->ipc >= 0 && setns(spaces->ipc, CLONE_NEWIPC))
		return dn_fail_errno(err, DN_SETUP, errno, "cannot join the container's IPC namespace");
	if (spaces->uts >= 0 && setns(spaces->uts, CLONE_NEWUTS))
		return dn_fail_errno(err, DN_SETUP, errno, "cannot join the container's namespace for the host's name");
	return 0;
}
