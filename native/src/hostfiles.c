/* A plan may show more of the host than a user asked for, so nothing is shown that somebody else than root could change, and
 * nothing that the user could not read. */
#include "hostfiles.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "asuser.h"
#include "mountapi.h"

#define MAX_ENTRIES 65536u
#define ATTRS (DN_ATTR_RDONLY | DN_ATTR_NOSUID | DN_ATTR_NODEV)

static bool is_roots(const struct stat *st)
{
	return st->st_uid == 0 && !(st->st_mode & S_IWOTH) && (st->st_gid == 0 || !(st->st_mode & S_IWGRP));
}

/* A directory is no safer than what lies in it. Links count by what they lead to, which is elsewhere. */
static int check_entries(int fd, const char *path, struct dn_err *err)
{
	int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), rc = 0;
	DIR *dir = copy < 0 ? NULL : fdopendir(copy);
	struct dirent *entry;
	struct stat st;
	size_t n = 0;

	if (!dir) {
		if (copy >= 0)
			close(copy);
		return dn_fail_errno(err, DN_SETUP, errno, "cannot read the host's directory %s", path);
	}
	while (!rc && (entry = readdir(dir))) {
		if (++n > MAX_ENTRIES)
			rc = dn_fail(err, DN_SETUP, "the host's directory %s has too many files", path);
		else if (fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW))
			rc = dn_fail_errno(err, DN_SETUP, errno, "cannot look at %s/%s", path, entry->d_name);
		else if (!S_ISLNK(st.st_mode) && strcmp(entry->d_name, "..") && !is_roots(&st))
			rc = dn_fail(err, DN_CONFIG,
				     "%s/%s of this node is to be shown in containers, and others than root can change it; "
				     "correct its owner and mode, or leave it out of dunnage.yaml",
				     path, entry->d_name);
	}
	closedir(dir);
	return rc;
}

static int check_source(const struct dn_identity *who, const char *path, int fd, const struct stat *st, struct dn_err *err)
{
	if (!S_ISREG(st->st_mode) && !S_ISDIR(st->st_mode))
		return dn_fail(err, DN_CONFIG, "%s of this node is to be shown in containers, and is neither file nor directory", path);
	if (who->own)
		return 0; /* shown to nobody else, by somebody who may read it */
	if (!is_roots(st))
		return dn_fail(err, DN_CONFIG,
			       "%s of this node is to be shown in containers, and others than root can change it; correct its owner and "
			       "mode, or leave it out of dunnage.yaml",
			       path);
	return S_ISDIR(st->st_mode) ? check_entries(fd, path, err) : 0;
}

/* Those for MPI are led to by shims; those of a GPU's driver must be found by programs that know nothing of them. */
static const char *const places[] = { "lib/", "gpu/" };

/* The directory and name beneath DN_HOST_DIR; NULL: the place is elsewhere. */
static const char *private_name(const char *target)
{
	size_t i, len = strlen(DN_HOST_DIR "/");

	if (strncmp(target, DN_HOST_DIR "/", len) != 0)
		return NULL;
	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (strncmp(target + len, places[i], strlen(places[i])) == 0)
			return target + len;
	return NULL;
}

static int make_name(int dir, const char *path, struct dn_err *err)
{
	const char *slash = strchr(path, '/'), *name = slash ? slash + 1 : "";
	int fd;

	if (!*name || strchr(name, '/') || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return dn_fail(err, DN_INTERNAL, "'%s' is no name of a library of the host", name);
	/* components that a library looks for beside itself */
	if (strcmp(path, "lib/ucx") == 0)
		return mkdirat(dir, path, 0755) ? dn_fail_errno(err, DN_SETUP, errno, "cannot make the place of the host's %s", name) : 0;
	fd = openat(dir, path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0)
		return dn_fail_errno(err, DN_SETUP, errno, "cannot make the place of library %s of the host", name);
	close(fd);
	return 0;
}

int dn_host_files_fill(const struct dn_plan *plan, int dir, struct dn_err *err)
{
	int host = -1, rc = 0;
	size_t i;

	if (mkdirat(dir, "host", 0755) || mkdirat(dir, "host/lib", 0755) || mkdirat(dir, "host/gpu", 0755))
		return dn_fail_errno(err, DN_SETUP, errno, "cannot make the directory of the host's libraries");
	host = openat(dir, "host", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (host < 0)
		return dn_fail_errno(err, DN_SETUP, errno, "cannot open the directory of the host's libraries");
	for (i = 0; i < plan->nhost_files && !rc; i++)
		if (private_name(plan->host_files[i].target))
			rc = make_name(host, private_name(plan->host_files[i].target), err);
	close(host);
	return rc;
}

static int add_file(const struct dn_bind *file, const struct dn_identity *who, struct dn_parts *parts, struct dn_err *err)
{
	enum dn_part_rule rule = private_name(file->target) ? DN_PART_ALWAYS : DN_PART_AT_PLACE;
	int errnum, fd, rc;
	struct stat st;

	fd = dn_open_as_user(who, file->source, O_PATH, &st, &errnum, err);
	if (fd < 0)
		return errnum ? dn_fail_errno(err, DN_CONFIG, errnum,
					      "%s of this node is to be shown in containers and cannot be opened as the user; was it "
					      "removed since dunnage looked?",
					      file->source) :
				-1;
	rc = check_source(who, file->source, fd, &st, err);
	if (rc == 0)
		rc = dn_parts_add(parts, fd, &st, file->source, file->target, rule, ATTRS, err);
	close(fd);
	return rc;
}

int dn_host_files_parts(const struct dn_build *b, struct dn_parts *parts, struct dn_err *err)
{
	size_t i;

	for (i = 0; i < b->plan->nhost_files; i++)
		if (add_file(&b->plan->host_files[i], b->who, parts, err))
			return -1;
	return 0;
}

static int write_shim(const struct dn_tree *tree, const struct dn_bind *first, size_t n, struct dn_err *err)
{
	const char **needed = calloc(n, sizeof(*needed));
	char *dir = strdup(first->source), *data = NULL, *slash;
	size_t len, i;
	int rc = -1;

	if (!needed || !dir) {
		dn_fail(err, DN_INTERNAL, "out of memory for a library");
		goto out;
	}
	for (i = 0; i < n; i++)
		needed[i] = first[i].target;
	slash = strrchr(dir, '/');
	*slash = 0;
	if (!slash[1] || strstr(first->source, "/../"))
		dn_fail(err, DN_INTERNAL, "'%s' is no place for a library", first->source);
	else if (dn_host_shim_make(needed, n, &data, &len, err) == 0)
		rc = dn_tree_write(tree, *dir ? dir : "/", slash + 1, data, len, err);
out:
	free(data);
	free(dir);
	free(needed);
	return rc;
}

int dn_host_shims_write(const struct dn_tree *tree, const struct dn_plan *plan, struct dn_err *err)
{
	size_t i, n;

	for (i = 0; i < plan->nhost_shims; i += n) {
		const struct dn_bind *first = &plan->host_shims[i];

		for (n = 1; i + n < plan->nhost_shims && strcmp(first[n].source, first->source) == 0; n++)
			;
		if (write_shim(tree, first, n, err))
			return -1;
	}
	return 0;
}
