/* Asking an agent for a plan: those that behave and misbehave. */
#include "ask_bed.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(agent_gives_the_plan),
		T(large_request),
		T(cancelled_while_waiting),
		T(full_queue),
		T(refusal_keeps_code_and_text),
		T(foreign_account_is_refused),
		T(root_may_answer),
		T(dead_agent_falls_back),
		T(without_one_shot),
		T(broken_answer_is_no_fallback),
		T(slow_agent),
	};

	return run_asking("ask an agent", tests, sizeof(tests) / sizeof(tests[0]));
}
