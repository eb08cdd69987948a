#include "named.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "dunnage/kernel.h"

#define MAGIC "dunnage-name-1"
#define NAME_MOST 64
#define FILE_SIZE (NAME_MOST + 16)
#define TEXT_SIZE (DN_NAMED_IMAGE_MAX + DN_NAMED_SHAPE_MAX + 256)

/* NUL-ended, in this order. */
enum field { FIELD_MAGIC, FIELD_UID, FIELD_STEP, FIELD_PID, FIELD_STARTED, FIELD_MAILBOX, FIELD_IMAGE, FIELD_SHAPE, FIELDS };

bool dn_named_valid(const char *name)
{
	size_t len = strlen(name), i;

	if (len < 1 || len > NAME_MOST || !isascii((unsigned char)name[0]) || !isalnum((unsigned char)name[0]))
		return false;
	for (i = 0; i < len; i++)
		if (!isascii((unsigned char)name[i]) || !(isalnum((unsigned char)name[i]) || strchr("._-", name[i]) != NULL))
			return false;
	return true;
}

/* When the process began; 0: there is none. */
static unsigned long long started(pid_t pid)
{
	char path[64], text[1024], *at;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	at = strrchr(text, ')');
	for (int i = 2; at != NULL && i < 22; i++)
		at = strchr(at + 1, ' ');
	return at != NULL ? strtoull(at, NULL, 10) : 0;
}

/* A directory of root's that nobody else may even enter; the job's prolog makes it too. With the lock of whoever claims a name. */
static int lock_directory(const char *dir, struct dn_err *err)
{
	struct stat st;
	int fd;

	if (mkdir(dir, 0700) < 0 && errno != EEXIST)
		return dn_fail_errno(err, DN_SETUP, errno, "cannot make %s", dir);
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0 || flock(fd, LOCK_EX) < 0) {
		dn_fail_errno(err, DN_SETUP, errno, "cannot open and lock %s", dir);
		goto failed;
	}
	if (st.st_uid == geteuid() && (st.st_mode & 077) == 0)
		return fd;
	dn_fail(err, DN_SETUP, "%s must belong to root with mode 0700; remove it, it is made anew", dir);
failed:
	if (fd >= 0)
		close(fd);
	return -1;
}

static void file_of(uint32_t job, const char *name, char file[FILE_SIZE])
{
	snprintf(file, FILE_SIZE, "%u@%.*s", job, NAME_MOST, name);
}

static int write_record(int at, const char *file, const struct dn_named_wish *w, const struct dn_named *n, struct dn_err *err)
{
	char text[TEXT_SIZE];
	int len = snprintf(text, sizeof(text), MAGIC "%c%u%c%u%c%d%c%llu%c%d%c%s%c%s", 0, (unsigned)w->uid, 0, w->step, 0, (int)n->pid, 0,
			   n->started, 0, n->mailbox, 0, w->image, 0, w->shape) + 1;
	int fd, rc = -1;

	if (len <= 0 || (size_t)len > sizeof(text))
		return dn_fail(err, DN_REQUEST, "--container-name: image and options are too long for a container with a name");
	fd = openat(at, file, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd >= 0 && write(fd, text, (size_t)len) == len)
		rc = 0;
	else
		dn_fail_errno(err, DN_SETUP, errno, "cannot write the record of the container '%s'", w->name);
	if (fd >= 0)
		close(fd);
	if (rc < 0 && fd >= 0)
		unlinkat(at, file, 0);
	return rc;
}

static int split(char *text, size_t len, char *field[FIELDS])
{
	char *at = text;

	for (int i = 0; i < FIELDS; i++) {
		char *nul = memchr(at, '\0', (size_t)(text + len - at));

		if (nul == NULL)
			return -1;
		field[i] = at;
		at = nul + 1;
	}
	return at == text + len && strcmp(field[FIELD_MAGIC], MAGIC) == 0 ? 0 : -1;
}

