#include "parts.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mountapi.h"

static struct dn_part *new_part(struct dn_parts *parts)
{
	if (parts->n == parts->room) {
		size_t room = parts->room ? parts->room * 2 : 32;
		struct dn_part *v = realloc(parts->v, room * sizeof(*v));

		if (!v)
			return NULL;
		parts->v = v;
		parts->room = room;
	}
	return &parts->v[parts->n];
}

int dn_parts_add(struct dn_parts *parts, int source_fd, const struct stat *st, const char *source, const char *target,
		 enum dn_part_rule rule, unsigned attrs, struct dn_err *err)
{
	struct dn_part *part = new_part(parts);

	if (!part)
		return dn_fail(err, DN_INTERNAL, "out of memory for mounts");
	*part = (struct dn_part){
		.dir = S_ISDIR(st->st_mode), .rule = rule, .dev = st->st_dev, .ino = st->st_ino, .source = source,
		.target = target,
	};
	part->mnt = dn_tree_clone(source_fd, true);
	if (part->mnt < 0)
		return dn_fail_errno(err, DN_SETUP, errno, "cannot take mount source %s", source);
	if (dn_tree_attrs(part->mnt, attrs, true)) {
		dn_fail_errno(err, DN_SETUP, errno, "cannot restrict mount source %s", source);
		close(part->mnt);
		return -1;
	}
	parts->n++;
	return 0;
}

int dn_parts_take(struct dn_parts *parts, int mnt, const char *target, struct dn_err *err)
{
	struct dn_part *part = new_part(parts);

	if (!part)
		return dn_fail(err, DN_INTERNAL, "out of memory for mounts");
	*part = (struct dn_part){ .mnt = mnt, .dir = true, .rule = DN_PART_AT_PLACE, .source = target, .target = target };
	parts->n++;
	return 0;
}

void dn_parts_own(struct dn_parts *parts, char *target)
{
	parts->v[parts->n - 1].own = target;
}

/* Rules that look at what the place shows already. */
static bool left_out(const struct dn_part *part, const struct dn_tree *tree)
{
	struct stat st;
	bool same, bare;
	uint64_t id;
	int fd;

	if (part->rule != DN_PART_UNLESS_SAME && part->rule != DN_PART_UNLESS_PRESENT)
		return false;
	fd = dn_tree_find(tree, part->target);
	if (fd < 0)
		return errno != ENOENT && part->rule == DN_PART_UNLESS_PRESENT;
	same = fstat(fd, &st) == 0 && st.st_dev == part->dev && st.st_ino == part->ino;
	bare = part->made && dn_mount_id(fd, &id) == 0 && id == tree->mount;
	close(fd);
	return same || (part->rule == DN_PART_UNLESS_PRESENT && !bare);
}

static int attach(const struct dn_part *part, const struct dn_tree *tree, struct dn_err *err)
{
	unsigned flags = (part->dir ? DN_TARGET_DIR : 0u) | (part->rule == DN_PART_AT_PLACE ? DN_TARGET_REPLACE : 0u);
	int place, rc = 0;

	if (dn_tree_target(tree, part->target, flags, &place, err)) {
		if (part->rule == DN_PART_UNLESS_PRESENT)
			return 0;
		return dn_fail(err, err->code, "cannot mount %s: %s", part->source, err->msg);
	}
	if (dn_mount_attach(part->mnt, place))
		rc = dn_fail_errno(err, DN_SETUP, errno, "cannot mount %s on %s", part->source, part->target);
	close(place);
	return rc;
}

int dn_parts_attach(const struct dn_parts *parts, const struct dn_tree *tree, struct dn_err *err)
{
	size_t i;

	for (i = 0; i < parts->n; i++)
		if (!left_out(&parts->v[i], tree) && attach(&parts->v[i], tree, err))
			return -1;
	return 0;
}

void dn_parts_free(struct dn_parts *parts)
{
	size_t i;

	for (i = 0; i < parts->n; i++) {
		close(parts->v[i].mnt);
		free(parts->v[i].own);
	}
	free(parts->v);
	*parts = (struct dn_parts){ 0 };
}
