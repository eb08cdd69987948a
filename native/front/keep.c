#include "keep.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hash.h"
#include "tree.h"

#define KEEP_S 10
#define MOST_KEEP_S 3600
#define MOST_CGROUPS (1u << 16)

int dn_keep_seconds(struct dn_err *err)
{
	const char *text = getenv("DUNNAGE_KEEP_SECONDS");
	char *end;
	long n;

	if (!text || !*text)
		return KEEP_S;
	errno = 0;
	n = strtol(text, &end, 10);
	if (*end || errno || n < 0 || n > MOST_KEEP_S)
		return dn_fail(err, DN_REQUEST, "DUNNAGE_KEEP_SECONDS='%.40s': give whole seconds from 0 to %d", text, MOST_KEEP_S);
	return (int)n;
}

bool dn_keepable(const struct dn_wishes *w, const struct dn_identity *who)
{
	return who->own && !w->contain && !w->writable_tmpfs && !w->overlays.n && !w->fakeroot && !w->no_network && !w->unshared.what &&
	       !w->unshared.hostname;
}

/* A directory that was removed and made anew is another one. */
static void place(FILE *out, const char *path)
{
	struct stat st;

	if (stat(path, &st))
		fprintf(out, "%s none\n", path);
	else
		fprintf(out, "%s %llx %llx %o\n", path, (unsigned long long)st.st_dev, (unsigned long long)st.st_ino, st.st_mode);
}

/* A file whose content the container has a copy of. */
static void content(FILE *out, const char *path)
{
	struct stat st = { 0 };

	place(out, path);
	if (stat(path, &st) == 0)
		fprintf(out, "%lld %lld.%ld\n", (long long)st.st_size, (long long)st.st_ctim.tv_sec, st.st_ctim.tv_nsec);
}

static void wishes(FILE *out, const struct dn_wishes *w)
{
	const struct dn_mpi_step mpi = dn_mpi_launch();
	size_t i;

	fprintf(out, "%u %s\n", mpi.tasks, mpi.type ? mpi.type : "");
	fprintf(out, "%x %x %d %s\n", w->gpu, w->hidden, w->no_home, w->home ? w->home : "");
	for (i = 0; i < w->binds.n; i++) {
		char *source = dn_text("%.*s", (int)strcspn(w->binds.v[i], ":"), w->binds.v[i]);

		fprintf(out, "%s ", w->binds.v[i]);
		place(out, source);
		free(source);
	}
}

/* Where this process lives: another session's end must not take this one's container along. */
static int session(FILE *out)
{
	static const char *const kinds[] = { "mnt", "user", "net", "pid", "ipc", "uts", "cgroup" };
	int fd = open("/proc/self/cgroup", O_RDONLY | O_CLOEXEC), rc;
	char *groups = NULL;
	size_t len, i;

	if (fd < 0)
		return -1;
	rc = dn_read_file(fd, MOST_CGROUPS, &groups, &len);
	close(fd);
	if (rc)
		return -1;
	fwrite(groups, len, 1, out);
	free(groups);
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		char link[64], name[64];
		ssize_t n;

		(void)snprintf(link, sizeof(link), "/proc/self/ns/%s", kinds[i]);
		n = readlink(link, name, sizeof(name) - 1);
		if (n < 0)
			return -1;
		name[n] = 0;
		fprintf(out, "%s\n", name);
	}
	return 0;
}

char *dn_keep_key(const struct dn_wishes *w, const struct dn_identity *who, const struct dn_plan *plan, const char *cwd,
		  const char *depends, size_t len)
{
	static const char *const copied[] = { "/etc/passwd", "/etc/group", "/etc/hosts", "/etc/resolv.conf", "/etc/localtime" };
	char *text = NULL, *key = NULL;
	size_t used = 0, i;
	FILE *out = open_memstream(&text, &used);
	int rc;

	if (!out)
		return NULL;
	fwrite(depends, len, 1, out);
	wishes(out, w);
	place(out, cwd);
	place(out, who->home);
	place(out, "/");
	for (i = 0; i < plan->nbinds; i++)
		place(out, plan->binds[i].source);
	for (i = 0; i < sizeof(copied) / sizeof(copied[0]); i++)
		content(out, copied[i]);
	rc = session(out);
	if (fclose(out) == 0 && rc == 0)
		key = dn_text("keep/%016llx", (unsigned long long)dn_hash(DN_HASH_START, text, used));
	free(text);
	return key;
}
