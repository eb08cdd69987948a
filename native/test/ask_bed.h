/* What the tests that ask for a plan share: a request with an image, a script that plays the JVM, and what is expected. */
#ifndef DUNNAGE_TEST_ASK_BED_H
#define DUNNAGE_TEST_ASK_BED_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "dunnage/ask.h"

#define ACCOUNT 65534u

struct bed {
	char dir[64], socket[128], java[128], answer[128];
	struct dn_site site;
	struct dn_launch req;
	int image;
	pid_t agent;
};

static inline void write_file(const char *path, const void *data, size_t len, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, len), len);
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static inline void script(const struct bed *b, const char *body)
{
	char text[2048];

	snprintf(text, sizeof(text), "#!/bin/sh\n%s\n", body);
	write_file(b->java, text, strlen(text), 0755);
}

static inline struct dn_reply plan_reply(char *decision)
{
	return (struct dn_reply){ .kind = DN_KIND_PLAN,
				  .u.plan = { .driver = DN_DRIVER_FUSE, .source = DN_SOURCE_REQUEST, .workdir = "/",
					      .decision = decision } };
}

static inline int set_up(void **state)
{
	struct bed *b = calloc(1, sizeof(*b));
	struct dn_reply reply = plan_reply("by one-shot");
	struct dn_err err;
	uint8_t *frame;
	char path[128];
	size_t len;

	strcpy(b->dir, "/tmp/dunnage-test.XXXXXX");
	if (!mkdtemp(b->dir) || chmod(b->dir, 0755))
		return -1;
	snprintf(b->socket, sizeof(b->socket), "%s/agent.sock", b->dir);
	snprintf(b->java, sizeof(b->java), "%s/java", b->dir);
	snprintf(b->answer, sizeof(b->answer), "%s/answer", b->dir);
	b->site = (struct dn_site){ .prefix = b->dir, .agent_socket = b->socket, .agent_user = "nobody",
				    .agent_uid = ACCOUNT, .agent_gid = ACCOUNT, .java = b->java, .store = "/the/store",
				    .policy = "/the/policy.yaml", .one_shot = true, .timeout = 5 };
	b->req = (struct dn_launch){ .user = "ada", .home = "/home/ada", .cwd = "/", .node = "n1", .image_ref = "a.sif",
				     .image_path = "/a.sif", .mount_home = 2 };
	if (dn_wire_encode_reply(&reply, &frame, &len, &err))
		return -1;
	write_file(b->answer, frame, len, 0644);
	free(frame);
	snprintf(path, sizeof(path), "%s/image", b->dir);
	write_file(path, "image\n", 6, 0600);
	b->image = open(path, O_RDONLY | O_CLOEXEC);
	*state = b;
	return 0;
}

static inline int tear_down(void **state)
{
	struct bed *b = *state;
	static const char *const names[] = { "agent.sock", "java", "answer", "image", "lib/dunnage/oneshot.jsa",
					     "lib/dunnage/oneshot.aot", "lib/dunnage", "lib/java/a-1.jar", "lib/java/a-2.jar",
					     "lib/java/b-1.jar", "lib/java/none.txt", "lib/java", "lib" };
	char path[256];
	size_t i;

	if (b->agent) {
		kill(b->agent, SIGKILL);
		waitpid(b->agent, NULL, 0);
	}
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", b->dir, names[i]);
		remove(path);
	}
	close(b->image);
	i = (size_t)rmdir(b->dir);
	free(b);
	return (int)i;
}

static inline void asks(struct bed *b, const char *decision)
{
	struct dn_plan plan;
	struct dn_err err;

	if (dn_ask(&b->site, &b->req, b->image, &plan, &err))
		fail_msg("refused %d: %s", err.code, err.msg);
	assert_string_equal(plan.decision, decision);
	dn_plan_free(&plan);
}

static inline void fails(struct bed *b, enum dn_code code, const char *text)
{
	struct dn_plan plan;
	struct dn_err err = { 0 };

	assert_int_equal(dn_ask(&b->site, &b->req, b->image, &plan, &err), -1);
	if (err.code != code || !strstr(err.msg, text))
		fail_msg("%d: '%s' is not %d '%s'", err.code, err.msg, code, text);
	/* who refuses records: the launcher's word alone counts as recorded */
	assert_int_equal(err.recorded, code == DN_POLICY);
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

static inline int run_asking(const char *name, const struct CMUnitTest *tests, size_t n)
{
	if (geteuid() != 0) {
		puts("SKIPPED: asking for a plan changes accounts, which needs root");
		return 0;
	}
	return _cmocka_run_group_tests(name, tests, n, NULL, NULL);
}

#endif
