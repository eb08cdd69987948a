/* Asking for a plan: agents that behave and misbehave, one-shot launchers likewise. A shell script plays the JVM. */
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

static void write_file(const char *path, const void *data, size_t len, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, len), len);
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static void script(const struct bed *b, const char *body)
{
	char text[2048];

	snprintf(text, sizeof(text), "#!/bin/sh\n%s\n", body);
	write_file(b->java, text, strlen(text), 0755);
}

static struct dn_reply plan_reply(char *decision)
{
	return (struct dn_reply){ .kind = DN_KIND_PLAN,
				  .u.plan = { .driver = DN_DRIVER_FUSE, .source = DN_SOURCE_REQUEST, .workdir = "/",
					      .decision = decision } };
}

static int set_up(void **state)
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

static int tear_down(void **state)
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

/* The agents. Each gets a connection, in a process of its own. */

static int take_descriptor(int conn)
{
	char byte;
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec io = { &byte, 1 };
	struct msghdr msg = { .msg_iov = &io, .msg_iovlen = 1, .msg_control = control.bytes,
			      .msg_controllen = sizeof(control.bytes) };
	int fd = -1;

	if (recvmsg(conn, &msg, MSG_PEEK) == 1 && CMSG_FIRSTHDR(&msg))
		memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(int));
	return fd;
}

/* Answers with what it read: the launch's fields and the image's first line. */
static void agent_answers(int conn)
{
	uint8_t header[DN_WIRE_HEADER], *body, *out;
	struct dn_launch req;
	struct dn_err err;
	enum dn_kind kind;
	uint32_t len;
	size_t out_len;
	char said[128], image[16] = "";
	int fd = take_descriptor(conn);
	struct dn_reply reply;

	if (fd < 0 || pread(fd, image, 5, 0) != 5 || recv(conn, header, sizeof(header), MSG_WAITALL) != DN_WIRE_HEADER)
		_exit(1);
	if (dn_wire_header(header, &len, &kind, &err) || kind != DN_KIND_LAUNCH)
		_exit(2);
	body = malloc(len);
	if (recv(conn, body, len, MSG_WAITALL) != (ssize_t)len || dn_wire_decode_launch(body, len, &req, &err))
		_exit(3);
	snprintf(said, sizeof(said), "%s %s %s", req.user, req.image_path, image);
	reply = plan_reply(said);
	if (dn_wire_encode_reply(&reply, &out, &out_len, &err))
		_exit(4);
	/* In small pieces: the reader must put them together. */
	for (len = 0; len < out_len; len += 7)
		if (send(conn, out + len, out_len - len < 7 ? out_len - len : 7, 0) < 0)
			_exit(5);
	free(out);
	free(body);
	dn_launch_free(&req);
}

static void agent_refuses(int conn)
{
	struct dn_reply reply = { .kind = DN_KIND_REFUSAL, .u.refusal = { DN_POLICY, "rule 'x' says no; ask the site" } };
	struct dn_err err;
	uint8_t *out;
	size_t len;

	if (dn_wire_encode_reply(&reply, &out, &len, &err) || send(conn, out, len, 0) < 0)
		_exit(1);
	free(out);
}

static void agent_dies_early(int conn)
{
	(void)conn;
}

static void agent_dies_in_reply(int conn)
{
	uint8_t part[14] = { 100, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 1, 2 };

	send(conn, part, sizeof(part), 0);
}

static void agent_babbles(int conn)
{
	send(conn, "HTTP/1.1 200 OK\r\n\r\n", 19, 0);
	sleep(10);
}

static void agent_sleeps(int conn)
{
	(void)conn;
	sleep(60);
}

static void agent_pongs(int conn)
{
	struct dn_reply reply = { .kind = DN_KIND_PONG, .u.pong = { "1", "fine" } };
	struct dn_err err;
	uint8_t *out;
	size_t len;

	if (dn_wire_encode_reply(&reply, &out, &len, &err) || send(conn, out, len, 0) < 0)
		_exit(1);
	free(out);
}

