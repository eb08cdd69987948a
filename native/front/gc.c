/* Living jobs are those that Slurm knows and those that have a slurmstepd here. When Slurm does not answer, what only it can tell stays. */
#include "gc.h"

#include <ctype.h>
#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dunnage/leftovers.h"
#include "front.h"
#include "output.h"

#define RECORDS "/run/dunnage-jobs"
#define SOCKET "/run/dunnage/agent.sock"
#define STORE "/var/cache/dunnage/images"

struct jobs {
	uint32_t *v;
	size_t n, room;
	bool complete; /* Slurm has told its jobs */
};

static unsigned removals;
static bool only_told;

static int add(struct jobs *jobs, unsigned long id)
{
	if (jobs->n == jobs->room) {
		size_t room = jobs->room ? 2 * jobs->room : 64;
		uint32_t *more = reallocarray(jobs->v, room, sizeof(*more));

		if (!more)
			return -1;
		jobs->v = more;
		jobs->room = room;
	}
	jobs->v[jobs->n++] = (uint32_t)id;
	return 0;
}

/* slurmstepd writes "slurmstepd: [JOB.STEP]" over its arguments. */
static int jobs_of_stepds(struct jobs *jobs)
{
	DIR *d = opendir("/proc");
	char path[300], text[256];
	struct dirent *e;
	unsigned long id;
	int rc = 0;
	FILE *f;

	if (!d)
		return -1;
	while (!rc && (e = readdir(d))) {
		if (!isdigit((unsigned char)*e->d_name))
			continue;
		(void)snprintf(path, sizeof(path), "/proc/%s/cmdline", e->d_name);
		f = fopen(path, "re");
		if (!f)
			continue;
		if (fgets(text, sizeof(text), f) && strncmp(text, "slurmstepd: [", 13) == 0 && isdigit((unsigned char)text[13])) {
			id = strtoul(text + 13, NULL, 10);
			rc = add(jobs, id);
		}
		(void)fclose(f);
	}
	closedir(d);
	return rc;
}

static bool living(uint32_t job, const void *context)
{
	const struct jobs *jobs = context;
	struct jobs now = { 0 };
	bool found = false;

	for (size_t i = 0; i < jobs->n; i++)
		if (jobs->v[i] == job)
			return true;
	if (!jobs->complete)
		return true;
	/* it may have begun since */
	found = jobs_of_stepds(&now) < 0;
	for (size_t i = 0; !found && i < now.n; i++)
		found = now.v[i] == job;
	free(now.v);
	return found;
}

static int jobs_of_slurm(struct jobs *jobs, const char *bin)
{
	char *const env[] = { "PATH=/usr/bin:/bin", "LANG=C", NULL };
	char *const argv[] = { dn_text("%s/squeue", bin), "-h", "-a", "-r", "-o", "%A", NULL };
	struct dn_output o = dn_output_of(argv, env, 20, false);
	char *line = NULL;
	size_t room = 0;
	int rc = 0;

	while (o.lines && !rc && getline(&line, &room, o.lines) > 0)
		if (isdigit((unsigned char)*line))
			rc = add(jobs, strtoul(line, NULL, 10));
	free(line);
	free(argv[0]);
	jobs->complete = dn_output_end(&o) == 0 && !rc;
	return rc;
}

static void removed(const char *what, const char *name)
{
	removals++;
	printf("%s%s %s\n", only_told ? "would remove " : "removed ", what, name);
}

static void failed(const char *what, const char *name, const char *why)
{
	fprintf(stderr, "dunnage: gc: %s %s stay: %s\n", what, name, why);
}

static void sweep_all(const struct jobs *jobs, const char *prefix, time_t since)
{
	const struct dn_sweep sweep = { .living = living, .context = jobs, .removed = removed, .failed = failed, .since = since,
					.dry_run = only_told };

	dn_leftovers_processes(&sweep);
	dn_leftovers_networks(&sweep, prefix);
	dn_leftovers_cgroups(&sweep);
	dn_leftovers_records(&sweep, RECORDS);
	dn_leftovers_loops(&sweep, STORE);
	dn_leftovers_socket(&sweep, SOCKET);
	dn_leftovers_builds(&sweep, "/tmp");
	dn_leftovers_builds(&sweep, "/var/tmp");
}

static const char help[] =
	"Use: dunnage gc [-n] [--slurm-bin DIR]\n"
	"Removes what killed parts of earlier container steps have left on this node and no living job uses: FUSE servers, networks,\n"
	"cgroups dunnage_*, records in " RECORDS ", loop devices over the store, a socket without an agent; and trees of killed builds in\n"
	"/tmp and /var/tmp. Needs root.\n\n"
	"  -n, --dry-run         only tell what would be removed\n"
	"      --slurm-bin DIR   where squeue is, by default /usr/bin\n";

int dn_gc(int argc, char **argv, struct dn_err *err)
{
	struct jobs jobs = { 0 };
	const char *bin = "/usr/bin";
	char *prefix = NULL;
	time_t start = time(NULL);
	int rc = -1;

	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "-h") || !strcmp(argv[i], "--help")) {
			fputs(help, stdout);
			return 0;
		}
		if (!strcmp(argv[i], "-n") || !strcmp(argv[i], "--dry-run"))
			only_told = true;
		else if (!strcmp(argv[i], "--slurm-bin") && i + 1 < argc && argv[i + 1][0] == '/')
			bin = argv[++i];
		else
			return dn_fail(err, DN_REQUEST, "gc: unknown argument '%s'; known: --dry-run, --slurm-bin /DIRECTORY", argv[i]);
	}
	if (geteuid() != 0)
		return dn_fail(err, DN_REQUEST, "gc: only root may remove what is left on a node; run it as root");
	if (dn_front_prefix(&prefix, err))
		goto out;
	if (jobs_of_stepds(&jobs) || jobs_of_slurm(&jobs, bin)) {
		dn_fail(err, DN_INTERNAL, "gc: out of memory, or /proc cannot be read");
		goto out;
	}
	if (!jobs.complete)
		fprintf(stderr, "dunnage: gc: %s/squeue does not tell the living jobs: processes, cgroups and records of jobs stay\n", bin);
	sweep_all(&jobs, prefix, start);
	printf("%u %s\n", removals, only_told ? "to remove" : "removed");
	rc = 0;
out:
	free(prefix);
	free(jobs.v);
	return rc;
}
