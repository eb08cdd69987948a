/* Records of refusals: the line, whatever users wrote; the file, whatever lies in its place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dunnage/audit.h"

#define AGENT 65534u

struct bed {
	char dir[64], file[96], other[96];
	struct dn_site site;
};

static int set_up(void **state)
{
	struct bed *b = calloc(1, sizeof(*b));

	strcpy(b->dir, "/tmp/dunnage-test.XXXXXX");
	if (!mkdtemp(b->dir) || chown(b->dir, AGENT, AGENT) || chmod(b->dir, 0750))
		return -1;
	snprintf(b->file, sizeof(b->file), "%s/audit.jsonl", b->dir);
	snprintf(b->other, sizeof(b->other), "%s/other", b->dir);
	b->site = (struct dn_site){ .audit_file = b->file, .agent_uid = AGENT, .agent_gid = AGENT };
	*state = b;
	return 0;
}

static int tear_down(void **state)
{
	struct bed *b = *state;
	int rc;

	unlink(b->file);
	unlink(b->other);
	rc = rmdir(b->dir);
	free(b);
	return rc;
}

static const struct dn_err why = { .code = DN_IMAGE_ABSENT, .msg = "image /a.sif does not exist" };

static struct dn_refused refused(const char *image)
{
	return (struct dn_refused){ .node = "n1", .job = 7, .step = 0xfffffffb, .restart = 1, .uid = 1000, .user = "ada",
				    .account = "physics", .image = image, .why = &why };
}

static char *line_of(const struct dn_refused *r, size_t limit)
{
	const struct timespec now = { .tv_sec = 1795656000, .tv_nsec = 123456789 };
	char *line = NULL;
	size_t len;
	FILE *out = open_memstream(&line, &len);

	dn_audit_line(out, r, &now, limit);
	fclose(out);
	return line;
}

static void the_line_has_the_launchers_form(void **state)
{
	const struct dn_refused r = refused("/a.sif");
	char *line = line_of(&r, 100);

	(void)state;
	assert_string_equal(line,
			    "{\"time\":\"2026-11-26T01:20:00.123456Z\",\"node\":\"n1\",\"job\":7,\"step\":4294967291,\"restart\":1,"
			    "\"uid\":1000,\"user\":\"ada\",\"account\":\"physics\",\"partition\":null,\"image\":\"/a.sif\",\"digest\":null,"
			    "\"signers\":[],\"rule\":\"\",\"file\":\"\",\"line\":0,\"verdict\":\"refuse\",\"code\":\"image_absent\","
			    "\"reason\":\"image /a.sif does not exist\",\"driver\":\"\",\"trouble\":null}");
	free(line);
}

static void shows(const char *image, size_t limit, const char *json)
{
	const struct dn_refused r = refused(image);
	char *line = line_of(&r, limit), expected[256];
	const char *at;

	snprintf(expected, sizeof(expected), ",\"image\":\"%s\",", json);
	if (!strstr(line, expected))
		fail_msg("%s lacks %s", line, expected);
	for (at = line; *at; at++)
		assert_true(*at >= ' ' && *at < 127);
	free(line);
}

static void texts_of_users_stay_texts(void **state)
{
	(void)state;
	shows("a\n{\"verdict\":\"allow\"}\r\x1b[2J\x7f\\", 100,
	      "a\\u000a{\\\"verdict\\\":\\\"allow\\\"}\\u000d\\u001b[2J\\u007f\\\\");
	shows("\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", 100, "\\u00e4\\u20ac\\ud83d\\ude00");
	/* no characters: alone, cut off, longer than needed, half of a pair, beyond the last one */
	shows("\x80|\xff|\xc3|\xe2\x82|\xc0\xaf|\xe0\x80\xaf|\xed\xa0\x80|\xf4\x90\x80\x80", 100,
	      "\\ufffd|\\ufffd|\\ufffd|\\ufffd\\ufffd|\\ufffd\\ufffd|\\ufffd\\ufffd\\ufffd|\\ufffd\\ufffd\\ufffd|\\ufffd\\ufffd\\ufffd\\ufffd");
	shows("\xe2\x82", 100, "\\ufffd\\ufffd");
	shows("\xf0\x9f", 100, "\\ufffd\\ufffd");
	shows("12345678", 8, "12345678");
	shows("123456789", 8, "12345678...");
	shows("", 8, "");
}

static char *content(const struct bed *b)
{
	static char text[20000];
	int fd = open(b->file, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);

	text[n > 0 ? n : 0] = 0;
	if (fd >= 0)
		close(fd);
	return text;
}