/* 1: a record is there, and text is what its fields point into; 0: none, or one that says nothing. */
static int read_record(int at, const char *file, char text[TEXT_SIZE], char *field[FIELDS])
{
	int fd = openat(at, file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return 0;
	n = read(fd, text, TEXT_SIZE);
	close(fd);
	return n > 0 && split(text, (size_t)n, field) == 0;
}

static int check_same(const struct dn_named_wish *w, char *const field[FIELDS], struct dn_err *err)
{
	char uid[16];

	snprintf(uid, sizeof(uid), "%u", (unsigned)w->uid);
	if (strcmp(uid, field[FIELD_UID]) != 0)
		return dn_fail(err, DN_REQUEST, "--container-name=%s: the container belongs to somebody else", w->name);
	if (w->image != NULL && strcmp(w->image, field[FIELD_IMAGE]) != 0)
		return dn_fail(err, DN_REQUEST,
			       "--container-name=%s: step %s of this job runs a container of this name from %s; leave --container out to enter "
			       "it, or choose another name",
			       w->name, field[FIELD_STEP], field[FIELD_IMAGE]);
	if (*w->shape != '\0' && strcmp(w->shape, field[FIELD_SHAPE]) != 0)
		return dn_fail(err, DN_REQUEST,
			       "--container-name=%s: the container of step %s is there already, and mounts, overlays, namespaces, devices and MPI "
			       "are as that step wanted them; leave such options out to enter it, or choose another name",
			       w->name, field[FIELD_STEP]);
	return 0;
}

static void builder_of(char *const field[FIELDS], struct dn_named *n)
{
	n->step = (uint32_t)strtoul(field[FIELD_STEP], NULL, 10);
	n->pid = (pid_t)strtol(field[FIELD_PID], NULL, 10);
	n->started = strtoull(field[FIELD_STARTED], NULL, 10);
	n->mailbox = (int)strtol(field[FIELD_MAILBOX], NULL, 10);
}

static int no_such(const struct dn_named_wish *w, struct dn_err *err)
{
	return dn_fail(err, DN_REQUEST,
		       "--container-name=%s: no running step of this job has a container of this name on this node; name the image with "
		       "--container=IMAGE to make one",
		       w->name);
}

int dn_named_claim(const char *dir, const struct dn_named_wish *w, struct dn_named *n, struct dn_err *err)
{
	char file[FILE_SIZE], text[TEXT_SIZE], *field[FIELDS];
	int at = -1, rc = -1;

	*n = (struct dn_named){.dir = dir, .name = w->name, .job = w->job};
	if (!dn_named_valid(w->name))
		return dn_fail(err, DN_REQUEST, "--container-name=%.100s: give " DN_NAMED_ALLOWED, w->name);
	at = lock_directory(dir, err);
	if (at < 0)
		return -1;
	file_of(w->job, w->name, file);
	if (read_record(at, file, text, field)) {
		builder_of(field, n);
		if (n->pid > 0 && n->started != 0 && started(n->pid) == n->started) {
			n->role = DN_NAMED_JOINS;
			rc = check_same(w, field, err);
			goto out;
		}
	}
	if (unlinkat(at, file, 0) < 0 && errno != ENOENT) {
		dn_fail_errno(err, DN_SETUP, errno, "cannot remove the record of a step that was killed");
		goto out;
	}
	if (w->image == NULL) {
		no_such(w, err);
		goto out;
	}
	n->step = w->step;
	n->pid = getpid();
	n->started = started(n->pid);
	n->mailbox = w->mailbox;
	rc = write_record(at, file, w, n, err);
	n->role = rc == 0 ? DN_NAMED_BUILDS : DN_NAMED_NOT;
out:
	close(at);
	return rc;
}

static int ended(const struct dn_named *n, struct dn_err *err)
{
	return dn_fail(err, DN_REQUEST, "--container-name=%s: the container ended with step %u of this job; name the image with --container=IMAGE "
					"to make it anew", n->name, n->step);
}

/* 1: joined or refused, 0: not built yet. Our copy of the descriptor is closed at once: the builder's end must remain its end. */
static int look(const struct dn_named *n, int pidfd, enum dn_turn *turn, struct dn_spaces *spaces, struct dn_reply *plan, struct dn_err *err)
{
	int fd = (int)syscall(SYS_pidfd_getfd, pidfd, n->mailbox, 0), rc;

	if (fd < 0 && (errno == ESRCH || errno == EBADF))
		return ended(n, err);
	if (fd < 0)
		return dn_fail_errno(err, DN_SETUP, errno, "cannot reach the container '%s' of step %u; is ptrace closed to root on this node?",
				     n->name, n->step);
	rc = dn_session_look(fd, turn, spaces, plan, err);
	close(fd);
	return rc;
}

int dn_named_join(const struct dn_named *n, unsigned timeout, struct dn_spaces *spaces, struct dn_reply *plan, struct dn_err *err)
{
	const struct timespec pause = {.tv_nsec = 20000000};
	int pidfd = (int)syscall(SYS_pidfd_open, n->pid, 0), got = 0;
	enum dn_turn turn = DN_TURN_BUILD;

	/* Asked when the process can no longer be another one's number. */
	if (pidfd < 0 || started(n->pid) != n->started) {
		if (pidfd >= 0)
			close(pidfd);
		return ended(n, err);
	}
	for (unsigned long left = timeout * 50ul; got == 0 && left > 0; left--) {
		got = look(n, pidfd, &turn, spaces, plan, err);
		if (got == 0)
			nanosleep(&pause, NULL);
	}
	close(pidfd);
	if (got == 0)
		return dn_fail(err, DN_SETUP, "the container '%s' of step %u was not ready after %u seconds", n->name, n->step, timeout);
	if (got > 0 && turn == DN_TURN_REFUSED)
		return dn_fail(err, DN_REQUEST, "--container-name=%s: step %u, which was to make the container, was refused", n->name, n->step);
	return got > 0 ? 0 : -1;
}

void dn_named_release(struct dn_named *n)
{
	char file[FILE_SIZE], text[TEXT_SIZE], *field[FIELDS];
	struct dn_named there = {0};
	struct dn_err ignored = {0};
	int at;

	if (n->role != DN_NAMED_BUILDS)
		return;
	n->role = DN_NAMED_NOT;
	at = lock_directory(n->dir, &ignored);
	if (at < 0)
		return;
	file_of(n->job, n->name, file);
	if (read_record(at, file, text, field)) {
		builder_of(field, &there);
		if (there.pid == n->pid && there.started == n->started)
			(void)unlinkat(at, file, 0);
	}
	close(at);
}

void dn_named_sweep(const char *dir, uint32_t job)
{
	char mark[FILE_SIZE];
	struct dirent *e;
	DIR *d = opendir(dir);

	if (d == NULL)
		return;
	snprintf(mark, sizeof(mark), "%u@", job);
	while ((e = readdir(d)) != NULL)
		if (strncmp(e->d_name, mark, strlen(mark)) == 0)
			(void)unlinkat(dirfd(d), e->d_name, 0);
	closedir(d);
}
