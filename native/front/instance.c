#include "instance.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "program.h"
#include "share.h"

#define STARTSCRIPT "/.singularity.d/startscript"
#define SCHEME "instance://"
#define STOP_MS 10000

const char *dn_instance_name(const char *image)
{
	return strncmp(image, SCHEME, strlen(SCHEME)) ? NULL : image + strlen(SCHEME);
}

char *dn_instance_key(const char *name)
{
	return dn_text("instance/%s", name);
}

static int check_name(const char *name, struct dn_err *err)
{
	size_t len = strlen(name);

	if (len && len <= 40 &&
	    strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") == len)
		return 0;
	return dn_fail(err, DN_REQUEST, "instance: the name '%.60s' must be 1 to 40 letters, digits, '.', '_' or '-'", name);
}

/* What is said from here on goes to the log; the container may hide it, the descriptor stays. */
static int open_log(const char *home, const char *name, struct dn_err *err)
{
	char *dir = dn_text("%s/.dunnage", home), *logs = dn_text("%s/instances", dir), *path;
	int fd;

	(void)mkdir(dir, 0700);
	(void)mkdir(logs, 0700);
	path = dn_text("%s/%s.log", logs, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		dn_fail_errno(err, DN_SETUP, errno, "instance: cannot write the log %s", path);
	free(dir);
	free(logs);
	free(path);
	return fd;
}

static void ended(int signal)
{
	(void)signal;
}

/* The instance's first process: lives until it is told to stop, whatever becomes of the startscript. */
static void wait_for_stop(char **argv, char **env)
{
	struct sigaction act = { .sa_handler = ended };
	sigset_t wanted;
	int got;

	(void)sigemptyset(&wanted);
	(void)sigaddset(&wanted, SIGTERM);
	(void)sigaddset(&wanted, SIGINT);
	(void)sigaddset(&wanted, SIGCHLD);
	(void)sigaction(SIGCHLD, &act, NULL);
	(void)sigprocmask(SIG_BLOCK, &wanted, NULL);
	if (access(STARTSCRIPT, X_OK) == 0 && fork() == 0) {
		(void)sigprocmask(SIG_UNBLOCK, &wanted, NULL);
		(void)execve(STARTSCRIPT, argv, env);
		_exit(127);
	}
	while (sigwait(&wanted, &got) == 0 && got == SIGCHLD)
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
	(void)signal(SIGTERM, SIG_IGN);
	(void)kill(0, SIGTERM);
	_exit(0);
}

/* In the child: everything but the words to the starter goes to the log. */
static void become_instance(struct dn_wishes *w, const char *name, int log, int words)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC), status = 0;
	struct dn_err err = { 0 };
	char **env = NULL;

	if (setsid() < 0 || null < 0 || dup2(null, 0) < 0)
		_exit(9);
	if (dn_enter_instance(w, dn_instance_key(name), &env, &status, &err)) {
		dprintf(words, "%d %s", status ? status : dn_exit_status(err.code), err.msg);
		_exit(1);
	}
	if (dup2(log, 1) < 0 || dup2(log, 2) < 0)
		_exit(9);
	(void)prctl(PR_SET_NAME, "dunnage-inst", 0, 0, 0);
	dprintf(words, "ok");
	close(words);
	w->argv[0] = (char *)(uintptr_t)STARTSCRIPT;
	wait_for_stop(w->argv, env);
}

/* The child's words: "ok", or an exit status and a message. */
static int hear(int words, const char *name, int *status, struct dn_err *err)
{
	char text[4096];
	ssize_t n, used = 0;
	char *message;

	while ((n = read(words, text + used, sizeof(text) - 1 - (size_t)used)) > 0)
		used += n;
	text[used] = 0;
	if (strcmp(text, "ok") == 0) {
		printf("instance %s started\n", name);
		return 0;
	}
	*status = (int)strtol(text, &message, 10);
	if (!*status)
		return dn_fail(err, DN_SETUP, "instance %s did not start", name);
	return dn_fail(err, DN_SETUP, "%s", message + strspn(message, " "));
}

