#include "dunnage/pull.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "dunnage/ask.h"
#include "program.h"

#define OURS "dunnage: "
#define LONGEST_LINE 4096
#define NO_JAVA 8 /* exit status of "no launcher answers" */

const char *const dn_pull_variables[] = {
	"http_proxy", "https_proxy", "all_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY",
	"DUNNAGE_CACHEDIR", "DUNNAGE_LIBRARY", "DUNNAGE_TMPDIR", "DOCKER_CONFIG", "REGISTRY_AUTH_FILE", "XDG_RUNTIME_DIR", NULL,
};

bool dn_is_reference(const char *name)
{
	size_t n = 0;

	while (isalnum((unsigned char)name[n]) || name[n] == '+' || name[n] == '-' || name[n] == '.')
		n++;
	if (n == 0 || strncmp(name, "file:", 5) == 0)
		return false;
	return strncmp(name + n, "://", 3) == 0 || strncmp(name, "library:", 8) == 0;
}

/* What the program says: all lines but the last are told at once, the last one may turn out to be the failure. */
struct talk {
	void (*tell)(const char *line);
	char line[LONGEST_LINE], last[LONGEST_LINE];
	size_t len;
	bool cancelled;
};

static void end_line(struct talk *t)
{
	const char *text = t->line;

	t->line[t->len] = 0;
	t->len = 0;
	if (strncmp(text, OURS, strlen(OURS)) == 0)
		text += strlen(OURS);
	if (!*text)
		return;
	if (*t->last)
		t->tell(t->last);
	(void)snprintf(t->last, sizeof(t->last), "%s", text);
}

static void take(struct talk *t, const char *buf, ssize_t n)
{
	ssize_t i;

	for (i = 0; i < n; i++) {
		if (buf[i] == '\n' || t->len == sizeof(t->line) - 1)
			end_line(t);
		if (buf[i] != '\n')
			t->line[t->len++] = (buf[i] >= 0 && buf[i] < ' ') || buf[i] == 127 ? '?' : buf[i];
	}
}

static void listen_to(int from, pid_t pid, struct talk *t)
{
	struct pollfd said = { .fd = from, .events = POLLIN };
	char buf[1024];
	ssize_t n = 1;

	while (n > 0 || (n < 0 && errno == EINTR)) {
		if (!t->cancelled && dn_is_cancelled())
			t->cancelled = kill(pid, SIGTERM) == 0;
		n = poll(&said, 1, DN_HEED_MS);
		if (n > 0) {
			n = read(from, buf, sizeof(buf));
			take(t, buf, n);
		} else if (n == 0) {
			n = 1; /* nothing was said */
		}
	}
	if (t->len > 0)
		end_line(t);
}

static int start(const struct dn_pull *p, const char *program, int answer, int messages, pid_t *pid, struct dn_err *err)
{
	char *argv[11] = { "dunnage", "pull", "--to-cache" };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), rc;
	size_t n = 3;
	struct dn_program pull = {
		.path = program, .argv = argv, .env = p->env, .fds = { null, answer, messages }, .nfds = 3,
		.change_ids = !p->who->own, .uid = p->who->uid, .gid = p->who->gid, .groups = p->who->groups,
		.ngroups = p->who->ngroups, .tidy = !p->who->own, .die_with_parent = true,
	};

	if (null < 0)
		return dn_fail_errno(err, DN_SETUP, errno, "cannot open /dev/null");
	if (p->print_reference)
		argv[n++] = "--print-reference";
	if (p->to_nodes)
		argv[n++] = "--to-nodes";
	if (p->if_at_submit)
		argv[n++] = "--if-at-submit";
	if (p->mode) {
		argv[n++] = "--pull";
		argv[n++] = (char *)(uintptr_t)p->mode;
	}
	argv[n++] = "--";
	argv[n++] = (char *)(uintptr_t)p->reference;
	rc = dn_program_start(&pull, pid, err);
	close(null);
	return rc;
}

static int read_answer(int fd, char **answer, struct dn_err *err)
{
	char text[PATH_MAX + 1];
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

	text[n > 0 ? n : 0] = 0;
	text[strcspn(text, "\n")] = 0;
	if (!*text)
		return dn_fail(err, DN_INTERNAL, "dunnage pull named no image; report it");
	*answer = strdup(text);
	return *answer ? 0 : dn_fail(err, DN_INTERNAL, "out of memory");
}

static int judge(const struct dn_pull *p, int status, struct talk *t, struct dn_err *err)
{
	bool well = WIFEXITED(status) && WEXITSTATUS(status) == 0;

	if (well) {
		if (p->tell && *t->last)
			t->tell(t->last);
		return 0;
	}
	if (t->cancelled)
		return dn_fail(err, DN_SETUP, "pulling %s was cancelled; what came so far is kept", p->reference);
	if (WIFSIGNALED(status))
		return dn_fail(err, DN_SETUP, "pulling %s was ended by signal %d (%s)", p->reference, WTERMSIG(status),
			       WTERMSIG(status) == SIGKILL ? "the job's memory limit?" : "by whom?");
	if (p->tell && *t->last)
		return dn_fail(err, DN_IMAGE_ABSENT, "%s", t->last);
	dn_fail(err, WEXITSTATUS(status) == NO_JAVA ? DN_UNAVAILABLE : DN_IMAGE_ABSENT, "pulling %s failed", p->reference);
	if (!p->tell)
		err->msg[0] = 0; /* the user has read it */
	return -1;
}

int dn_pull_image(const struct dn_pull *p, char **answer, struct dn_err *err)
{
	struct talk talk = { .tell = p->tell };
	int out = memfd_create("dunnage-pull", MFD_CLOEXEC), messages[2] = { -1, -1 }, status = 0, rc = -1;
	char *program = NULL;
	pid_t pid;

	if (asprintf(&program, "%s/bin/dunnage", p->prefix) < 0)
		program = NULL;
	if (!program || out < 0 || (p->tell && pipe2(messages, O_CLOEXEC))) {
		dn_fail_errno(err, DN_SETUP, errno, "cannot prepare the pull of %s", p->reference);
		goto out;
	}
	if (start(p, program, out, p->tell ? messages[1] : STDERR_FILENO, &pid, err))
		goto out;
	if (p->tell) {
		close(messages[1]);
		messages[1] = -1;
		listen_to(messages[0], pid, &talk);
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR) {
			dn_fail_errno(err, DN_SETUP, errno, "cannot wait for the pull of %s", p->reference);
			goto out;
		}
	rc = judge(p, status, &talk, err);
	if (!rc)
		rc = read_answer(out, answer, err);
out:
	free(program);
	if (out >= 0)
		close(out);
	if (messages[0] >= 0)
		close(messages[0]);
	if (messages[1] >= 0)
		close(messages[1]);
	return rc;
}

int dn_image_in_use(int image, const char *name, struct dn_err *err)
{
	/* A file system without locks keeps the image as long as this node has it open. */
	if (flock(image, LOCK_SH | LOCK_NB) == 0 || errno != EWOULDBLOCK)
		return 0;
	return dn_fail(err, DN_IMAGE_ABSENT, "%s is being removed from the image cache; start again", name);
}