static void start_agent(struct bed *b, void (*serve)(int), uid_t uid)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), conn;
	int ready[2];
	char byte;

	strcpy(addr.sun_path, b->socket);
	unlink(b->socket);
	assert_int_equal(bind(sock, (struct sockaddr *)&addr, sizeof(addr)), 0);
	assert_int_equal(pipe(ready), 0);
	b->agent = fork();
	if (b->agent == 0) {
		/* The account that listens is the one that the other side sees. */
		if (uid && (setgroups(0, NULL) || setresgid(uid, uid, uid) || setresuid(uid, uid, uid)))
			_exit(9);
		if (listen(sock, 4) || write(ready[1], "x", 1) != 1)
			_exit(8);
		conn = accept(sock, NULL, NULL);
		serve(conn);
		_exit(0);
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	close(sock);
}

static void asks(struct bed *b, const char *decision)
{
	struct dn_plan plan;
	struct dn_err err;

	if (dn_ask(&b->site, &b->req, b->image, &plan, &err))
		fail_msg("refused %d: %s", err.code, err.msg);
	assert_string_equal(plan.decision, decision);
	dn_plan_free(&plan);
}

static void fails(struct bed *b, enum dn_code code, const char *text)
{
	struct dn_plan plan;
	struct dn_err err = { 0 };

	assert_int_equal(dn_ask(&b->site, &b->req, b->image, &plan, &err), -1);
	if (err.code != code || !strstr(err.msg, text))
		fail_msg("%d: '%s' is not %d '%s'", err.code, err.msg, code, text);
	/* who refuses records: the launcher's word alone counts as recorded */
	assert_int_equal(err.recorded, code == DN_POLICY);
}

static void agent_gives_the_plan(void **state)
{
	start_agent(*state, agent_answers, ACCOUNT);
	asks(*state, "ada /a.sif image");
}

static void large_request(void **state)
{
	struct bed *b = *state;
	char *one = malloc(801);
	size_t i;

	memset(one, 'm', 800);
	one[800] = 0;
	b->req.mounts.n = 1000;
	b->req.mounts.v = calloc(1000, sizeof(char *));
	for (i = 0; i < 1000; i++)
		b->req.mounts.v[i] = one;
	start_agent(b, agent_answers, ACCOUNT);
	asks(b, "ada /a.sif image");
	free(b->req.mounts.v);
	free(one);
}

static void refusal_keeps_code_and_text(void **state)
{
	start_agent(*state, agent_refuses, ACCOUNT);
	fails(*state, DN_POLICY, "rule 'x' says no; ask the site");
}

static void foreign_account_is_refused(void **state)
{
	struct bed *b = *state;

	script(b, "cat $(dirname $0)/answer");
	b->site.agent_uid = 1;
	start_agent(b, agent_answers, ACCOUNT);
	fails(b, DN_CONFIG, "uid 65534 answers");
}

static void root_may_answer(void **state)
{
	start_agent(*state, agent_answers, 0);
	asks(*state, "ada /a.sif image");
}

static void dead_agent_falls_back(void **state)
{
	struct bed *b = *state;

	script(b, "cat $(dirname $0)/answer");
	start_agent(b, agent_dies_early, ACCOUNT);
	asks(b, "by one-shot");
	waitpid(b->agent, NULL, 0);
	start_agent(b, agent_dies_in_reply, ACCOUNT);
	asks(b, "by one-shot");
	/* Only the socket's file is left. */
	waitpid(b->agent, NULL, 0);
	b->agent = 0;
	asks(b, "by one-shot");
}

static void without_one_shot(void **state)
{
	struct bed *b = *state;

	script(b, "cat $(dirname $0)/answer");
	b->site.one_shot = false;
	fails(b, DN_UNAVAILABLE, "no agent answers at");
	start_agent(b, agent_dies_in_reply, ACCOUNT);
	fails(b, DN_UNAVAILABLE, "start the service");
}

