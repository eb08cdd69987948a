/* The codec against the vectors that the Java codec is tested with too. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <dirent.h>
#include <limits.h>

#include "wire_text.h"

struct frame {
	enum dn_kind kind;
	union {
		struct dn_launch launch;
		struct dn_reply reply;
	} u;
};

static void *body_of(struct frame *f)
{
	return f->kind == DN_KIND_LAUNCH ? (void *)&f->u.launch : (void *)&f->u.reply.u;
}

/* As a receiver does: header first, then exactly the body that it announces. */
static int decode(const uint8_t *p, size_t len, struct frame *f, struct dn_err *err)
{
	uint32_t body;

	if (len < DN_WIRE_HEADER)
		return dn_fail(err, DN_INTERNAL, "shorter than a header");
	if (dn_wire_header(p, &body, &f->kind, err))
		return -1;
	if (body != len - DN_WIRE_HEADER)
		return dn_fail(err, DN_INTERNAL, "not the length that the header says");
	p += DN_WIRE_HEADER;
	if (f->kind == DN_KIND_LAUNCH)
		return dn_wire_decode_launch(p, body, &f->u.launch, err);
	if (f->kind == DN_KIND_PING)
		return dn_wire_decode_body(dn_wire_table(DN_KIND_PING), p, body, &f->u, err);
	return dn_wire_decode_reply(f->kind, p, body, &f->u.reply, err);
}

static int encode(struct frame *f, uint8_t **out, size_t *len, struct dn_err *err)
{
	if (f->kind == DN_KIND_LAUNCH)
		return dn_wire_encode_launch(&f->u.launch, out, len, err);
	if (f->kind == DN_KIND_PING)
		return dn_wire_encode_ping(out, len, err);
	return dn_wire_encode_reply(&f->u.reply, out, len, err);
}

static void release(struct frame *f)
{
	if (f->kind == DN_KIND_LAUNCH)
		dn_launch_free(&f->u.launch);
	else if (f->kind != DN_KIND_PING)
		dn_reply_free(&f->u.reply);
}

/* A copy of exact size, so that the sanitizer sees a read behind the end. */
static uint8_t *load(const char *folder, const char *name, const char *ending, size_t *len)
{
	char path[PATH_MAX], *text;
	uint8_t *exact;

	snprintf(path, sizeof(path), "%s/%s/%s%s", DN_VECTORS, folder, name, ending);
	text = slurp(path, len);
	if (!text)
		fail_msg("cannot read %s", path);
	if (strcmp(ending, ".hex") == 0)
		*len = unhex(text);
	exact = malloc(*len ? *len : 1);
	memcpy(exact, text, *len);
	free(text);
	return exact;
}

static int each(const char *folder, void (*check)(const char *name))
{
	char path[PATH_MAX], name[NAME_MAX];
	struct dirent *e;
	int n = 0;
	DIR *d;

	snprintf(path, sizeof(path), "%s/%s", DN_VECTORS, folder);
	d = opendir(path);
	assert_non_null(d);
	while ((e = readdir(d))) {
		char *dot = strrchr(e->d_name, '.');

		if (!dot || strcmp(dot, ".hex"))
			continue;
		snprintf(name, sizeof(name), "%.*s", (int)(dot - e->d_name), e->d_name);
		check(name);
		n++;
	}
	closedir(d);
	return n;
}

static void check_good(const char *name)
{
	size_t len, want_len, again_len;
	uint8_t *p = load("good", name, ".hex", &len), *again;
	char *want = (char *)load("good", name, ".txt", &want_len), *text, canonical[NAME_MAX], *suffix;
	struct frame f = { 0 };
	struct dn_err err;

	if (decode(p, len, &f, &err))
		fail_msg("%s: %s", name, err.msg);
	text = frame_text(f.kind, body_of(&f));
	if (strlen(text) != want_len || memcmp(text, want, want_len))
		fail_msg("%s decodes to\n%s", name, text);
	free(p);
	snprintf(canonical, sizeof(canonical), "%s", name);
	suffix = strstr(canonical, "-unordered");
	if (suffix)
		*suffix = 0;
	p = load("good", canonical, ".hex", &len);
	if (encode(&f, &again, &again_len, &err))
		fail_msg("%s: %s", name, err.msg);
	if (again_len != len || memcmp(again, p, len))
		fail_msg("%s is encoded to other bytes", name);
	release(&f);
	free(again);
	free(text);
	free(want);
	free(p);
}

