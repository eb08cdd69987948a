/* Stops MPI programs that found fewer ranks than their launcher started: N ranks would each do the whole work as rank 0 of 1, and
 * end with status 0. Loaded into every dynamic program of a container with several tasks by the container's
 * /etc/ld.so.preload; needs no library and no MPI header. Docs: docs/mpi.md. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "report.h"
#include "symbols.h"
#include "syscalls.h"

#define EXPORT __attribute__((visibility("default")))
#define VERSION_MAX 8192 /* MPI_MAX_LIBRARY_VERSION_STRING of MPICH, the longest */

/* Handles of MPI_COMM_WORLD and MPI_COMM_NULL: numbers in MPICH and in the standard ABI, addresses in Open MPI. */
struct handles {
	uintptr_t world, null;
};

typedef int (*init_call)(int *argc, char ***argv);
typedef int (*init_thread_call)(int *argc, char ***argv, int required, int *provided);
typedef int (*size_call)(uintptr_t comm, int *size);
typedef int (*parent_call)(uintptr_t *parent);
typedef int (*version_call)(char *text, int *len);

static char version[VERSION_MAX];
static bool done;
static volatile bool in_init;

static bool contains(const char *text, const char *word)
{
	for (; *text; text++) {
		size_t i = 0;

		while (word[i] && text[i] == word[i])
			i++;
		if (!word[i])
			return true;
	}
	return false;
}

static enum guard_family family_of(const char *file, struct handles *h)
{
	static const char *const mpich[] = { "MPICH", "MVAPICH", "Intel(R) MPI", "ParaStation" };
	void *world;
	size_t i;

	if (contains(file, "libmpi_abi")) {
		*h = (struct handles){ 0x101, 0x100 };
		return contains(version, "Open MPI") ? GUARD_OPEN_MPI : GUARD_MPICH;
	}
	world = guard_find("ompi_mpi_comm_world", false);
	if (world) {
		*h = (struct handles){ (uintptr_t)world, (uintptr_t)guard_find("ompi_mpi_comm_null", false) };
		return GUARD_OPEN_MPI;
	}
	for (i = 0; i < sizeof(mpich) / sizeof(mpich[0]); i++)
		if (contains(version, mpich[i])) {
			*h = (struct handles){ 0x44000000, 0x04000000 };
			return GUARD_MPICH;
		}
	return GUARD_UNKNOWN;
}

/* Processes that others spawned have a world of their own size. */
static bool was_spawned(const struct handles *h)
{
	parent_call get_parent = (parent_call)guard_find("PMPI_Comm_get_parent", true);
	uintptr_t parent = h->null;

	return get_parent && get_parent(&parent) == 0 && parent != h->null;
}

/* What is loaded as MPI; GUARD_UNKNOWN also when it cannot be asked. */
static enum guard_family loaded_family(struct handles *h)
{
	const char *file;
	version_call get_version = (version_call)guard_find("PMPI_Get_library_version", true);
	int len = 0;

	if (!guard_find_with_file("PMPI_Comm_size", &file) || !get_version || get_version(version, &len))
		return GUARD_UNKNOWN;
	version[VERSION_MAX - 1] = 0;
	return family_of(file, h);
}

static void check(void)
{
	size_call get_size = (size_call)guard_find("PMPI_Comm_size", true);
	struct handles h;
	enum guard_family family;
	int size = 0, expected;

	if (done)
		return;
	done = true;
	expected = guard_expected();
	if (expected < 2 || !get_size)
		return;
	family = loaded_family(&h);
	if (family == GUARD_UNKNOWN || get_size(h.world, &size) || size < 1 || size >= expected || was_spawned(&h))
		return;
	guard_stop(family, version, size, expected);
}

/* Open MPI 4 ends the process in MPI_Init when it finds no launcher, with a text that blames how it was built; MPICH 5 may, without a cure. */
static void ended_in_init(void)
{
	struct handles h;
	enum guard_family family;

	in_init = false;
	if (done || guard_expected() < 2)
		return;
	done = true;
	family = loaded_family(&h);
	if (guard_unreached(family))
		guard_stop_ended(family, version);
}

/* Tools that watch MPI have an MPI_Init of their own, which is next; it comes back here by PMPI_Init. */
static void *next(const char *name, const char *profiling)
{
	void *call = guard_find(name, true);

	return call ? call : guard_find(profiling, true);
}

static int init(const char *name, int *argc, char ***argv)
{
	init_call call = (init_call)next(name, "PMPI_Init");
	int rc;

	in_init = true;
	rc = call ? call(argc, argv) : 1;
	in_init = false;
	if (rc == 0)
		check();
	return rc;
}

static int init_thread(const char *name, int *argc, char ***argv, int required, int *provided)
{
	init_thread_call call = (init_thread_call)next(name, "PMPI_Init_thread");
	int rc;

	in_init = true;
	rc = call ? call(argc, argv, required, provided) : 1;
	in_init = false;
	if (rc == 0)
		check();
	return rc;
}

EXPORT void _exit(int status) __attribute__((noreturn));
EXPORT int MPI_Init(int *argc, char ***argv);
EXPORT int PMPI_Init(int *argc, char ***argv);
EXPORT int MPI_Init_thread(int *argc, char ***argv, int required, int *provided);
EXPORT int PMPI_Init_thread(int *argc, char ***argv, int required, int *provided);

/* Fortran's forms call these across a library's border, in Open MPI as in MPICH. */
int MPI_Init(int *argc, char ***argv)
{
	return init("MPI_Init", argc, argv);
}

int PMPI_Init(int *argc, char ***argv)
{
	return init("PMPI_Init", argc, argv);
}

int MPI_Init_thread(int *argc, char ***argv, int required, int *provided)
{
	return init_thread("MPI_Init_thread", argc, argv, required, provided);
}

int PMPI_Init_thread(int *argc, char ***argv, int required, int *provided)
{
	return init_thread("PMPI_Init_thread", argc, argv, required, provided);
}

/* The library's own way out of MPI_Init. Everywhere else it does what it always does. */
void _exit(int status)
{
	if (in_init && status != 0)
		ended_in_init();
	for (;;)
		(void)CALL(__NR_exit_group, status, 0, 0);
}

/* Its other way out, exit(). */
static void __attribute__((destructor)) at_end(void)
{
	if (in_init)
		ended_in_init();
}