static void broken_answer_is_no_fallback(void **state)
{
	struct bed *b = *state;

	script(b, "cat $(dirname $0)/answer");
	start_agent(b, agent_babbles, ACCOUNT);
	fails(b, DN_INTERNAL, "wire version");
	kill(b->agent, SIGKILL);
	waitpid(b->agent, NULL, 0);
	start_agent(b, agent_pongs, ACCOUNT);
	fails(b, DN_INTERNAL, "neither a plan nor a refusal");
}

static void slow_agent(void **state)
{
	struct bed *b = *state;
	time_t start = time(NULL);

	b->site.timeout = 1;
	start_agent(b, agent_sleeps, ACCOUNT);
	fails(b, DN_UNAVAILABLE, "no answer within the time limit");
	assert_true(time(NULL) - start <= 3);
}

static void cancelled_while_waiting(void **state)
{
	const struct timespec none = { 0 };
	struct bed *b = *state;
	time_t start = time(NULL);
	sigset_t held;

	sigemptyset(&held);
	sigaddset(&held, SIGTERM);
	assert_false(dn_is_cancelled());
	start_agent(b, agent_sleeps, ACCOUNT);
	assert_int_equal(sigprocmask(SIG_BLOCK, &held, NULL), 0);
	assert_int_equal(raise(SIGTERM), 0);
	fails(b, DN_SETUP, "the step was cancelled");
	assert_true(time(NULL) - start <= 3);
	/* the launcher that was started for the step ends as well */
	script(b, "exec sleep 50");
	kill(b->agent, SIGKILL);
	waitpid(b->agent, NULL, 0);
	b->agent = 0;
	fails(b, DN_SETUP, "the step was cancelled");
	assert_true(time(NULL) - start <= 3);
	assert_int_equal(sigtimedwait(&held, NULL, &none), SIGTERM);
	assert_int_equal(sigprocmask(SIG_UNBLOCK, &held, NULL), 0);
	assert_false(dn_is_cancelled());
}

/* An agent whose queue is full takes nobody: the time limit ends that wait, and a cancelled step at once. */
static void full_queue(void **state)
{
	const struct timespec none = { 0 };
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), waiting[8];
	struct bed *b = *state;
	time_t start = time(NULL);
	sigset_t held;
	size_t n = 0;

	strcpy(addr.sun_path, b->socket);
	unlink(b->socket);
	assert_int_equal(bind(sock, (struct sockaddr *)&addr, sizeof(addr)), 0);
	assert_int_equal(listen(sock, 0), 0);
	do {
		assert_true(n < sizeof(waiting) / sizeof(waiting[0]));
		waiting[n] = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	} while (connect(waiting[n++], (struct sockaddr *)&addr, sizeof(addr)) == 0);
	assert_int_equal(errno, EAGAIN);
	b->site.timeout = 1;
	fails(b, DN_UNAVAILABLE, "takes no connection within the time limit");
	b->site.timeout = 60;
	sigemptyset(&held);
	sigaddset(&held, SIGTERM);
	assert_int_equal(sigprocmask(SIG_BLOCK, &held, NULL), 0);
	assert_int_equal(raise(SIGTERM), 0);
	fails(b, DN_SETUP, "the step was cancelled");
	assert_true(time(NULL) - start <= 5);
	assert_int_equal(sigtimedwait(&held, NULL, &none), SIGTERM);
	assert_int_equal(sigprocmask(SIG_UNBLOCK, &held, NULL), 0);
	while (n)
		close(waiting[--n]);
	close(sock);
}

static void oneshot_says(struct bed *b, const char *body, const char *want)
{
	struct dn_plan plan;
	struct dn_err err;
	char text[1024], notice[1024];

	snprintf(text, sizeof(text), "echo \"%s\" >&2; cat $(dirname $0)/answer", body);
	script(b, text);
	if (dn_ask(&b->site, &b->req, b->image, &plan, &err))
		fail_msg("refused %d: %s", err.code, err.msg);
	assert_int_equal(plan.notices.n, 1);
	snprintf(notice, sizeof(notice), "one-shot launcher: %s", want);
	assert_string_equal(plan.notices.v[0], notice);
	dn_plan_free(&plan);
}

