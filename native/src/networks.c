#include "dunnage/networks.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "dunnage/leftovers.h"
#include "network.h"
#include "program.h"
#include "tree.h"

#define PROGRAM "/libexec/dunnage/dunnage-network"
#define LARGEST 65536u
#define DOWN_SECONDS 3600 /* each plugin has a time limit of its own */
#define NAME_SIZE 24

static char *const clean[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C", NULL };

/* The program's first words, its answer, and how it ended. out, extra: -1: none. */
static int run(const char *prefix, char *const argv[], const int *extra, size_t nextra, int out, unsigned seconds, struct dn_err *err)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), messages = memfd_create("dunnage-network", MFD_CLOEXEC), status = 0, rc = -1;
	struct dn_program p = { .argv = argv, .env = clean, .fds = { null, out >= 0 ? out : null, messages }, .nfds = 3 + nextra, .tidy = true,
				.die_with_parent = nextra > 0, .deaf = nextra == 0, .group = true };
	char path[PATH_MAX], text[sizeof(err->msg)];
	ssize_t n;
	pid_t pid;

	for (size_t i = 0; i < nextra; i++)
		p.fds[3 + i] = extra[i];
	p.path = path;
	if (null < 0 || messages < 0 || snprintf(path, sizeof(path), "%s" PROGRAM, prefix) >= (int)sizeof(path)) {
		dn_fail_errno(err, DN_SETUP, errno, "cannot prepare the start of dunnage-network");
		goto out;
	}
	/* with all that plugins have started: whoever of them lives on would keep the record's lock */
	if (dn_program_start(&p, &pid, err) || dn_program_end(pid, true, dn_now_ms() + 1000ll * seconds, &status, err))
		goto out;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
		rc = 0;
		goto out;
	}
	n = pread(messages, text, sizeof(text) - 1, 0);
	text[n > 0 ? n : 0] = '\0';
	text[strcspn(text, "\n")] = '\0';
	if (WIFEXITED(status) && *text)
		dn_fail(err, WEXITSTATUS(status) <= DN_INTERNAL ? (enum dn_code)WEXITSTATUS(status) : DN_SETUP, "%s", text);
	else
		dn_fail(err, DN_SETUP, "the program that joins the step to its networks was ended by signal %d", WIFSIGNALED(status) ? WTERMSIG(status) : 0);
out:
	if (null >= 0)
		close(null);
	if (messages >= 0)
		close(messages);
	return rc;
}

static void name_of(uint32_t job, uint32_t step, char name[NAME_SIZE])
{
	(void)snprintf(name, NAME_SIZE, "%" PRIu32 ".%" PRIu32, job, step);
}

/* Words with commas between, each behind a prefix. */
static char *joined(const struct dn_strings *words, const char *before)
{
	char *text = NULL;
	size_t len = 0, i;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return NULL;
	for (i = 0; i < words->n; i++)
		fprintf(out, "%s%s%s", i ? "," : "", before, words->v[i]);
	return fclose(out) == 0 ? text : NULL;
}

/* Slurm's parent of all tasks is in the namespaces of the node; a task may have a private /tmp. */
static int open_of_parent(const char *kind, struct dn_err *err)
{
	char path[64];
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/%d/ns/%s", (int)getppid(), kind);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		dn_fail_errno(err, DN_SETUP, errno, "cannot open %s", path);
	return fd;
}

static int site_directory(const struct dn_site *site, char path[PATH_MAX], struct dn_err *err)
{
	const char *slash = strrchr(site->policy, '/');

	if (slash && snprintf(path, PATH_MAX, "%.*s/networks", (int)(slash - site->policy), site->policy) < PATH_MAX)
		return 0;
	return dn_fail(err, DN_CONFIG, "the path of the policy is too long");
}

/* Whoever is in the namespace shares it with nobody else: there a small port number says nothing. */
static int open_small_ports(struct dn_err *err)
{
	int fd = open("/proc/sys/net/ipv4/ip_unprivileged_port_start", O_WRONLY | O_CLOEXEC), rc = 0;

	if (fd < 0 || write(fd, "0", 1) != 1)
		rc = dn_fail_errno(err, DN_SETUP, errno, "cannot open the small port numbers of the step's network");
	if (fd >= 0)
		close(fd);
	return rc;
}

