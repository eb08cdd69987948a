#include "dunnage/audit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "asuser.h"

#define SYSTEM_LOG "/dev/log"
#define WHOLE 8192 /* characters of a text in the file, and in the system's log: as the launcher's */
#define SHORT 600
#define WARNING_AUTHPRIV ((10 << 3) | 4)

/* One character of UTF-8 at s; *len bytes. What is none counts as one unknown character. */
static unsigned long character(const unsigned char *s, size_t *len)
{
	static const unsigned long least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t n = s[0] < 0x80 ? 1 : s[0] >= 0xc2 && s[0] < 0xe0 ? 2 : (s[0] & 0xf0) == 0xe0 ? 3 : s[0] >= 0xf0 && s[0] < 0xf5 ? 4 : 0, i;
	unsigned long c = n < 2 ? s[0] : s[0] & (0xffu >> (n + 1));

	*len = 1;
	for (i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0xfffd;
		c = c << 6 | (s[i] & 0x3fu);
	}
	if (n == 0 || c < least[n] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		return 0xfffd;
	*len = n;
	return c;
}

static void put_character(FILE *out, unsigned long c)
{
	if (c == '"' || c == '\\')
		fprintf(out, "\\%c", (int)c);
	else if (c >= ' ' && c < 127)
		fputc((int)c, out);
	else if (c < 0x10000)
		fprintf(out, "\\u%04lx", c);
	else
		fprintf(out, "\\u%04lx\\u%04lx", 0xd800 + ((c - 0x10000) >> 10), 0xdc00 + ((c - 0x10000) & 0x3ff));
}

static void put_text(FILE *out, const char *name, const char *text, size_t limit)
{
	const unsigned char *at = (const unsigned char *)text;
	size_t len, n;

	fprintf(out, ",\"%s\":", name);
	if (!text) {
		fputs("null", out);
		return;
	}
	fputc('"', out);
	for (n = 0; *at && n < limit; n++, at += len)
		put_character(out, character(at, &len));
	fputs(*at ? "...\"" : "\"", out);
}

static const char *code_name(enum dn_code code)
{
	static const char *const names[] = { "", "policy", "image_bad", "image_absent", "config", "request", "setup",
					     "unavailable", "internal" };

	return (size_t)code < sizeof(names) / sizeof(names[0]) ? names[code] : "internal";
}

void dn_audit_line(FILE *out, const struct dn_refused *r, const struct timespec *now, size_t limit)
{
	char second[32];
	struct tm tm;

	if (!gmtime_r(&now->tv_sec, &tm) || !strftime(second, sizeof(second), "%Y-%m-%dT%H:%M:%S", &tm))
		second[0] = 0;
	fprintf(out, "{\"time\":\"%s.%06ldZ\"", second, now->tv_nsec / 1000);
	put_text(out, "node", r->node, limit);
	fprintf(out, ",\"job\":%u,\"step\":%u,\"restart\":%u,\"uid\":%u", r->job, r->step, r->restart, (unsigned)r->uid);
	put_text(out, "user", r->user, limit);
	put_text(out, "account", r->account, limit);
	put_text(out, "partition", r->partition, limit);
	put_text(out, "image", r->image, limit);
	fputs(",\"digest\":null,\"signers\":[],\"rule\":\"\",\"file\":\"\",\"line\":0,\"verdict\":\"refuse\"", out);
	put_text(out, "code", code_name(r->why->code), limit);
	put_text(out, "reason", r->why->msg, limit);
	fputs(",\"driver\":\"\",\"trouble\":null}", out);
}

/* A file of the agent's account or root, that nobody else may write and that has no other name. */
static bool is_sound(const struct dn_site *site, int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (st.st_uid == site->agent_uid || st.st_uid == 0) &&
	       !(st.st_mode & (S_IWGRP | S_IWOTH)) && st.st_nlink == 1;
}

/* The directory is the agent's: with its rights alone nothing that lies there leads to a file of root's. */
static int open_file(const struct dn_site *site)
{
	const struct dn_identity agent = { .uid = site->agent_uid, .gid = site->agent_gid };
	struct dn_ids before;
	struct dn_err ignored;
	int fd;

	if (!site->audit_file || site->agent_uid == 0 || dn_as_user(&agent, &before, &ignored))
		return -1;
	fd = open(site->audit_file, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0640);
	dn_as_before(&before);
	if (fd >= 0 && !is_sound(site, fd)) {
		close(fd);
		fd = -1;
	}
	return fd;
}

static int open_log(void)
{
	const struct sockaddr_un log = { .sun_family = AF_UNIX, .sun_path = SYSTEM_LOG };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd >= 0 && connect(fd, (const struct sockaddr *)&log, sizeof(log))) {
		close(fd);
		fd = -1;
	}
	return fd;
}

void dn_audit_open(const struct dn_site *site, struct dn_audit *audit)
{
	*audit = (struct dn_audit){ .file = open_file(site), .log = open_log() };
}

void dn_audit_close(struct dn_audit *audit)
{
	if (audit->file >= 0)
		close(audit->file);
	if (audit->log >= 0)
		close(audit->log);
	*audit = (struct dn_audit)DN_NO_AUDIT;
}

/* In one call, so that lines of others come before or after it. */
static bool append(int fd, const struct dn_refused *r, const struct timespec *now)
{
	char *line = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&line, &len);
	bool done = false;

	if (!out)
		return false;
	dn_audit_line(out, r, now, WHOLE);
	fputc('\n', out);
	if (fclose(out) == 0)
		done = write(fd, line, len) == (ssize_t)len;
	free(line);
	return done;
}

static bool tell_log(int fd, const struct dn_refused *r, const struct timespec *now)
{
	char *line = NULL, date[32];
	size_t len = 0;
	FILE *out = open_memstream(&line, &len);
	bool done = false;
	struct tm tm;

	if (!out)
		return false;
	if (!localtime_r(&now->tv_sec, &tm) || !strftime(date, sizeof(date), "%b %e %H:%M:%S", &tm))
		date[0] = 0;
	fprintf(out, "<%d>%s dunnage[%d]: audit ", WARNING_AUTHPRIV, date, (int)getpid());
	dn_audit_line(out, r, now, SHORT);
	if (fclose(out) == 0)
		done = send(fd, line, len, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)len;
	free(line);
	return done;
}

int dn_audit_refusal(const struct dn_audit *audit, const struct dn_refused *r, struct dn_err *err)
{
	struct timespec now = { 0 };
	bool kept, told;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	kept = audit->file >= 0 && append(audit->file, r, &now);
	told = audit->log >= 0 && tell_log(audit->log, r, &now);
	if (kept || told)
		return 0;
	return dn_fail(err, DN_SETUP, "the refusal of job %u, step %u, uid %u is in no record: neither the audit file nor " SYSTEM_LOG " takes it",
		       r->job, r->step, (unsigned)r->uid);
}