static void oneshot_process_is_clean(void **state)
{
	struct bed *b = *state;
	int leak = open("/dev/null", O_RDONLY); /* not close-on-exec, on purpose */
	char want[512];

	assert_int_equal(setenv("JAVA_TOOL_OPTIONS", "-bad", 1), 0);
	oneshot_says(b, "[0.001s][error][cds] Not a valid archive\nthis", "this");
	oneshot_says(b, "$(id -u) $(id -g) $(id -G) $(pwd) $(umask) $(ulimit -c)", "65534 65534 65534 / 0077 0");
	/* 3 is the directory that ls reads. */
	oneshot_says(b, "$(ls /proc/self/fd | tr '\\n' ' ')", "0 1 2 3 ");
	oneshot_says(b, "$(env | grep -v ^_= | grep -v ^PWD= | sort | tr '\\n' ' ')",
		     "HOME=/nonexistent LANG=C.UTF-8 PATH=/usr/bin:/bin ");
	/* 32 and 33 are the C library's own; posix_spawn of the program that started us may have left them ignored. */
	oneshot_says(b, "$(grep -E 'CapPrm|CapBnd|NoNewPrivs|SigBlk|SigIgn' /proc/self/status | tr -d '\\n\\t' | sed s/180000000Cap/000000000Cap/)",
		     "SigBlk:0000000000000000SigIgn:0000000000000000CapPrm:0000000000000000CapBnd:0000000000000000NoNewPrivs:1");
	oneshot_says(b, "$(head -n 1)", "image");
	snprintf(want, sizeof(want),
		 "-XX:+UseSerialGC -XX:-UsePerfData -XX:+DisplayVMOutputToStderr -Xlog:disable -Xlog:all=error:stderr "
		 "-XX:+IgnoreUnrecognizedVMOptions -XX:+UnlockDiagnosticVMOptions -XX:ArchiveRelocationMode=0 -Xmx256m "
		 "-Dorg.bouncycastle.rsa.max_mr_tests=0 -cp %s/lib/java/* "
		 "dev.dunnage.launcher.oneshot.OneShot --policy /the/policy.yaml --store /the/store",
		 b->dir);
	/* a notice has one line of 511 bytes at most */
	oneshot_says(b, "$(echo \"$*\" | sed 's/ -XX:Tier[^ ]*//g')", want);
	oneshot_says(b, "$(echo \"$*\" | grep -o 'Tier[^ ]*' | tr '\\n' ' ')",
		     "Tier3InvocationThreshold=2000 Tier3MinInvocationThreshold=1000 Tier3CompileThreshold=4000 "
		     "Tier4InvocationThreshold=50000 Tier4MinInvocationThreshold=30000 Tier4CompileThreshold=90000 ");
	close(leak);
}

static void archive_is_used_when_there(void **state)
{
	struct bed *b = *state;
	char path[128], want[512];

	snprintf(path, sizeof(path), "%s/lib", b->dir);
	assert_int_equal(mkdir(path, 0755), 0);
	snprintf(path, sizeof(path), "%s/lib/dunnage", b->dir);
	assert_int_equal(mkdir(path, 0755), 0);
	snprintf(path, sizeof(path), "%s/lib/dunnage/oneshot.jsa", b->dir);
	write_file(path, "x", 1, 0644);
	snprintf(want, sizeof(want), "-XX:SharedArchiveFile=%s", path);
	oneshot_says(b, "${17}", want);
	snprintf(path, sizeof(path), "%s/lib/dunnage/oneshot.aot", b->dir);
	write_file(path, "x", 1, 0644);
	snprintf(want, sizeof(want), "-XX:AOTCache=%s", path);
	oneshot_says(b, "${17}", want);
	oneshot_says(b, "$(printf '%s\\n' $* | grep -c -e jsa -e aot)", "1");
}