int dn_networks_up(const struct dn_build *b, int net, char **resolver, size_t *len, struct dn_err *err)
{
	char name[NAME_SIZE], seconds[16], site[PATH_MAX], *names = joined(&b->plan->networks, ""), *ports = joined(&b->plan->ports, "portmap=");
	int out = memfd_create("dunnage-resolver", MFD_CLOEXEC), fds[3] = { net, -1, -1 }, rc = -1;

	*resolver = NULL;
	if (!b->network_step || !b->site->network_plugins) {
		dn_fail(err, DN_INTERNAL, "only a step of Slurm can be joined to networks of the site");
		goto out;
	}
	if (open_small_ports(err))
		goto out;
	fds[1] = open_of_parent("mnt", err);
	fds[2] = fds[1] < 0 ? -1 : open_of_parent("net", err);
	if (fds[2] < 0 || site_directory(b->site, site, err))
		goto out;
	if (!names || !ports || out < 0) {
		dn_fail(err, DN_INTERNAL, "out of memory");
		goto out;
	}
	name_of(b->network_step->job, b->network_step->step, name);
	(void)snprintf(seconds, sizeof(seconds), "%u", b->site->network_timeout);
	{
		char *argv[] = { "dunnage-network", "up", name, (char *)(uintptr_t)b->network_step->node, site, b->site->network_plugins, seconds, names,
				 *ports ? ports : NULL, NULL };

		rc = run(b->site->prefix, argv, fds, 3, out, DOWN_SECONDS, err);
	}
	if (rc == 0 && (lseek(out, 0, SEEK_SET) || dn_read_file(out, LARGEST, resolver, len)))
		rc = dn_fail_errno(err, DN_SETUP, errno, "cannot read the names of the network's servers");
out:
	for (size_t i = 1; i < 3; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	if (out >= 0)
		close(out);
	free(names);
	free(ports);
	return rc;
}

static bool has_record(const char *name)
{
	char path[sizeof(DN_NETWORK_RECORDS) + 1 + NAME_SIZE];

	(void)snprintf(path, sizeof(path), DN_NETWORK_RECORDS "/%s", name);
	return access(path, F_OK) == 0;
}

static int undo(const char *prefix, char *name, struct dn_err *err)
{
	char *argv[] = { "dunnage-network", "down", name, NULL };

	return has_record(name) ? run(prefix, argv, NULL, 0, -1, DOWN_SECONDS, err) : 0;
}

int dn_networks_down(const char *prefix, uint32_t job, uint32_t step, struct dn_err *err)
{
	char name[NAME_SIZE];

	name_of(job, step, name);
	return undo(prefix, name, err);
}

/* JOB.STEP */
static bool is_record(const char *name, uint32_t *job)
{
	size_t n = strspn(name, "0123456789"), m = name[n] == '.' ? strspn(name + n + 1, "0123456789") : 0;

	*job = (uint32_t)strtoul(name, NULL, 10);
	return n > 0 && n <= 10 && m > 0 && m <= 10 && name[n + 1 + m] == '\0';
}

void dn_leftovers_networks(const struct dn_sweep *sweep, const char *prefix)
{
	DIR *d = opendir(DN_NETWORK_RECORDS);
	struct dirent *e;
	struct dn_err err;
	struct stat st;
	uint32_t job;

	if (!d)
		return;
	while ((e = readdir(d))) {
		if (!is_record(e->d_name, &job) || sweep->living(job, sweep->context) || fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) ||
		    (sweep->since && st.st_mtime >= sweep->since))
			continue;
		if (!sweep->dry_run && undo(prefix, e->d_name, &err)) {
			if (sweep->failed)
				sweep->failed("networks of step", e->d_name, err.msg);
		} else if (sweep->removed) {
			sweep->removed("networks of step", e->d_name);
		}
	}
	closedir(d);
}
