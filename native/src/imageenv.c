/* The image's environment: its scripts run once in its own shell, and what they leave is read back. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "dunnage/container.h"
#include "dunnage/kernel.h"
#include "dunnage/rankenv.h"
#include "program.h"

#define SCRIPT_DIR "/.singularity.d/env"
#define MAX_SCRIPTS 256
#define SCRIPT_BYTES (256u * 1024) /* of one script are looked at for variables of a rank */
#define MAX_ENV 4194304u
#define MAX_PASSED_ON 65536u /* bytes of the scripts' own messages that reach stderr */
#define LOOP_NAME "__dunnage_script"

/* Descriptor 3 is the dump program, it writes to 4. */
#define SHELL_TEXT "for " LOOP_NAME " in \"$@\"; do . \"$" LOOP_NAME "\"; done; exec /proc/self/fd/3"

struct scripts {
	char *path[MAX_SCRIPTS];
	size_t n;
};

/* What the shell and the dump program say while they run. */
struct talk {
	int env_fd, message_fd;
	char *env;
	size_t env_len, passed_on, line_len;
	char line[512]; /* first line of the messages */
	bool line_ended;
};

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void scripts_free(struct scripts *s)
{
	while (s->n)
		free(s->path[--s->n]);
}

static int find_scripts(struct scripts *s, struct dn_err *err)
{
	DIR *d = opendir(SCRIPT_DIR);
	struct dirent *e;
	int rc = 0;

	s->n = 0;
	if (!d)
		return errno == ENOENT || errno == ENOTDIR ?
			       0 :
			       dn_fail_errno(err, DN_IMAGE_BAD, errno, "cannot read the image's " SCRIPT_DIR);
	while (!rc && (e = readdir(d))) {
		size_t len = strlen(e->d_name);

		if (len < 4 || strcmp(e->d_name + len - 3, ".sh"))
			continue;
		if (s->n == MAX_SCRIPTS)
			rc = dn_fail(err, DN_IMAGE_BAD, "the image has more than %d environment scripts", MAX_SCRIPTS);
		else if (asprintf(&s->path[s->n], SCRIPT_DIR "/%s", e->d_name) < 0)
			rc = dn_fail(err, DN_INTERNAL, "out of memory for a script's name");
		else
			s->n++;
	}
	closedir(d);
	if (rc)
		scripts_free(s);
	else
		qsort(s->path, s->n, sizeof(s->path[0]), by_name);
	return rc;
}

bool dn_scripts_mention_rank(void)
{
	char *text = malloc(SCRIPT_BYTES + 1);
	DIR *dir = opendir(SCRIPT_DIR);
	struct dirent *e;
	bool found = false;

	while (text && dir && !found && (e = readdir(dir))) {
		int fd = openat(dirfd(dir), e->d_name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
		ssize_t n = fd >= 0 ? read(fd, text, SCRIPT_BYTES) : -1;

		if (fd >= 0)
			close(fd);
		text[n > 0 ? n : 0] = 0;
		found = dn_env_mentions_rank(text);
	}
	if (dir)
		closedir(dir);
	free(text);
	return found;
}

static int start_shell(const struct scripts *s, char *const env[], int envdump_fd, int env_out, int messages, pid_t *pid,
		       struct dn_err *err)
{
	char *argv[MAX_SCRIPTS + 5] = { "sh", "-c", SHELL_TEXT, "sh" };
	struct dn_program shell = {
		.path = "/bin/sh", .argv = argv, .env = env, .nfds = 5, .die_with_parent = true, .group = true,
	};
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), rc;

	/* An image without the host's /dev may lack it; the scripts then read nothing from a closed pipe. */
	if (null < 0)
		null = fcntl(messages, F_DUPFD_CLOEXEC, 3);
	if (null < 0)
		return dn_fail_errno(err, DN_SETUP, errno, "cannot open /dev/null");
	memcpy(argv + 4, s->path, s->n * sizeof(s->path[0]));
	memcpy(shell.fds, (int[]){ null, messages, messages, envdump_fd, env_out }, 5 * sizeof(int));
	rc = dn_program_start(&shell, pid, err);
	close(null);
	if (rc)
		dn_fail(err, DN_IMAGE_BAD, "the image has environment scripts that cannot be run: %s", err->msg);
	return rc;
}

