#include "record.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <time.h>
#include <unistd.h>

#include "program.h"
#include "tree.h"

#define LARGEST (4u << 20)
#define LOCK_SECONDS 90 /* a plugin of a part that was killed may be about to end */

/* A directory that nobody but root may even enter. */
static int open_directory(const char *directory, bool make, struct dn_err *err)
{
	struct stat st;
	int fd;

	if (make && mkdir(directory, 0700) && errno != EEXIST)
		return dn_fail_errno(err, DN_SETUP, errno, "cannot make %s", directory);
	fd = open(directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT && !make ? -2 : dn_fail_errno(err, DN_SETUP, errno, "cannot open %s", directory);
	if (fstat(fd, &st) == 0 && st.st_uid == geteuid() && (st.st_mode & 077) == 0)
		return fd;
	close(fd);
	return dn_fail(err, DN_SETUP, "%s must belong to root with mode 0700", directory);
}

static int lock(int fd, const char *name, struct dn_err *err)
{
	const struct timespec pause = { .tv_nsec = 20000000 };
	long long deadline = dn_now_ms() + 1000ll * LOCK_SECONDS;

	while (flock(fd, LOCK_EX | LOCK_NB)) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return dn_fail_errno(err, DN_SETUP, errno, "cannot lock the record of the networks of step %s", name);
		if (dn_left_ms(deadline) == 0)
			return dn_fail(err, DN_SETUP, "a plugin of the networks of step %s does not end; run dunnage gc when it has", name);
		(void)nanosleep(&pause, NULL);
	}
	return 0;
}

static int append(int fd, struct json_object *object, struct dn_err *err)
{
	const char *text = json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN);
	char *line = NULL;
	int len = text ? asprintf(&line, "%s\n", text) : -1, rc = 0;

	if (len < 0)
		return dn_fail(err, DN_INTERNAL, "out of memory");
	if (write(fd, line, (size_t)len) != len)
		rc = dn_fail_errno(err, DN_SETUP, errno, "cannot write the record of the step's networks");
	free(line);
	return rc;
}

/* The lines that are whole: a writer may have been killed in the middle of one. */
static int read_lines(struct dn_record *r, struct dn_err *err)
{
	char *text = NULL, *line, *end;
	size_t len = 0;

	if (lseek(r->file, 0, SEEK_SET) || dn_read_file(r->file, LARGEST, &text, &len))
		return dn_fail_errno(err, DN_SETUP, errno, "cannot read the record of the networks of step %s", r->name);
	r->results = json_object_new_object();
	for (line = text; (end = strchr(line, '\n')); line = end + 1) {
		struct dn_err ignored;
		struct json_object *object = dn_json_object(line, (size_t)(end - line), r->name, &ignored);

		if (!r->head) {
			r->head = object;
		} else if (object) {
			dn_json_add_all(r->results, object);
			json_object_put(object);
		}
	}
	free(text);
	return 0;
}

static void name_pin(struct dn_record *r)
{
	(void)snprintf(r->netns, sizeof(r->netns), "%s/%s.ns", r->directory, r->name);
}

static bool same_port(struct json_object *a, struct json_object *b)
{
	struct json_object *x = NULL, *y = NULL;
	const char *p = dn_json_text(a, "protocol"), *q = dn_json_text(b, "protocol");

	return json_object_object_get_ex(a, "hostPort", &x) && json_object_object_get_ex(b, "hostPort", &y) &&
	       json_object_get_int(x) == json_object_get_int(y) && p && q && strcmp(p, q) == 0;
}

/* A port of ours that the other record has too; 0: none. */
static int shared_port(struct json_object *head, struct json_object *other)
{
	struct json_object *ours = dn_json_array(head, "ports"), *theirs = dn_json_array(other, "ports"), *port = NULL;

	for (size_t i = 0; ours && theirs && i < json_object_array_length(ours); i++)
		for (size_t k = 0; k < json_object_array_length(theirs); k++)
			if (same_port(json_object_array_get_idx(ours, i), json_object_array_get_idx(theirs, k)) &&
			    json_object_object_get_ex(json_object_array_get_idx(ours, i), "hostPort", &port))
				return json_object_get_int(port);
	return 0;
}

