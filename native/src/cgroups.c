#include "cgroups.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct dn_cgroup_files dn_cgroup_files_of_self = { "/proc/self/mountinfo", "/proc/self/cgroup" };

/* Is word one of the list's comma-separated words? */
static bool listed(const char *list, const char *word)
{
	size_t len = strlen(word);
	const char *at;

	for (at = strstr(list, word); at; at = strstr(at + 1, word))
		if ((at == list || at[-1] == ',') && (at[len] == 0 || at[len] == ','))
			return true;
	return false;
}

static int keep(char to[PATH_MAX], const char *from)
{
	if (strlen(from) >= PATH_MAX)
		return -1;
	memcpy(to, from, strlen(from) + 1);
	return 0;
}

/* One line of mountinfo: 4th word root, 5th mount point; behind " - " type, source, options. 1: the wanted hierarchy. */
static int read_mount(char *line, const char *controller, bool v2, char root[PATH_MAX], char mount[PATH_MAX])
{
	char *rest = strstr(line, " - "), *word[6], *tail[3];
	int i;

	if (!rest)
		return 0;
	*rest = 0;
	rest += 3;
	for (i = 0; i < 5; i++)
		if (!(word[i] = strsep(&line, " ")))
			return 0;
	for (i = 0; i < 3; i++)
		if (!(tail[i] = strsep(&rest, " ")))
			return 0;
	if (strcmp(tail[0], v2 ? "cgroup2" : "cgroup") != 0 || (!v2 && !listed(tail[2], controller)))
		return 0;
	return keep(root, word[3]) == 0 && keep(mount, word[4]) == 0;
}

static bool find_mount(const char *file, const char *controller, bool v2, char root[PATH_MAX], char mount[PATH_MAX])
{
	FILE *f = fopen(file, "re");
	char *line = NULL;
	size_t room = 0;
	int found = 0;

	while (f && !found && getline(&line, &room, f) > 0) {
		line[strcspn(line, "\n")] = 0;
		found = read_mount(line, controller, v2, root, mount);
	}
	free(line);
	if (f)
		(void)fclose(f);
	return found;
}

/* One line of the membership: number, controllers (none for version 2), path. */
static bool find_path(const char *file, const char *controller, bool v2, char path[PATH_MAX])
{
	FILE *f = fopen(file, "re");
	char *line = NULL;
	size_t room = 0;
	bool found = false;

	while (f && !found && getline(&line, &room, f) > 0) {
		char *at = line, *number = strsep(&at, ":"), *list = strsep(&at, ":");

		if (!at)
			continue;
		at[strcspn(at, "\n")] = 0;
		found = (v2 ? strcmp(number, "0") == 0 && !*list : listed(list, controller)) && keep(path, at) == 0;
	}
	free(line);
	if (f)
		(void)fclose(f);
	return found;
}

/* The mount may show a part of the hierarchy only. */
static bool beneath_mount(const char *root, char path[PATH_MAX])
{
	size_t len = strcmp(root, "/") == 0 ? 0 : strlen(root);

	if (strstr(path, "/..") || strncmp(path, root, len) != 0 || (path[len] != 0 && path[len] != '/'))
		return false;
	memmove(path, path + len, strlen(path + len) + 1);
	if (strcmp(path, "/") == 0)
		path[0] = 0;
	return true;
}

int dn_cgroup_find(const struct dn_cgroup_files *files, const char *controller, struct dn_cgroup *group,
		   struct dn_err *err)
{
	char root[PATH_MAX];
	int version;

	for (version = 1; version <= 2; version++) {
		group->v2 = version == 2;
		if (find_mount(files->mountinfo, controller, group->v2, root, group->mount) &&
		    find_path(files->membership, controller, group->v2, group->path) && beneath_mount(root, group->path))
			return 0;
	}
	return dn_fail(err, DN_SETUP,
		       "the step is to be limited, but this node has no usable cgroup hierarchy for '%s'; mount one beneath "
		       "/sys/fs/cgroup",
		       controller);
}