static void jars_stand_in_front_in_the_order_of_their_names(void **state)
{
	static const char *const names[] = { "b-1.jar", "a-2.jar", "a-1.jar", "none.txt" };
	struct bed *b = *state;
	char path[128], want[1024];
	size_t i;

	snprintf(path, sizeof(path), "%s/lib", b->dir);
	assert_int_equal(mkdir(path, 0755), 0);
	snprintf(path, sizeof(path), "%s/lib/java", b->dir);
	assert_int_equal(mkdir(path, 0755), 0);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/lib/java/%s", b->dir, names[i]);
		write_file(path, "x", 1, 0644);
	}
	snprintf(path, sizeof(path), "%s/lib/java", b->dir);
	snprintf(want, sizeof(want), "-Xbootclasspath/a:%s/a-1.jar:%s/a-2.jar:%s/b-1.jar -cp %s/*", path, path, path, path);
	oneshot_says(b, "${17} ${18} ${19}", want);
}

static void oneshot_without_answer(void **state)
{
	struct bed *b = *state;

	script(b, "echo '[0.1s][warning][cds] stale archive' >&2; echo 'Error: no main class' >&2; exit 3");
	fails(b, DN_UNAVAILABLE, "gave no answer (exit status 3): Error: no main class");
	script(b, "exit 0");
	fails(b, DN_UNAVAILABLE, "it said nothing");
	script(b, "kill -9 $$");
	fails(b, DN_UNAVAILABLE, "ended by signal 9");
	script(b, "head -c 20 $(dirname $0)/answer; echo 'java.lang.OutOfMemoryError' >&2");
	fails(b, DN_UNAVAILABLE, "java.lang.OutOfMemoryError");
	script(b, "echo 'hello on the wrong descriptor, long enough'");
	fails(b, DN_INTERNAL, "the one-shot launcher: ");
	unlink(b->java);
	fails(b, DN_UNAVAILABLE, "install a Java 17 runtime");
}

/* The JVM takes our options, and what it says about the rest is not lost. */
static void real_jvm_without_classes(void **state)
{
	struct bed *b = *state;

	if (access("/usr/bin/java", X_OK)) {
		puts("SKIPPED: /usr/bin/java is missing, its options are not tested");
		skip();
	}
	b->site.java = "/usr/bin/java";
	b->site.timeout = 60;
	fails(b, DN_UNAVAILABLE, "Could not find or load main class dev.dunnage.launcher.oneshot.OneShot");
}

static void oneshot_time_limit(void **state)
{
	struct bed *b = *state;
	time_t start = time(NULL);

	b->site.timeout = 1;
	script(b, "exec sleep 60");
	fails(b, DN_UNAVAILABLE, "no answer within the time limit");
	assert_true(time(NULL) - start <= 3);
}

static void oneshot_never_root(void **state)
{
	struct bed *b = *state;

	b->site.agent_uid = 0;
	fails(b, DN_CONFIG, "never runs as root");
}

static void ignored_sigchld(void **state)
{
	struct sigaction ign = { .sa_handler = SIG_IGN }, after;

	assert_int_equal(sigaction(SIGCHLD, &ign, NULL), 0);
	script(*state, "cat $(dirname $0)/answer");
	asks(*state, "by one-shot");
	assert_int_equal(sigaction(SIGCHLD, NULL, &after), 0);
	assert_ptr_equal(after.sa_handler, SIG_IGN);
	ign.sa_handler = SIG_DFL;
	assert_int_equal(sigaction(SIGCHLD, &ign, NULL), 0);
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(agent_gives_the_plan),     T(large_request),		 T(cancelled_while_waiting), T(full_queue), T(refusal_keeps_code_and_text),
		T(foreign_account_is_refused), T(root_may_answer),	 T(dead_agent_falls_back),
		T(without_one_shot),	     T(broken_answer_is_no_fallback), T(slow_agent),
		T(oneshot_process_is_clean), T(archive_is_used_when_there), T(oneshot_without_answer),
		T(jars_stand_in_front_in_the_order_of_their_names),
		T(oneshot_time_limit),	     T(real_jvm_without_classes), T(oneshot_never_root),	 T(ignored_sigchld),
	};

	if (geteuid() != 0) {
		puts("SKIPPED: asking for a plan changes accounts, which needs root");
		return 0;
	}
	return cmocka_run_group_tests_name("ask", tests, NULL, NULL);
}
