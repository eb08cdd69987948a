#include "jobrecord.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define MAGIC "dunnage-job-1"
#define LIMIT DN_JOB_RECORD_LIMIT
#define NAME_SIZE 32

/* NUL-ended fields: texts of users hold any other byte. */
enum field { FIELD_MAGIC, FIELD_UID, FIELD_ACCOUNT, FIELD_PARTITION, FIELDS };

/* A directory of root's that nobody else may even enter. */
static int open_directory(const char *dir, int *fd, struct dn_err *err)
{
	struct stat st;

	*fd = open(dir, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (*fd < 0)
		return -1;
	if (fstat(*fd, &st) == 0 && st.st_uid == geteuid() && (st.st_mode & 077) == 0)
		return 0;
	close(*fd);
	*fd = -1;
	errno = EPERM;
	return dn_fail(err, DN_SETUP, "%s must belong to root with mode 0700; remove it, it is made anew", dir);
}

static int make_directory(const char *dir, int *fd, struct dn_err *err)
{
	if (mkdir(dir, 0700) < 0 && errno != EEXIST)
		return dn_fail_errno(err, DN_SETUP, errno, "cannot make %s", dir);
	if (open_directory(dir, fd, err) == 0)
		return 0;
	return errno == EPERM ? -1 : dn_fail_errno(err, DN_SETUP, errno, "cannot open %s", dir);
}

static void name_of(uint32_t job_id, char name[NAME_SIZE])
{
	snprintf(name, NAME_SIZE, "%u", job_id);
}

static size_t put(char *text, size_t at, const char *value)
{
	size_t len = strlen(value) + 1;

	if (at + len > LIMIT)
		return LIMIT + 1;
	memcpy(text + at, value, len);
	return at + len;
}

/* An unknown fact is written as an empty one: Slurm has no empty names. */
size_t dn_job_record_text(uid_t uid, const struct dn_job_record *r, char text[DN_JOB_RECORD_LIMIT])
{
	char number[NAME_SIZE];
	size_t at;

	snprintf(number, sizeof(number), "%u", (unsigned)uid);
	at = put(text, 0, MAGIC);
	at = put(text, at, number);
	at = put(text, at, r->account != NULL ? r->account : "");
	return put(text, at, r->partition != NULL ? r->partition : "");
}

int dn_job_record_write(const char *dir, uint32_t job_id, uid_t uid, const struct dn_job_record *r, struct dn_err *err)
{
	char text[LIMIT], name[NAME_SIZE], fresh[NAME_SIZE + 4];
	size_t len = dn_job_record_text(uid, r, text);
	int at = -1, fd = -1, rc = -1;

	if (len > LIMIT)
		return dn_fail(err, DN_REQUEST, "account and partition of job %u are longer than %d bytes", job_id, LIMIT);
	if (make_directory(dir, &at, err) < 0)
		return -1;
	name_of(job_id, name);
	snprintf(fresh, sizeof(fresh), "%s.new", name);
	fd = openat(at, fresh, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, text, len) != (ssize_t)len || renameat(at, fresh, at, name) < 0)
		dn_fail_errno(err, DN_SETUP, errno, "cannot write the record %s/%s", dir, name);
	else
		rc = 0;
	if (rc < 0 && fd >= 0)
		unlinkat(at, fresh, 0);
	if (fd >= 0)
		close(fd);
	close(at);
	return rc;
}

int dn_job_record_parse(const char *text, size_t len, uid_t uid, struct dn_job_record *r)
{
	const char *field[FIELDS], *at = text;
	char number[NAME_SIZE];

	*r = (struct dn_job_record){0};

	for (int i = 0; i < FIELDS; i++) {
		const char *nul = memchr(at, '\0', (size_t)(text + len - at));

		if (nul == NULL)
			return -1;
		field[i] = at;
		at = nul + 1;
	}
	snprintf(number, sizeof(number), "%u", (unsigned)uid);
	if (at != text + len || strcmp(field[FIELD_MAGIC], MAGIC) != 0 || strcmp(field[FIELD_UID], number) != 0)
		return -1;
	r->account = *field[FIELD_ACCOUNT] != '\0' ? strdup(field[FIELD_ACCOUNT]) : NULL;
	r->partition = *field[FIELD_PARTITION] != '\0' ? strdup(field[FIELD_PARTITION]) : NULL;
	return 0;
}

int dn_job_record_read(const char *dir, uint32_t job_id, uid_t uid, struct dn_job_record *r, struct dn_err *err)
{
	char text[LIMIT + 1], name[NAME_SIZE];
	int at = -1, fd = -1, rc = -1;
	struct stat st;
	ssize_t n;

	*r = (struct dn_job_record){0};
	if (open_directory(dir, &at, err) < 0)
		return errno == ENOENT ? 0 : errno == EPERM ? -1 : dn_fail_errno(err, DN_SETUP, errno, "cannot open %s", dir);
	name_of(job_id, name);
	fd = openat(at, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0) {
		rc = errno == ENOENT ? 0 : dn_fail_errno(err, DN_SETUP, errno, "cannot open the record %s/%s", dir, name);
		goto out;
	}
	n = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == geteuid() ? read(fd, text, sizeof(text)) : -1;
	if (n < 0 || n > LIMIT || dn_job_record_parse(text, (size_t)n, uid, r) < 0) {
		dn_fail(err, DN_SETUP, "the record %s/%s is not of this job", dir, name);
		goto out;
	}
	/* A record in use is not stale; see dn_job_record_sweep. */
	(void)futimens(fd, NULL);
	rc = 0;
out:
	if (fd >= 0)
		close(fd);
	close(at);
	return rc;
}

int dn_job_record_remove(const char *dir, uint32_t job_id, struct dn_err *err)
{
	char name[NAME_SIZE];
	int at = -1, rc = 0;

	if (open_directory(dir, &at, err) < 0)
		return errno == ENOENT ? 0 : errno == EPERM ? -1 : dn_fail_errno(err, DN_SETUP, errno, "cannot open %s", dir);
	name_of(job_id, name);
	if (unlinkat(at, name, 0) < 0 && errno != ENOENT)
		rc = dn_fail_errno(err, DN_SETUP, errno, "cannot remove the record %s/%s", dir, name);
	close(at);
	return rc;
}

void dn_job_record_sweep(const char *dir, unsigned days)
{
	time_t oldest = time(NULL) - (time_t)days * 86400;
	struct dn_err ignored = {0};
	struct dirent *e;
	struct stat st;
	int at = -1;
	DIR *d;

	if (open_directory(dir, &at, &ignored) < 0)
		return;
	d = fdopendir(at);
	if (d == NULL) {
		close(at);
		return;
	}
	while ((e = readdir(d)) != NULL)
		if (fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && !S_ISDIR(st.st_mode) &&
		    st.st_mtime < oldest)
			(void)unlinkat(dirfd(d), e->d_name, 0);
	closedir(d);
}

void dn_job_record_free(struct dn_job_record *r)
{
	free(r->account);
	free(r->partition);
	*r = (struct dn_job_record){0};
}
