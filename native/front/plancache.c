#include "plancache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "dunnage/container.h"
#include "front.h"
#include "hash.h"
#include "program.h"
#include "tree.h"

#define MAGIC "dunnage-plan-1\n"
#define LIFE_S 3600
#define SETTLED_S 2 /* a file that changed later than this may change again unseen */
#define MOST_SITE_FILES 512
#define MOST_BYTES (4u << 20)

static int stamp(FILE *out, const char *name, const struct stat *st, time_t now)
{
	fprintf(out, "%s %llx %llx %lld %lld.%ld %lld.%ld %o %u\n", name, (unsigned long long)st->st_dev,
		(unsigned long long)st->st_ino, (long long)st->st_size, (long long)st->st_mtim.tv_sec, st->st_mtim.tv_nsec,
		(long long)st->st_ctim.tv_sec, st->st_ctim.tv_nsec, st->st_mode, st->st_uid);
	return st->st_ctim.tv_sec + SETTLED_S < now ? 0 : -1;
}

/* Everything beneath the directory of the policy: policy, settings, keys and what they include. */
static int stamp_tree(FILE *out, const char *dir, int depth, unsigned *left, time_t now)
{
	struct dirent **found = NULL;
	int n = scandir(dir, &found, NULL, alphasort), i, rc = 0;

	if (n < 0)
		return errno == ENOENT ? 0 : -1;
	for (i = 0; i < n; i++) {
		char path[PATH_MAX];
		struct stat st;

		if (!rc && strcmp(found[i]->d_name, ".") && strcmp(found[i]->d_name, "..")) {
			(void)snprintf(path, sizeof(path), "%s/%s", dir, found[i]->d_name);
			rc = (*left)-- == 0 || stat(path, &st) || stamp(out, path, &st, now) ? -1 : 0;
			if (!rc && S_ISDIR(st.st_mode))
				rc = depth ? stamp_tree(out, path, depth - 1, left, now) : -1;
		}
		free(found[i]);
	}
	free(found);
	return rc;
}

static int write_key(FILE *out, const struct dn_site *site, const struct dn_launch *req, int image_fd)
{
	char *dir = dn_text("%s", site->policy), *jars = dn_text("%s/lib/java", site->prefix), *slash = strrchr(dir, '/');
	unsigned left = MOST_SITE_FILES;
	time_t now = time(NULL);
	uint8_t *frame = NULL;
	struct dn_err err;
	struct stat st;
	size_t len;
	int rc = -1;

	*slash = 0;
	/* The driver may change, of which no file here knows. */
	if (!req->gpu && dn_wire_encode_launch(req, &frame, &len, &err) == 0 && fwrite(frame, len, 1, out) == 1 &&
	    fstat(image_fd, &st) == 0 && stamp(out, "image", &st, now) == 0 && stat(jars, &st) == 0 &&
	    stamp(out, "jars", &st, now) == 0)
		rc = stamp_tree(out, dir, 3, &left, now);
	/* plans may name libraries of the host */
	if (rc == 0 && stat("/etc/ld.so.cache", &st) == 0)
		rc = stamp(out, "libraries", &st, now);
	free(frame);
	free(dir);
	free(jars);
	return rc;
}

void dn_plan_key(const struct dn_site *site, const struct dn_launch *req, int image_fd, struct dn_plan_key *key)
{
	char *dir;
	FILE *out;
	int rc;

	if (key->known)
		return;
	key->known = true;
	dir = dn_text("%s/plans", site->store);
	out = open_memstream(&key->text, &key->len);
	rc = out ? write_key(out, site, req, image_fd) : -1;
	if (!out || fclose(out) || rc) {
		if (out)
			free(key->text);
		key->text = NULL;
	} else {
		(void)mkdir(dir, 0700);
		key->file = dn_text("%s/%016llx", dir, (unsigned long long)dn_hash(DN_HASH_START, key->text, key->len));
	}
	free(dir);
}

void dn_plan_key_free(struct dn_plan_key *key)
{
	free(key->text);
	free(key->file);
	*key = (struct dn_plan_key){ 0 };
}

static bool usable(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == geteuid() && !(st.st_mode & 022) &&
	       st.st_mtime <= time(NULL) && st.st_mtime + LIFE_S > time(NULL);
}

static bool decode(const struct dn_plan_key *key, const uint8_t *data, size_t len, struct dn_plan *plan)
{
	size_t head = strlen(MAGIC) + key->len;
	struct dn_reply reply = { 0 };
	enum dn_kind kind;
	struct dn_err err;
	uint32_t body;

	if (len < head + DN_WIRE_HEADER || memcmp(data, MAGIC, strlen(MAGIC)) ||
	    memcmp(data + strlen(MAGIC), key->text, key->len) || dn_wire_header(data + head, &body, &kind, &err) ||
	    kind != DN_KIND_PLAN || body != len - head - DN_WIRE_HEADER ||
	    dn_wire_decode_reply(kind, data + head + DN_WIRE_HEADER, body, &reply, &err))
		return false;
	*plan = reply.u.plan;
	return true;
}

bool dn_plan_recall(const struct dn_plan_key *key, struct dn_plan *plan)
{
	int fd = key->text ? open(key->file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC) : -1;
	bool found = false;
	char *data;
	size_t len;

	if (fd < 0)
		return false;
	if (usable(fd) && dn_read_file(fd, MOST_BYTES, &data, &len) == 0) {
		found = decode(key, (uint8_t *)data, len, plan);
		free(data);
	}
	close(fd);
	return found;
}

/* Plans that nobody can use any more. */
static void prune(const char *file)
{
	char *dir = dn_text("%.*s", (int)(strrchr(file, '/') - file), file);
	DIR *d = opendir(dir);
	struct dirent *e;
	struct stat st;

	while (d && (e = readdir(d)))
		if (e->d_name[0] != '.' && fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) &&
		    st.st_mtime + LIFE_S < time(NULL))
			(void)unlinkat(dirfd(d), e->d_name, 0);
	if (d)
		closedir(d);
	free(dir);
}

void dn_plan_remember(const struct dn_plan_key *key, const struct dn_plan *plan)
{
	struct dn_reply reply = { .kind = DN_KIND_PLAN, .u.plan = *plan };
	uint8_t *frame = NULL;
	struct dn_err err;
	size_t len;
	char *part;
	FILE *out;
	bool good;

	if (!key->text || dn_wire_encode_reply(&reply, &frame, &len, &err))
		return;
	part = dn_text("%s.%d", key->file, (int)getpid());
	out = fopen(part, "wxe");
	good = out && fputs(MAGIC, out) >= 0 && fwrite(key->text, key->len, 1, out) == 1 && fwrite(frame, len, 1, out) == 1;
	if (out && (fclose(out) || !good || rename(part, key->file)))
		(void)unlink(part);
	prune(key->file);
	free(part);
	free(frame);
}

int dn_plan_queue(const struct dn_plan_key *key, unsigned timeout)
{
	long long deadline = dn_now_ms() + 1000LL * timeout;
	char *path;
	int fd;

	if (!key->text)
		return -1;
	path = dn_text("%.*s/.queue", (int)(strrchr(key->file, '/') - key->file), key->file);
	fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	free(path);
	while (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK && dn_left_ms(deadline) > 0)
		(void)usleep(2000);
	return fd;
}