static int record(const struct bed *b)
{
	const struct dn_refused r = refused("/a.sif");
	struct dn_audit audit;
	struct dn_err err;
	int rc;

	dn_audit_open(&b->site, &audit);
	if (audit.log >= 0) {
		close(audit.log); /* this machine's log is not for tests */
		audit.log = -1;
	}
	rc = dn_audit_refusal(&audit, &r, &err);
	if (rc && !strstr(err.msg, "in no record"))
		fail_msg("%s", err.msg);
	dn_audit_close(&audit);
	assert_int_equal(audit.file, -1);
	assert_int_equal(geteuid(), 0);
	return rc;
}

static void lines_follow_each_other(void **state)
{
	struct bed *b = *state;
	char *text, *second;
	struct stat st;

	assert_int_equal(record(b), 0);
	assert_int_equal(record(b), 0);
	assert_int_equal(stat(b->file, &st), 0);
	assert_int_equal(st.st_uid, AGENT);
	assert_int_equal(st.st_mode & 0777, 0640);
	text = content(b);
	second = strchr(text, '\n') + 1;
	assert_int_equal(text[0], '{');
	assert_int_equal(second[0], '{');
	assert_int_equal(text[strlen(text) - 1], '\n');
	assert_null(strchr(strchr(second, '\n') + 1, '\n'));
}

static void the_systems_log_gets_a_datagram(void **state)
{
	const struct dn_refused r = refused("/a\n.sif");
	struct dn_audit audit = DN_NO_AUDIT;
	char text[4096];
	int pair[2];
	struct dn_err err;
	ssize_t n;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair), 0);
	audit.log = pair[0];
	assert_int_equal(dn_audit_refusal(&audit, &r, &err), 0);
	n = recv(pair[1], text, sizeof(text) - 1, MSG_DONTWAIT);
	assert_true(n > 0);
	text[n] = 0;
	assert_int_equal(strncmp(text, "<84>", 4), 0);
	assert_non_null(strstr(text, "dunnage["));
	assert_non_null(strstr(text, "]: audit {\"time\":"));
	assert_non_null(strstr(text, "/a\\u000a.sif"));
	close(pair[1]);
	dn_audit_close(&audit);
}

static void make(const char *path, uid_t uid, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(fchown(fd, uid, uid), 0);
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static void nothing_is_written_elsewhere(void **state)
{
	struct bed *b = *state;
	struct stat st;

	/* the agent's account has its hand in the directory */
	make(b->other, AGENT, 0640);
	assert_int_equal(symlink(b->other, b->file), 0);
	assert_int_equal(record(b), -1);
	assert_int_equal(unlink(b->file), 0);
	assert_int_equal(link(b->other, b->file), 0);
	assert_int_equal(record(b), -1);
	assert_int_equal(stat(b->other, &st), 0);
	assert_int_equal(st.st_size, 0);
	assert_int_equal(unlink(b->file), 0);
	assert_int_equal(mkfifo(b->file, 0666), 0);
	assert_int_equal(record(b), -1);
	assert_int_equal(unlink(b->file), 0);
	make(b->file, AGENT, 0666);
	assert_int_equal(record(b), -1);
	assert_int_equal(unlink(b->file), 0);
	/* others' files, and what the agent's account may not write: root's rights are not used */
	make(b->file, 12345, 0644);
	assert_int_equal(record(b), -1);
	assert_int_equal(unlink(b->file), 0);
	make(b->file, 0, 0644);
	assert_int_equal(record(b), -1);
	assert_string_equal(content(b), "");
}

static void without_a_file(void **state)
{
	struct bed *b = *state;

	b->site.audit_file = b->dir;
	assert_int_equal(record(b), -1);
	b->site.audit_file = NULL;
	assert_int_equal(record(b), -1);
	b->site.audit_file = b->file;
	b->site.agent_uid = 0; /* the account was not found */
	assert_int_equal(record(b), -1);
	assert_int_equal(access(b->file, F_OK), -1);
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_line_has_the_launchers_form), cmocka_unit_test(texts_of_users_stay_texts),
		cmocka_unit_test(the_systems_log_gets_a_datagram),
		T(lines_follow_each_other),			   T(nothing_is_written_elsewhere),
		T(without_a_file),
	};

	if (geteuid() != 0) {
		puts("SKIPPED: acting as the agent's account needs root");
		return 0;
	}
	return cmocka_run_group_tests_name("audit", tests, NULL, NULL);
}
