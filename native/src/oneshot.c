/* Starts the one-shot launcher: a JVM of the agent's account that sees the image, one socket and nothing else. */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "dunnage/site.h"
#include "exchange.h"
#include "program.h"

#define MAIN_CLASS "dev.dunnage.launcher.oneshot.OneShot"
#define EXIT_MS 5000 /* from the answer to the end of the process */

/* Options and class path are those that the shared archive was made with. */
struct command {
	char *boot, *class_path, *archive; /* the last is empty when none was made */
	char *argv[32]; /* room for all words of make_command */
};

static void command_free(struct command *c)
{
	free(c->boot);
	free(c->class_path);
	free(c->archive);
}

/* What make-archive has left: an AOT cache of Java 25 and later, else a class-data archive. NULL: out of memory. */
static char *find_archive(const struct dn_site *site)
{
	static const struct {
		const char *option, *file;
	} kinds[] = { { "AOTCache", "oneshot.aot" }, { "SharedArchiveFile", "oneshot.jsa" } };
	char *word;
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (asprintf(&word, "-XX:%s=%s/lib/dunnage/%s", kinds[i].option, site->prefix, kinds[i].file) < 0)
			return NULL;
		if (access(strchr(word, '=') + 1, F_OK) == 0)
			return word;
		free(word);
	}
	return strdup("");
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* All jars once more in front: classes of the JVM's own loader come out of the archive without a line of Java, a third of the start.
 * In the order of make-archive. Empty: there are none, and the JVM will say so. NULL: out of memory. */
static char *find_jars(const struct dn_site *site)
{
	char *pattern = NULL, *word = NULL;
	glob_t jars = { 0 };
	size_t i, size;
	FILE *out;

	if (asprintf(&pattern, "%s/lib/java/*.jar", site->prefix) < 0)
		return NULL;
	if (glob(pattern, GLOB_NOSORT, NULL, &jars)) {
		word = strdup("");
		goto out;
	}
	qsort(jars.gl_pathv, jars.gl_pathc, sizeof(char *), by_name);
	out = open_memstream(&word, &size);
	if (!out)
		goto out;
	(void)fputs("-Xbootclasspath/a", out);
	for (i = 0; i < jars.gl_pathc; i++)
		(void)fprintf(out, ":%s", jars.gl_pathv[i]);
	if (fclose(out)) {
		free(word);
		word = NULL;
	}
out:
	globfree(&jars);
	free(pattern);
	return word;
}

static int make_command(const struct dn_site *site, struct command *c, struct dn_err *err)
{
	size_t n = 0;

	*c = (struct command){ 0 };
	if (asprintf(&c->class_path, "%s/lib/java/*", site->prefix) < 0)
		c->class_path = NULL;
	c->archive = find_archive(site);
	c->boot = find_jars(site);
	if (!c->class_path || !c->archive || !c->boot) {
		command_free(c);
		return dn_fail(err, DN_INTERNAL, "out of memory for a command line");
	}
	c->argv[n++] = site->java;
	c->argv[n++] = "-XX:+UseSerialGC";
	c->argv[n++] = "-XX:-UsePerfData";
	/* Descriptor 1 carries the answer: a JVM that cannot use the archive would say so there. */
	c->argv[n++] = "-XX:+DisplayVMOutputToStderr";
	c->argv[n++] = "-Xlog:disable";
	c->argv[n++] = "-Xlog:all=error:stderr";
	/* At the addresses that the archives were made for: else each start corrects every pointer in them, and has all pages of its own. */
	c->argv[n++] = "-XX:+IgnoreUnrecognizedVMOptions";
	c->argv[n++] = "-XX:+UnlockDiagnosticVMOptions";
	c->argv[n++] = "-XX:ArchiveRelocationMode=0";
	c->argv[n++] = "-Xmx256m";
	/* A start is short: compiling what runs but a little costs more than it brings. Loops that hash are compiled as early as ever. */
	c->argv[n++] = "-XX:Tier3InvocationThreshold=2000";
	c->argv[n++] = "-XX:Tier3MinInvocationThreshold=1000";
	c->argv[n++] = "-XX:Tier3CompileThreshold=4000";
	c->argv[n++] = "-XX:Tier4InvocationThreshold=50000";
	c->argv[n++] = "-XX:Tier4MinInvocationThreshold=30000";
	c->argv[n++] = "-XX:Tier4CompileThreshold=90000";
	/* The ring's keys are the site's own: no primality test of each RSA modulus at each start (a third of the time). */
	c->argv[n++] = "-Dorg.bouncycastle.rsa.max_mr_tests=0";
	if (*c->archive)
		c->argv[n++] = c->archive;
	if (*c->boot)
		c->argv[n++] = c->boot;
	c->argv[n++] = "-cp";
	c->argv[n++] = c->class_path;
	c->argv[n++] = MAIN_CLASS;
	c->argv[n++] = "--policy";
	c->argv[n++] = site->policy;
	c->argv[n++] = "--store";
	c->argv[n++] = site->store;
	return 0;
}

