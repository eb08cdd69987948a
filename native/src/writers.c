/* A file that belongs to root and has no write bits can still be written to by whoever had opened it before that. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/vfs.h>
#include <time.h>

#include "dunnage/container.h"

#define NFS_MAGIC 0x6969

/* The kernel gives a read lease on a file that nobody has open, or mapped, for writing. Whoever opens it in the moment
 * that we hold the lease sends us SIGIO, which would end us. */
bool dn_image_has_writers(int fd)
{
	const struct timespec now = { 0, 0 };
	bool writers = false;
	sigset_t io, before;
	struct statfs fs;

	/* NFS answers the same for "no delegation", and nobody else's kernel is asked anyway. */
	if (fstatfs(fd, &fs) == 0 && fs.f_type == NFS_MAGIC)
		return false;
	(void)sigemptyset(&io);
	(void)sigaddset(&io, SIGIO);
	if (sigprocmask(SIG_BLOCK, &io, &before))
		return true;
	if (fcntl(fd, F_SETLEASE, F_RDLCK) == 0)
		(void)fcntl(fd, F_SETLEASE, F_UNLCK);
	else
		writers = errno == EAGAIN;
	while (sigtimedwait(&io, NULL, &now) > 0)
		;
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
	return writers;
}