static int read_env(struct talk *t, struct dn_err *err)
{
	char part[65536], *bigger;
	ssize_t n = read(t->env_fd, part, sizeof(part));

	if (n <= 0)
		return n < 0 && errno == EAGAIN ? 1 : 0;
	if (t->env_len + (size_t)n > MAX_ENV)
		return dn_fail(err, DN_IMAGE_BAD, "the image's environment is larger than %u bytes; make its scripts set less",
			       MAX_ENV);
	bigger = realloc(t->env, t->env_len + (size_t)n);
	if (!bigger)
		return dn_fail(err, DN_INTERNAL, "out of memory for the image's environment");
	t->env = bigger;
	memcpy(t->env + t->env_len, part, (size_t)n);
	t->env_len += (size_t)n;
	return 1;
}

/* Passes messages on to our stderr and keeps the first line. 0 at the end. */
static int read_message(struct talk *t)
{
	char part[4096];
	ssize_t n = read(t->message_fd, part, sizeof(part)), i;
	size_t on;

	if (n <= 0)
		return n < 0 && errno == EAGAIN;
	on = t->passed_on + (size_t)n <= MAX_PASSED_ON ? (size_t)n : MAX_PASSED_ON - t->passed_on;
	t->passed_on += on;
	if (on && write(STDERR_FILENO, part, on) < 0)
		t->passed_on = MAX_PASSED_ON; /* nobody listens */
	for (i = 0; i < n && !t->line_ended; i++) {
		if (part[i] == '\n')
			t->line_ended = t->line_len > 0;
		else if (t->line_len < sizeof(t->line) - 1)
			t->line[t->line_len++] = part[i];
	}
	t->line[t->line_len] = 0;
	return 1;
}

/* Until the shell has ended; a process that it left behind may hold the pipes open for ever. */
static int listen_to(struct talk *t, int ended, unsigned timeout, struct dn_err *err)
{
	struct pollfd p[] = { { .fd = t->env_fd, .events = POLLIN },
			      { .fd = t->message_fd, .events = POLLIN },
			      { .fd = ended, .events = POLLIN } };
	long long deadline = dn_now_ms() + 1000LL * timeout;

	for (;;) {
		int n = poll(p, 3, dn_left_ms(deadline)), more;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return dn_fail_errno(err, DN_SETUP, errno, "cannot wait for the image's environment scripts");
		if (n == 0)
			return dn_fail(err, DN_IMAGE_BAD,
				       "the image's environment scripts did not end within %u seconds; look at " SCRIPT_DIR
				       " in the image",
				       timeout);
		if (p[0].revents) {
			more = read_env(t, err);
			if (more < 0)
				return -1;
			if (!more)
				p[0].fd = -1;
		}
		if (p[1].revents && !read_message(t))
			p[1].fd = -1;
		if (p[2].revents && !(p[0].revents & POLLIN) && !(p[1].revents & POLLIN))
			return 0;
	}
}

static bool named(const char *entry, const char *name)
{
	size_t len = strlen(name);

	return strncmp(entry, name, len) == 0 && entry[len] == '=';
}

/* Variables that a shell sets by itself: the caller's stay as they are. */
static bool shells_own(const char *entry)
{
	return named(entry, "_") || named(entry, "SHLVL") || named(entry, "PWD") || named(entry, "OLDPWD") ||
	       named(entry, LOOP_NAME);
}

static void count(const char *entry, size_t *n, size_t *bytes)
{
	(*n)++;
	*bytes += strlen(entry) + 1;
}

static void append(const char *entry, char **list, size_t *n, char **text)
{
	size_t size = strlen(entry) + 1;

	memcpy(*text, entry, size);
	list[(*n)++] = *text;
	*text += size;
}

