/* Finds the process that launched this rank and its like. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "front.h"
#include "hash.h"
#include "share.h"
#include "tree.h"

#define MOST 4194304u /* bytes of a file of /proc */

/* What launchers set for each rank, those of the innermost launcher first. */
static const char *const rank_variables[] = { "PMIX_RANK", "OMPI_COMM_WORLD_RANK", "PMI_RANK", "PMI_ID", "MPI_LOCALRANKID",
					      "FLUX_TASK_RANK", "PALS_RANKID", "SLURM_PROCID" };

static int read_proc(pid_t pid, const char *name, char **data, size_t *len)
{
	char path[64];
	int fd, rc;

	(void)snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	rc = dn_read_file(fd, MOST, data, len);
	close(fd);
	return rc;
}

/* Fields of /proc/PID/stat behind the name, which may hold anything: 1 state, 2 parent, 20 start time. */
static char *stat_field(pid_t pid, int field)
{
	char *text, *word = NULL, *rest;
	size_t len;

	if (read_proc(pid, "stat", &text, &len))
		return NULL;
	rest = strrchr(text, ')');
	if (rest)
		rest += 2;
	while (rest && field-- > 0)
		word = strsep(&rest, " \n");
	word = word && field < 0 ? dn_text("%s", word) : NULL;
	free(text);
	return word;
}

static pid_t parent_of(pid_t pid)
{
	char *word = stat_field(pid, 2);
	pid_t parent = word ? (pid_t)atol(word) : 0;

	free(word);
	return parent;
}

static bool has_variable(pid_t pid, const char *name)
{
	size_t len, at, n = strlen(name);
	bool found = false;
	char *env;

	/* What cannot be read is another account's: the launcher itself. */
	if (read_proc(pid, "environ", &env, &len))
		return false;
	for (at = 0; !found && at < len; at += strlen(env + at) + 1)
		found = strncmp(env + at, name, n) == 0 && env[at + n] == '=';
	free(env);
	return found;
}

static const char *rank_variable(void)
{
	size_t i;

	for (i = 0; i < sizeof(rank_variables) / sizeof(rank_variables[0]); i++)
		if (getenv(rank_variables[i]))
			return rank_variables[i];
	return NULL;
}

/* Its number and start time, and what only its own user may read: where its program and stack lie in memory. */
static char *identity(pid_t pid)
{
	char *start = stat_field(pid, 20), *aux = NULL, *name;
	uint64_t hash = DN_HASH_START;
	size_t len = 0;

	if (read_proc(pid, "auxv", &aux, &len) == 0)
		hash = dn_hash(hash, aux, len);
	name = dn_text("%d.%s.%016llx", (int)pid, start ? start : "", (unsigned long long)hash);
	free(start);
	free(aux);
	return name;
}

char *dn_share_launcher(bool always)
{
	const char *variable = rank_variable();
	pid_t pid = getppid(), next;

	if (!variable)
		return always ? identity(pid) : NULL;
	/* A script or wrapper between launcher and rank has the rank's variables too. */
	while (pid > 1 && has_variable(pid, variable)) {
		next = parent_of(pid);
		if (next <= 0)
			break;
		pid = next;
	}
	return identity(pid);
}

static uint32_t count(const char *name)
{
	const char *text = getenv(name);
	unsigned long n = text && isdigit((unsigned char)*text) ? strtoul(text, NULL, 10) : 0;

	return n <= UINT32_MAX ? (uint32_t)n : 0;
}

struct dn_mpi_step dn_mpi_launch(void)
{
	struct dn_mpi_step step = { .tasks = count("OMPI_COMM_WORLD_SIZE"), .type = "mpirun-openmpi" };
	const char *type = getenv("SLURM_MPI_TYPE");

	if (!step.tasks && !type && count("PMI_SIZE"))
		step = (struct dn_mpi_step){ .tasks = count("PMI_SIZE"), .type = "mpirun-hydra" };
	/* A batch script has a number of tasks as well, but is none of them. */
	if (!step.tasks && getenv("SLURM_PROCID"))
		step = (struct dn_mpi_step){ .tasks = count("SLURM_STEP_NUM_TASKS"), .node = count("SLURM_NODEID"), .type = type };
	return step;
}