static void check_bad(const char *name)
{
	struct dn_err err = { 0 };
	struct frame f = { 0 };
	size_t len;
	uint8_t *p = load("bad", name, ".hex", &len);

	if (decode(p, len, &f, &err) == 0)
		fail_msg("%s was taken", name);
	assert_int_equal(err.code, DN_INTERNAL);
	assert_true(err.msg[0]);
	free(p);
}

/* Every shorter version of a good frame is refused too. */
static void check_prefixes(const char *name)
{
	size_t len, cut;
	uint8_t *p = load("good", name, ".hex", &len);
	size_t step = len > 4096 ? 251 : 1;

	for (cut = 0; cut < len; cut += step) {
		struct frame f = { 0 };
		struct dn_err err;
		uint8_t *part = malloc(cut ? cut : 1);

		memcpy(part, p, cut);
		if (decode(part, cut, &f, &err) == 0)
			fail_msg("%s, cut to %zu bytes, was taken", name, cut);
		free(part);
	}
	free(p);
}

static void good_vectors(void **state)
{
	(void)state;
	assert_true(each("good", check_good) >= 20);
}

static void bad_vectors(void **state)
{
	(void)state;
	assert_true(each("bad", check_bad) >= 150);
}

static void shorter_frames(void **state)
{
	(void)state;
	assert_true(each("good", check_prefixes) >= 20);
}

static struct dn_launch sample(void)
{
	return (struct dn_launch){
		.user = "ada", .home = "/home/ada", .cwd = "/", .node = "n1", .image_ref = "a.sif", .image_path = "/a.sif",
	};
}

static void refuses(const struct dn_launch *req, enum dn_code code, const char *text)
{
	struct dn_err err = { 0 };
	uint8_t *out = NULL;
	size_t len;

	assert_int_equal(dn_wire_encode_launch(req, &out, &len, &err), -1);
	assert_null(out);
	assert_int_equal(err.code, code);
	if (!strstr(err.msg, text))
		fail_msg("'%s' does not say '%s'", err.msg, text);
}

static void encoder_refuses(void **state)
{
	struct dn_launch req = sample();
	char long_ref[5000];
	uint32_t *many = calloc(300000, sizeof(*many));

	(void)state;
	req.user = NULL;
	refuses(&req, DN_INTERNAL, "USER has no value");
	req = sample();
	req.cwd = "relative";
	refuses(&req, DN_REQUEST, "CWD is not an absolute path");
	req = sample();
	req.home = "/zo\xeb";
	refuses(&req, DN_REQUEST, "HOME is not UTF-8");
	req = sample();
	memset(long_ref, 'x', sizeof(long_ref) - 1);
	long_ref[sizeof(long_ref) - 1] = 0;
	req.image_ref = long_ref;
	refuses(&req, DN_REQUEST, "IMAGE_REF is too long");
	req = sample();
	req.mount_home = 3;
	refuses(&req, DN_INTERNAL, "MOUNT_HOME");
	req = sample();
	req.groups = many;
	req.ngroups = 300000;
	refuses(&req, DN_REQUEST, "GROUPS is too long");
	req = sample();
	req.mounts.n = DN_WIRE_MAX_REPEAT + 1;
	req.mounts.v = calloc(req.mounts.n, sizeof(char *));
	refuses(&req, DN_REQUEST, "more than 1024 times");
	free(req.mounts.v);
	free(many);
}

static void no_reply_kind(void **state)
{
	struct dn_reply reply;
	struct dn_err err;

	(void)state;
	assert_int_equal(dn_wire_decode_reply(DN_KIND_LAUNCH, (const uint8_t *)"", 0, &reply, &err), -1);
	assert_int_equal(dn_wire_decode_reply(DN_KIND_PING, (const uint8_t *)"", 0, &reply, &err), -1);
	dn_reply_free(&reply);
}

static void version_message_names_both(void **state)
{
	const uint8_t header[DN_WIRE_HEADER] = { 0, 0, 0, 0, 2, 0, 7, 0, 3, 0, 0, 0 };
	struct dn_err err;
	enum dn_kind kind;
	uint32_t len;

	(void)state;
	assert_int_equal(dn_wire_header(header, &len, &kind, &err), -1);
	assert_non_null(strstr(err.msg, "2.7"));
	assert_non_null(strstr(err.msg, "1.1"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_vectors),	   cmocka_unit_test(bad_vectors),
		cmocka_unit_test(shorter_frames),  cmocka_unit_test(encoder_refuses),
		cmocka_unit_test(no_reply_kind),   cmocka_unit_test(version_message_names_both),
	};

	return cmocka_run_group_tests_name("wire", tests, NULL, NULL);
}