static int start(int argc, char **argv, int *status, struct dn_err *err)
{
	struct dn_wishes w;
	struct dn_identity who;
	int words[2], log, rc = dn_wishes_read(argc, argv, &w, err);
	pid_t pid;

	if (rc)
		return rc > 0 ? 0 : -1;
	if (!w.argv[0])
		return dn_fail(err, DN_REQUEST, "instance: no name; write: dunnage instance start IMAGE NAME");
	if (check_name(w.argv[0], err))
		return -1;
	if (dn_share_holder(dn_instance_key(w.argv[0])) > 0)
		return dn_fail(err, DN_REQUEST, "instance %s runs already; stop it first: dunnage instance stop %s", w.argv[0],
			       w.argv[0]);
	if (dn_caller(&who, err))
		return -1;
	log = open_log(who.home, w.argv[0], err);
	if (log < 0)
		return -1;
	if (pipe2(words, O_CLOEXEC))
		return dn_fail_errno(err, DN_INTERNAL, errno, "cannot make a pipe");
	(void)fflush(stdout);
	pid = fork();
	if (pid == 0) {
		close(words[0]);
		become_instance(&w, w.argv[0], log, words[1]);
	}
	close(words[1]);
	close(log);
	if (pid < 0)
		return dn_fail_errno(err, DN_SETUP, errno, "cannot start a process");
	return hear(words[0], w.argv[0], status, err);
}

/* All meeting places of this user's instances are names of abstract sockets. */
static int each(const char *only, int (*act)(const char *name, pid_t pid))
{
	FILE *sockets = fopen("/proc/net/unix", "re");
	char line[512], prefix[64], *at;
	struct dn_list seen = { NULL, 0 };
	int n = 0;
	size_t i;

	(void)snprintf(prefix, sizeof(prefix), "@dunnage/%u/instance/", getuid());
	while (sockets && fgets(line, sizeof(line), sockets)) {
		at = strstr(line, prefix);
		if (!at)
			continue;
		at += strlen(prefix);
		at[strcspn(at, "\n")] = 0;
		for (i = 0; i < seen.n && strcmp(seen.v[i], at); i++)
			;
		if (i == seen.n && (!only || strcmp(only, at) == 0))
			dn_list_add(&seen, dn_text("%s", at));
	}
	if (sockets)
		fclose(sockets);
	for (i = 0; i < seen.n; i++) {
		pid_t pid = dn_share_holder(dn_instance_key(seen.v[i]));

		if (pid > 0)
			n += act(seen.v[i], pid);
	}
	return n;
}

static int show(const char *name, pid_t pid)
{
	printf("%-24s %d\n", name, (int)pid);
	return 1;
}

/* A name has no character that JSON would quote: see check_name. */
static int show_json(const char *name, pid_t pid)
{
	printf("{\"name\":\"%s\",\"pid\":%d}\n", name, (int)pid);
	return 1;
}

static bool runs(const char *name)
{
	return dn_share_holder(dn_instance_key(name)) > 0;
}

static int stop_one(const char *name, pid_t pid)
{
	long long deadline = dn_now_ms() + STOP_MS;
	int i;

	if (kill(pid, SIGTERM))
		return 0;
	while (kill(pid, 0) == 0 && dn_left_ms(deadline) > 0)
		(void)usleep(10000);
	if (kill(pid, 0) == 0)
		(void)kill(-pid, SIGKILL);
	/* The keeper notices a moment later than we do. */
	for (i = 0; i < 50 && runs(name); i++)
		(void)usleep(10000);
	printf("instance %s stopped%s\n", name, runs(name) ? "; programs that were started in it still run" : "");
	return 1;
}

int dn_instance(int argc, char **argv, int *status, struct dn_err *err)
{
	const char *verb = argc > 1 ? argv[1] : "";

	*status = 0;
	if (strcmp(verb, "start") == 0)
		return start(argc - 1, argv + 1, status, err);
	if (strcmp(verb, "list") == 0) {
		bool json = argc > 2 && strcmp(argv[2], "--json") == 0;
		const char *only = argc > 2 + json ? argv[2 + json] : NULL;

		if (argc > 3 + json || (only && *only == '-'))
			return dn_fail(err, DN_REQUEST, "instance: write 'list [--json] [NAME]'");
		if (!json)
			printf("%-24s %s\n", "NAME", "PID");
		(void)each(only, json ? show_json : show);
		return 0;
	}
	if (strcmp(verb, "stop") == 0 && argc == 3) {
		bool all = strcmp(argv[2], "--all") == 0 || strcmp(argv[2], "-a") == 0;

		if (each(all ? NULL : argv[2], stop_one) || all)
			return 0;
		return dn_fail(err, DN_REQUEST, "instance: none is named '%s'; dunnage instance list shows yours", argv[2]);
	}
	return dn_fail(err, DN_REQUEST,
		       "instance: write 'start [OPTION...] IMAGE NAME [ARGUMENT...]', 'list [--json] [NAME]' or 'stop NAME|--all'");
}
