#include "etcfiles.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "asuser.h"

#define MAX_FILE 1048576u

static const char *const copies[DN_ETC_COPIES] = { "resolv.conf", "hosts", "localtime" };

static int read_host(const struct dn_identity *who, const char *name, char **data, size_t *len, struct dn_err *err)
{
	char path[64];
	int fd, errnum, rc = 0;
	struct stat st;

	(void)snprintf(path, sizeof(path), "/etc/%s", name);
	fd = dn_open_as_user(who, path, O_RDONLY | O_NOCTTY | O_NONBLOCK, &st, &errnum, err);
	if (fd < 0)
		return errnum ? 0 : -1;
	if (S_ISREG(st.st_mode) && dn_read_file(fd, MAX_FILE, data, len))
		rc = dn_fail_errno(err, DN_SETUP, errno, "cannot read %s of this node (at most %u bytes)", path, MAX_FILE);
	close(fd);
	return rc;
}

int dn_etc_read_host(const struct dn_identity *who, struct dn_etc *etc, struct dn_err *err)
{
	size_t i;

	for (i = 0; i < DN_ETC_COPIES; i++)
		if (read_host(who, copies[i], &etc->data[i], &etc->len[i], err))
			return -1;
	return 0;
}

void dn_etc_set_resolver(struct dn_etc *etc, char *text, size_t len)
{
	free(etc->data[0]);
	etc->data[0] = text;
	etc->len[0] = len;
}

void dn_etc_free(struct dn_etc *etc)
{
	size_t i;

	for (i = 0; i < DN_ETC_COPIES; i++)
		free(etc->data[i]);
	*etc = (struct dn_etc){ 0 };
}

/* A field of an account file: no colon, no control character. */
static void put_field(FILE *out, const char *s)
{
	for (; s && *s; s++)
		fputc(*s == ':' || (unsigned char)*s < 0x20 || *s == 0x7f ? '_' : *s, out);
}

/* Has this passwd or group text a line whose third field is id? */
static bool has_id(const char *text, unsigned long id)
{
	const char *line, *field;
	char *end;

	for (line = text; line && *line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
		size_t len = strcspn(line, "\n");
		unsigned colons = 0;

		for (field = line; colons < 2 && field < line + len; field++)
			colons += *field == ':';
		if (colons < 2 || *field < '0' || *field > '9')
			continue;
		if (strtoul(field, &end, 10) == id && *end == ':')
			return true;
	}
	return false;
}

/* The image's own file, ready for more lines. *kept is its text, for has_id. */
static FILE *begin(const struct dn_tree *tree, const char *path, char **kept, char **text, size_t *len, struct dn_err *err)
{
	size_t kept_len;
	FILE *out;

	if (dn_tree_read(tree, path, MAX_FILE, kept, &kept_len, err))
		return NULL;
	out = open_memstream(text, len);
	if (!out) {
		free(*kept);
		dn_fail(err, DN_INTERNAL, "out of memory for %s", path);
		return NULL;
	}
	if (*kept)
		fputs(*kept, out);
	if (*kept && kept_len && (*kept)[kept_len - 1] != '\n')
		fputc('\n', out);
	return out;
}

static int finish(const struct dn_tree *tree, FILE *out, const char *name, char *kept, char **text, const size_t *len,
		  struct dn_err *err)
{
	int rc;

	free(kept);
	if (fclose(out))
		rc = dn_fail(err, DN_INTERNAL, "out of memory for /etc/%s", name);
	else
		rc = dn_tree_write(tree, "/etc", name, *text, *len, err);
	free(*text);
	return rc;
}

static int write_passwd(const struct dn_tree *tree, const struct dn_identity *who, struct dn_err *err)
{
	char *kept = NULL, *text = NULL;
	size_t len;
	FILE *out = begin(tree, "/etc/passwd", &kept, &text, &len, err);

	if (!out)
		return -1;
	if (who->user && !(kept && has_id(kept, who->uid))) {
		put_field(out, who->user);
		fprintf(out, ":x:%u:%u:", who->uid, who->gid);
		put_field(out, who->gecos);
		fputc(':', out);
		put_field(out, who->home && *who->home ? who->home : "/");
		fputc(':', out);
		put_field(out, who->shell && *who->shell ? who->shell : "/bin/sh");
		fputc('\n', out);
	}
	return finish(tree, out, "passwd", kept, &text, &len, err);
}

static void put_group(FILE *out, const char *kept, const char *name, gid_t gid)
{
	if (!name || !*name || (kept && has_id(kept, gid)))
		return;
	put_field(out, name);
	fprintf(out, ":x:%u:\n", gid);
}

static int write_group(const struct dn_tree *tree, const struct dn_identity *who, struct dn_err *err)
{
	char *kept = NULL, *text = NULL;
	size_t len, i;
	FILE *out = begin(tree, "/etc/group", &kept, &text, &len, err);

	if (!out)
		return -1;
	if (who->group_names) {
		put_group(out, kept, who->group_names[0], who->gid);
		for (i = 0; i < who->ngroups; i++)
			if (who->groups[i] != who->gid)
				put_group(out, kept, who->group_names[i + 1], who->groups[i]);
	}
	return finish(tree, out, "group", kept, &text, &len, err);
}

int dn_etc_write(const struct dn_tree *tree, const struct dn_identity *who, const struct dn_etc *etc, struct dn_err *err)
{
	size_t i;

	if (write_passwd(tree, who, err) || write_group(tree, who, err))
		return -1;
	for (i = 0; i < DN_ETC_COPIES; i++)
		if (etc->data[i] && dn_tree_write(tree, "/etc", copies[i], etc->data[i], etc->len[i], err))
			return -1;
	return 0;
}
