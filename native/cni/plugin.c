#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cni.h"
#include "program.h"
#include "tree.h"

#define LARGEST 1048576u
#define VARIABLES 8

/* What a plugin hears and says. */
struct talk {
	int in, out, messages;
};

static void close_talk(struct talk *t)
{
	const int fds[] = { t->in, t->out, t->messages };

	for (size_t i = 0; i < 3; i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

static int open_talk(struct talk *t, struct json_object *config, struct dn_err *err)
{
	const char *text = json_object_to_json_string_ext(config, JSON_C_TO_STRING_PLAIN);
	ssize_t len = text ? (ssize_t)strlen(text) : -1;

	t->in = memfd_create("dunnage-network-config", MFD_CLOEXEC);
	t->out = memfd_create("dunnage-network-result", MFD_CLOEXEC);
	t->messages = memfd_create("dunnage-network-messages", MFD_CLOEXEC);
	if (t->in >= 0 && t->out >= 0 && t->messages >= 0 && len >= 0 && write(t->in, text, (size_t)len) == len && lseek(t->in, 0, SEEK_SET) == 0)
		return 0;
	return dn_fail_errno(err, DN_SETUP, errno, "cannot prepare what a plugin is told");
}

/* What it said so far; NULL when that is too much. */
static char *said(int fd, size_t *len)
{
	char *text = NULL;

	if (lseek(fd, 0, SEEK_SET) || dn_read_file(fd, LARGEST, &text, len))
		return NULL;
	return text;
}

static int find(const struct dn_cni *c, const char *type, char path[PATH_MAX], struct dn_err *err)
{
	struct stat st;

	if (snprintf(path, PATH_MAX, "%s/%s", c->directory, type) >= PATH_MAX)
		return dn_fail(err, DN_CONFIG, "the path of plugin %s is too long", type);
	if (stat(path, &st))
		return dn_fail_errno(err, DN_CONFIG, errno,
				     "network '%s': plugin %s cannot be used; install it (Debian: containernetworking-plugins), or say where it is "
				     "with network_plugins= in plugstack.conf",
				     c->network, path);
	if (S_ISREG(st.st_mode) && st.st_uid == geteuid() && !(st.st_mode & (S_IWGRP | S_IWOTH)))
		return 0;
	return dn_fail(err, DN_CONFIG, "network '%s': plugin %s must belong to root and be writable for root alone", c->network, path);
}

static int start(const struct dn_cni *c, const char *command, const char *type, const struct talk *t, pid_t *pid, struct dn_err *err)
{
	char path[PATH_MAX], *env[VARIABLES + 1] = { NULL }, *argv[] = { path, NULL };
	const char *const values[][2] = {
		{ "CNI_COMMAND", command },	 { "CNI_CONTAINERID", c->id }, { "CNI_NETNS", c->netns },
		{ "CNI_IFNAME", c->interface },	 { "CNI_PATH", c->directory }, { "CNI_ARGS", "IgnoreUnknown=1" },
		{ "PATH", "/usr/sbin:/usr/bin:/sbin:/bin" }, { "LANG", "C" },
	};
	struct dn_program p = { .path = path, .argv = argv, .env = env, .fds = { t->in, t->out, t->messages, c->lock }, .nfds = 4,
				.tidy = true, .die_with_parent = true };
	int rc = find(c, type, path, err);

	_Static_assert(sizeof(values) / sizeof(values[0]) == VARIABLES, "room for all variables");
	for (size_t i = 0; rc == 0 && i < VARIABLES; i++)
		if (asprintf(&env[i], "%s=%s", values[i][0], values[i][1]) < 0) {
			env[i] = NULL;
			rc = dn_fail(err, DN_INTERNAL, "out of memory");
		}
	if (rc == 0)
		rc = dn_program_start(&p, pid, err);
	for (size_t i = 0; i < VARIABLES; i++)
		free(env[i]);
	return rc;
}

/* The protocol's error on the standard output, or whatever the program said last. */
static int tell_failure(const struct dn_cni *c, const char *command, const char *type, const struct talk *t, struct dn_err *err)
{
	size_t len = 0, messages_len = 0;
	char *text = said(t->out, &len), *messages = said(t->messages, &messages_len), *last;
	struct dn_err ignored;
	struct json_object *object = text ? dn_json_object(text, len, type, &ignored) : NULL;
	const char *msg = object ? dn_json_text(object, "msg") : NULL, *details = object ? dn_json_text(object, "details") : NULL;

	while (messages_len > 0 && messages[messages_len - 1] == '\n')
		messages[--messages_len] = '\0';
	last = messages ? strrchr(messages, '\n') : NULL;
	last = last ? last + 1 : messages;
	dn_fail(err, DN_SETUP, "network '%s': plugin %s failed (%s): %.2000s%s%.1000s", c->network, type, command,
		msg && *msg ? msg : last && *last ? last : "it did not say why", msg && details && *details ? ": " : "",
		msg && details ? details : "");
	json_object_put(object);
	free(text);
	free(messages);
	return -1;
}

static int take_result(const struct dn_cni *c, const char *type, const struct talk *t, struct json_object **result, struct dn_err *err)
{
	struct dn_err why = { 0 };
	size_t len = 0;
	char *text = said(t->out, &len);

	*result = text ? dn_json_object(text, len, "what it answered", &why) : NULL;
	free(text);
	return *result ? 0 : dn_fail(err, DN_SETUP, "network '%s': plugin %s: %s", c->network, type, *why.msg ? why.msg : "it answered too much");
}

int dn_cni_run(const struct dn_cni *c, const char *command, struct json_object *config, struct json_object **result, struct dn_err *err)
{
	const char *type = dn_json_text(config, "type");
	long long deadline = dn_now_ms() + 1000ll * c->seconds;
	struct talk t = { -1, -1, -1 };
	int status = 0, rc = -1;
	pid_t pid;

	if (open_talk(&t, config, err) || start(c, command, type, &t, &pid, err) || dn_program_end(pid, false, deadline, &status, err))
		goto out;
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL && dn_left_ms(deadline) == 0)
		dn_fail(err, DN_SETUP, "network '%s': plugin %s did not end within %u seconds (%s) and was ended; raise network_timeout= in "
				       "plugstack.conf if it needs longer",
			c->network, type, c->seconds, command);
	else if (WIFSIGNALED(status))
		dn_fail(err, DN_SETUP, "network '%s': plugin %s was ended by signal %d (%s)", c->network, type, WTERMSIG(status), command);
	else if (WEXITSTATUS(status) != 0)
		tell_failure(c, command, type, &t, err);
	else
		rc = result ? take_result(c, type, &t, result, err) : 0;
out:
	close_talk(&t);
	return rc;
}

int dn_cni_add(const struct dn_cni *c, struct json_object *list, struct json_object *mappings, struct json_object **result, struct dn_err *err)
{
	struct json_object *previous = NULL;

	for (size_t i = 0; i < dn_conflist_plugins(list); i++) {
		struct json_object *config = dn_conflist_plugin(list, i, previous, mappings), *now = NULL;
		int rc = dn_cni_run(c, "ADD", config, &now, err);

		json_object_put(config);
		json_object_put(previous);
		if (rc)
			return -1;
		previous = now;
	}
	*result = previous;
	return 0;
}

int dn_cni_del(const struct dn_cni *c, struct json_object *list, struct json_object *mappings, struct json_object *result, struct dn_err *err)
{
	struct dn_err later = { 0 };
	int rc = 0;

	for (size_t i = dn_conflist_plugins(list); i-- > 0;) {
		struct json_object *config = dn_conflist_plugin(list, i, result, mappings);

		if (dn_cni_run(c, "DEL", config, NULL, rc ? &later : err))
			rc = -1;
		json_object_put(config);
	}
	return rc;
}