/* Two rules for one port: the second would never be reached, and nobody would say so. */
static int check_ports(const struct dn_record *r, struct dn_err *err)
{
	int copy = openat(r->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc = 0;
	DIR *d = copy >= 0 ? fdopendir(copy) : NULL;
	struct dirent *e;

	if (!d) {
		if (copy >= 0)
			close(copy);
		return dn_fail_errno(err, DN_SETUP, errno, "cannot read %s", r->directory);
	}
	while (!rc && (e = readdir(d))) {
		struct dn_record other = { .dir = -1, .name = e->d_name, .directory = r->directory };
		struct dn_err ignored;
		int port = 0;

		if (*e->d_name == '.' || strstr(e->d_name, ".ns"))
			continue;
		other.file = openat(dirfd(d), e->d_name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
		if (other.file >= 0 && read_lines(&other, &ignored) == 0 && other.head)
			port = shared_port(r->head, other.head);
		if (port)
			rc = dn_fail(err, DN_SETUP, "port %d of this node leads to step %s already; choose another one with --container-network-args, or "
						    "wait for that step's end",
				     port, e->d_name);
		dn_record_close(&other);
	}
	closedir(d);
	return rc;
}

int dn_record_make(struct dn_record *r, const char *directory, const char *name, struct json_object *head, struct dn_err *err)
{
	int rc = -1;

	*r = (struct dn_record){ .directory = directory, .name = name, .dir = -1, .file = -1, .head = head };
	name_pin(r);
	r->dir = open_directory(directory, true, err);
	if (r->dir < 0 || lock(r->dir, name, err))
		return -1;
	if (check_ports(r, err))
		goto out;
	r->file = openat(r->dir, name, O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (r->file < 0)
		dn_fail_errno(err, DN_SETUP, errno, "cannot make the record of the networks of step %s", name);
	else if (lock(r->file, name, err) == 0)
		rc = append(r->file, head, err);
out:
	(void)flock(r->dir, LOCK_UN);
	return rc;
}

int dn_record_result(const struct dn_record *r, size_t network, struct json_object *result, struct dn_err *err)
{
	struct json_object *line = json_object_new_object();
	char key[24];
	int rc;

	(void)snprintf(key, sizeof(key), "%zu", network);
	json_object_object_add(line, key, json_object_get(result));
	rc = append(r->file, line, err);
	json_object_put(line);
	return rc;
}

int dn_record_pin(const struct dn_record *r, int net, struct dn_err *err)
{
	char path[64];
	int fd = open(r->netns, O_RDONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", net);
	if (fd >= 0)
		close(fd);
	if (fd < 0 || mount(path, r->netns, NULL, MS_BIND, NULL))
		return dn_fail_errno(err, DN_SETUP, errno, "cannot give the step's network namespace the name %s", r->netns);
	return 0;
}

int dn_record_open(struct dn_record *r, const char *directory, const char *name, struct dn_err *err)
{
	struct stat st;

	*r = (struct dn_record){ .directory = directory, .name = name, .dir = -1, .file = -1 };
	name_pin(r);
	r->dir = open_directory(directory, false, err);
	if (r->dir < 0)
		return r->dir == -2 ? 0 : -1;
	r->file = openat(r->dir, name, O_RDWR | O_APPEND | O_NOFOLLOW | O_CLOEXEC);
	if (r->file < 0)
		return errno == ENOENT ? 0 : dn_fail_errno(err, DN_SETUP, errno, "cannot open the record of the networks of step %s", name);
	if (lock(r->file, name, err))
		return -1;
	/* somebody else has undone it meanwhile */
	if (fstat(r->file, &st) || st.st_nlink == 0)
		return 0;
	return read_lines(r, err) ? -1 : 1;
}

bool dn_record_is_pinned(const struct dn_record *r)
{
	struct statfs fs;

	return statfs(r->netns, &fs) == 0 && fs.f_type == NSFS_MAGIC;
}

int dn_record_remove(const struct dn_record *r, struct dn_err *err)
{
	if (dn_record_is_pinned(r) && umount2(r->netns, MNT_DETACH | UMOUNT_NOFOLLOW))
		return dn_fail_errno(err, DN_SETUP, errno, "cannot unmount %s", r->netns);
	if ((unlink(r->netns) && errno != ENOENT) || (unlinkat(r->dir, r->name, 0) && errno != ENOENT))
		return dn_fail_errno(err, DN_SETUP, errno, "cannot remove the record of the networks of step %s", r->name);
	return 0;
}

void dn_record_close(struct dn_record *r)
{
	json_object_put(r->head);
	json_object_put(r->results);
	if (r->file >= 0)
		close(r->file);
	if (r->dir >= 0)
		close(r->dir);
	*r = (struct dn_record)DN_NO_RECORD;
}