/* One block: the pointers, then the text. */
static int to_list(const struct talk *t, char *const env[], char ***out, struct dn_err *err)
{
	const char *end = t->env + t->env_len, *e;
	size_t n = 0, bytes = 0, i;
	char *text;

	for (e = t->env; e < end; e += strlen(e) + 1)
		if (!shells_own(e))
			count(e, &n, &bytes);
	for (i = 0; env[i]; i++)
		if (shells_own(env[i]))
			count(env[i], &n, &bytes);
	*out = malloc((n + 1) * sizeof(char *) + bytes);
	if (!*out)
		return dn_fail(err, DN_INTERNAL, "out of memory for the image's environment");
	text = (char *)(*out + n + 1);
	n = 0;
	for (e = t->env; e < end; e += strlen(e) + 1)
		if (!shells_own(e))
			append(e, *out, &n, &text);
	for (i = 0; env[i]; i++)
		if (shells_own(env[i]))
			append(env[i], *out, &n, &text);
	(*out)[n] = NULL;
	return 0;
}

static int judge(const struct talk *t, int status, struct dn_err *err)
{
	const char *said = t->line_len ? t->line : "no message";

	if (WIFSIGNALED(status))
		return dn_fail(err, DN_IMAGE_BAD, "the image's environment scripts were ended by signal %d: %s",
			       WTERMSIG(status), said);
	if (WEXITSTATUS(status) || !t->env_len || t->env[t->env_len - 1])
		return dn_fail(err, DN_IMAGE_BAD,
			       "the image's environment scripts failed (exit status %d): %s; correct " SCRIPT_DIR
			       " in the image",
			       WEXITSTATUS(status), said);
	return 0;
}

static int hear_shell(pid_t pid, struct talk *t, unsigned timeout, struct dn_err *err)
{
	int ended = (int)syscall(SYS_pidfd_open, pid, 0), status, rc;
	struct dn_err late;

	if (ended < 0)
		rc = dn_fail_errno(err, DN_SETUP, errno, "cannot watch the image's shell");
	else
		rc = listen_to(t, ended, timeout, err);
	if (dn_program_end(pid, true, 0, &status, &late) && !rc)
		rc = dn_fail(err, DN_SETUP, "%s", late.msg);
	if (ended >= 0)
		close(ended);
	return rc ? rc : judge(t, status, err);
}

static int evaluate(const struct scripts *s, char *const env[], unsigned timeout, int envdump_fd, char ***out,
		    struct dn_err *err)
{
	int env_pipe[2] = { -1, -1 }, message_pipe[2] = { -1, -1 }, rc = -1;
	struct talk t = { 0 };
	pid_t pid;

	if (pipe2(env_pipe, O_CLOEXEC) || pipe2(message_pipe, O_CLOEXEC)) {
		dn_fail_errno(err, DN_SETUP, errno, "cannot make a pipe");
		goto out;
	}
	if (start_shell(s, env, envdump_fd, env_pipe[1], message_pipe[1], &pid, err))
		goto out;
	close(env_pipe[1]);
	close(message_pipe[1]);
	env_pipe[1] = message_pipe[1] = -1;
	t.env_fd = env_pipe[0];
	t.message_fd = message_pipe[0];
	rc = hear_shell(pid, &t, timeout, err);
	if (rc == 0)
		rc = to_list(&t, env, out, err);
out:
	free(t.env);
	if (env_pipe[0] >= 0)
		close(env_pipe[0]);
	if (env_pipe[1] >= 0)
		close(env_pipe[1]);
	if (message_pipe[0] >= 0)
		close(message_pipe[0]);
	if (message_pipe[1] >= 0)
		close(message_pipe[1]);
	return rc;
}

int dn_image_environment(char *const env[], unsigned timeout, int envdump_fd, char ***out, struct dn_err *err)
{
	struct sigaction wait_for_children = { .sa_handler = SIG_DFL }, before;
	struct scripts s;
	int rc;

	*out = NULL;
	if (find_scripts(&s, err))
		return -1;
	if (s.n == 0)
		return 0;
	if (access("/proc/self/fd", X_OK) || sigaction(SIGCHLD, &wait_for_children, &before)) {
		scripts_free(&s);
		return dn_fail_errno(err, DN_SETUP, errno,
				     "the image's environment scripts need /proc in the container; let the site's view show it");
	}
	rc = evaluate(&s, env, timeout, envdump_fd, out, err);
	(void)sigaction(SIGCHLD, &before, NULL);
	scripts_free(&s);
	return rc;
}