static int start(const struct dn_site *site, bool own, int image_fd, int sock, int messages, pid_t *pid, struct dn_err *err)
{
	char *const env[] = { "PATH=/usr/bin:/bin", "LANG=C.UTF-8", "HOME=/nonexistent", NULL };
	struct dn_program java = {
		.path = site->java, .env = env, .fds = { image_fd, sock, messages }, .nfds = 3, .change_ids = !own,
		.uid = site->agent_uid, .gid = site->agent_gid, .tidy = true, .die_with_parent = true,
	};
	struct command c;
	int rc;

	if (!own && site->agent_uid == 0)
		return dn_fail(err, DN_CONFIG,
			       "the one-shot launcher never runs as root; name an unprivileged account with agent_user= in "
			       "plugstack.conf");
	if (make_command(site, &c, err))
		return -1;
	java.argv = c.argv;
	rc = dn_program_start(&java, pid, err);
	command_free(&c);
	if (rc)
		dn_fail(err, DN_UNAVAILABLE, "%s; install a Java 17 runtime or name one with %s", err->msg,
			own ? "DUNNAGE_JAVA" : "java= in plugstack.conf");
	return rc;
}

/* The first line that is more than a warning, else the first. Empty: nothing was said. */
static void first_line(int messages, char *line, size_t size)
{
	char text[8192], *next = text, *one;
	ssize_t n = pread(messages, text, sizeof(text) - 1, 0);

	line[0] = 0;
	text[n > 0 ? n : 0] = 0;
	while ((one = strsep(&next, "\n"))) {
		/* An archive of another Java is passed over. */
		if (!*one || strstr(one, "][cds") || strstr(one, "][aot"))
			continue;
		if (!*line || !strstr(one, "[warning]"))
			(void)snprintf(line, size, "%s", one);
		if (!strstr(one, "[warning]"))
			return;
	}
}

static int no_answer(const struct dn_site *site, int messages, int status, struct dn_err *err)
{
	char line[512], how[64];

	first_line(messages, line, sizeof(line));
	if (WIFSIGNALED(status))
		(void)snprintf(how, sizeof(how), "ended by signal %d", WTERMSIG(status));
	else
		(void)snprintf(how, sizeof(how), "exit status %d", WEXITSTATUS(status));
	return dn_fail(err, DN_UNAVAILABLE,
		       "the one-shot launcher gave no answer (%s): %s; check %s and the installation beneath %s", how,
		       *line ? line : "it said nothing", site->java, site->prefix);
}

/* What the process said although it answered: the user should see it, not the void. */
static int add_notice(int messages, struct dn_reply *reply, struct dn_err *err)
{
	char line[512], *notice, **v;

	first_line(messages, line, sizeof(line));
	if (!*line || reply->kind != DN_KIND_PLAN)
		return 0;
	v = realloc(reply->u.plan.notices.v, (reply->u.plan.notices.n + 1) * sizeof(*v));
	if (!v)
		return dn_fail(err, DN_INTERNAL, "out of memory for a notice");
	reply->u.plan.notices.v = v;
	if (asprintf(&notice, "one-shot launcher: %s", line) < 0)
		return dn_fail(err, DN_INTERNAL, "out of memory for a notice");
	v[reply->u.plan.notices.n++] = notice;
	return 0;
}

static int converse(const struct dn_site *site, const uint8_t *frame, size_t len, pid_t pid, int sock, int messages,
		    long long deadline_ms, struct dn_reply *reply, struct dn_err *err)
{
	enum dn_exchange rc = dn_exchange(sock, frame, len, -1, deadline_ms, reply, err);
	long long end = dn_now_ms() + (rc == DN_EXCHANGE_FAILED ? 0 : EXIT_MS);
	struct dn_err late;
	char line[512];
	int status;

	if (dn_program_end(pid, false, end, &status, &late)) {
		if (rc == DN_EXCHANGE_DONE)
			dn_reply_free(reply);
		return dn_fail(err, DN_UNAVAILABLE, "%s", late.msg);
	}
	if (rc == DN_EXCHANGE_GONE)
		return no_answer(site, messages, status, err);
	if (rc == DN_EXCHANGE_FAILED) {
		first_line(messages, line, sizeof(line));
		return dn_fail(err, err->code, "the one-shot launcher: %s%s%s", err->msg, *line ? "; it said: " : "", line);
	}
	if (add_notice(messages, reply, err)) {
		dn_reply_free(reply);
		return -1;
	}
	return 0;
}

int dn_ask_oneshot(const struct dn_site *site, bool own, const uint8_t *frame, size_t len, int image_fd,
		   long long deadline_ms, struct dn_reply *reply, struct dn_err *err)
{
	int pair[2] = { -1, -1 }, messages = memfd_create("dunnage-oneshot", MFD_CLOEXEC), rc = -1;
	pid_t pid;

	if (messages < 0)
		return dn_fail_errno(err, DN_INTERNAL, errno, "cannot make a buffer for messages");
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair)) {
		dn_fail_errno(err, DN_INTERNAL, errno, "cannot make a socketpair");
		goto out;
	}
	if (start(site, own, image_fd, pair[1], messages, &pid, err))
		goto out;
	/* Its copy alone stays open: when the process dies, we read the end at once. */
	close(pair[1]);
	pair[1] = -1;
	rc = converse(site, frame, len, pid, pair[0], messages, deadline_ms, reply, err);
out:
	if (pair[0] >= 0)
		close(pair[0]);
	if (pair[1] >= 0)
		close(pair[1]);
	close(messages);
	return rc;
}
