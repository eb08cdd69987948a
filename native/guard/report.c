#include "report.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "symbols.h"
#include "syscalls.h"

#define FACTS "/.dunnage/mpi" /* NAME=VALUE lines, written when the container was built */
#define STATUS 86
#define WAIT_MS 3000 /* for the rank that tells the user */
#define STEP_MS 50
#define LINGER_MS 1000
#define AF_UNIX 1
#define SOCK_STREAM 1
#define SOCK_CLOEXEC 02000000
#define SOCK_NONBLOCK 04000
#define ADDRESS_IN_USE (-98)
#define TRY_AGAIN (-11)
#define AT_FDCWD (-100)
#define F_OK 0
#define O_RDONLY_CLOEXEC 02000000
#define INVALID (-1)

struct text {
	char s[1024];
	size_t n;
};

extern char **environ __attribute__((weak));

static char facts[512];

static const char *value_in(const char *entry, const char *name)
{
	while (*name && *entry == *name) {
		entry++;
		name++;
	}
	return !*name && *entry == '=' ? entry + 1 : NULL;
}

static const char *variable(const char *name)
{
	char **e;

	for (e = &environ ? environ : NULL; e && *e; e++)
		if (value_in(*e, name))
			return value_in(*e, name);
	return NULL;
}

static const char *fact(const char *name)
{
	const char *line = facts;

	while (*line) {
		if (value_in(line, name))
			return value_in(line, name);
		while (*line && *line != '\n')
			line++;
		line += *line == '\n';
	}
	return NULL;
}

static void read_facts(void)
{
	long fd = CALL_4(__NR_openat, AT_FDCWD, FACTS, O_RDONLY_CLOEXEC, 0), n;

	if (fd < 0)
		return;
	n = CALL(__NR_read, fd, facts, sizeof(facts) - 1);
	facts[n > 0 ? n : 0] = 0;
	(void)CALL(__NR_close, fd, 0, 0);
}

static int number(const char *text)
{
	int n = 0;

	if (!text || *text < '0' || *text > '9')
		return INVALID;
	for (; *text >= '0' && *text <= '9'; text++)
		n = n < 100000000 ? n * 10 + (*text - '0') : n;
	return n;
}

/* An mpirun inside a rank starts a world of its own: its variables count, the smaller number when there are several. */
int guard_expected(void)
{
	int open_mpi = number(variable("OMPI_COMM_WORLD_SIZE")), pmi = number(variable("PMI_SIZE"));

	read_facts();
	if (open_mpi > 0 && (pmi <= 0 || open_mpi < pmi))
		return open_mpi;
	return pmi > 0 ? pmi : number(fact("tasks"));
}

static bool starts(const char *text, const char *word)
{
	while (*word && *text == *word) {
		text++;
		word++;
	}
	return !*word;
}

static void put(struct text *t, const char *s)
{
	while (*s && t->n < sizeof(t->s) - 1)
		t->s[t->n++] = *s++;
}

static void put_number(struct text *t, int n)
{
	char digits[12];
	size_t at = sizeof(digits) - 1;

	digits[at] = 0;
	do
		digits[--at] = (char)('0' + n % 10);
	while ((n /= 10) > 0 && at > 0);
	put(t, digits + at);
}

/* The first words of what the library says about itself: "Open MPI v4.1.4", "MPICH Version: 4.0.2". */
static void put_version(struct text *t, const char *s)
{
	size_t most = t->n + 60;

	for (; *s && *s != '\n' && *s != ',' && t->n < most; s++) {
		bool blank = *s == ' ' || *s == '\t';

		if (!blank || t->s[t->n - 1] != ' ')
			put(t, blank ? " " : (const char[]){ *s, 0 });
	}
}

static void put_cure(struct text *t, enum guard_family family, const char *type)
{
	bool open_mpi = family == GUARD_OPEN_MPI;

	if (starts(type, "mpirun-")) {
		bool same = starts(type, open_mpi ? "mpirun-openmpi" : "mpirun-hydra");

		put(t, "did not reach the mpirun that started it; ");
		if (!same)
			put(t, open_mpi ? "use the mpirun of Open MPI, this one is of the MPICH family" :
					  "use the mpirun of the MPICH family, this one is Open MPI's");
		else if (!variable(open_mpi ? "PMIX_NAMESPACE" : "PMI_SIZE"))
			put(t, "its variables are gone from the program's environment, something before the program clears it");
		else
			put(t, "use an mpirun of the release that the image has");
		return;
	}
	put(t, "did not reach Slurm (--mpi=");
	put(t, *type ? type : "none");
	put(t, "); ");
	if (open_mpi && !starts(type, "pmix"))
		put(t, "use srun --mpi=pmix");
	else if (!open_mpi && !starts(type, "pmi2") && !starts(type, "pmix"))
		put(t, "use srun --mpi=pmi2");
	else if (!variable(open_mpi || starts(type, "pmix") ? "PMIX_NAMESPACE" : "PMI_FD"))
		put(t, "Slurm's variables are gone from the program's environment, something before the program clears it");
	else if (!open_mpi && starts(type, "pmix"))
		put(t, "use srun --mpi=pmi2");
	else
		put(t, open_mpi ? "see what PMIx said above, and use an image whose PMIx is nearer to Slurm's" :
				  "see what PMI said above");
}

/* The launcher's kind, as it was written when the container was built. */
static void read_type(char type[32])
{
	const char *from = fact("type");
	size_t i = 0;

	while (from && from[i] && from[i] != '\n' && i < 31) {
		type[i] = from[i];
		i++;
	}
	type[i] = 0;
}

bool guard_unreached(enum guard_family family)
{
	char type[32];

	read_type(type);
	if (family == GUARD_OPEN_MPI)
		return !variable("PMIX_NAMESPACE") && !(starts(type, "mpirun-openmpi") && variable("OMPI_COMM_WORLD_SIZE"));
	/* one that was built with PMIx gives up for other reasons */
	return family == GUARD_MPICH && starts(type, "pmix") && !variable("PMI_FD") && !variable("PMI_PORT") &&
	       !guard_find("PMIx_Init", true);
}

static bool lies_there(const char *path)
{
	return CALL(__NR_faccessat, AT_FDCWD, path, F_OK) == 0;
}

/* Whether --container-mpi=bind put the nodes' MPI in the place of the image's. */
static bool of_the_nodes(enum guard_family family)
{
	if (family == GUARD_OPEN_MPI)
		return lies_there("/.dunnage/host/lib/libmpi.so.40");
	return lies_there("/.dunnage/host/lib/libmpich.so.12") || lies_there("/.dunnage/host/lib/libmpi.so.12");
}

/* SIZE 0: the library ended the process before it told a size. */
static void tell(enum guard_family family, const char *version, int size, int expected)
{
	struct text t = { .n = 0 };
	char type[32];

	read_type(type);
	if (size > 0) {
		put(&t, "dunnage: MPI found ");
		put_number(&t, size);
		put(&t, size == 1 ? " rank where " : " ranks where ");
		put_number(&t, expected);
		put(&t, " were started: ");
	} else {
		put(&t, "dunnage: MPI_Init gave up: ");
	}
	put_version(&t, version);
	put(&t, of_the_nodes(family) ? " of the nodes " : " of the image ");
	put_cure(&t, family, type);
	put(&t, size > 0 ? ". Tasks that are meant to run alone: --container-mpi=none\n" : "\n");
	(void)CALL(__NR_write, 2, t.s, t.n);
}

static int rank(void)
{
	static const char *const names[] = { "OMPI_COMM_WORLD_RANK", "PMI_RANK", "PMIX_RANK", "SLURM_PROCID" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (number(variable(names[i])) >= 0)
			return number(variable(names[i]));
	return INVALID;
}

static void sleep_ms(long ms)
{
	struct {
		long s, ns;
	} t = { ms / 1000, ms % 1000 * 1000000 };

	(void)CALL(__NR_nanosleep, &t, 0, 0);
}

/* A nameless place that all ranks of a node know: the name of their mount namespace. The kernel frees it at its holder's end. */
struct place {
	uint16_t family;
	char path[108];
};

static long name_place(struct place *at)
{
	static const char prefix[] = "dunnage-guard/";
	size_t i;
	long n;

	at->family = AF_UNIX;
	at->path[0] = 0;
	for (i = 0; i < sizeof(prefix) - 1; i++)
		at->path[1 + i] = prefix[i];
	n = CALL_4(__NR_readlinkat, AT_FDCWD, "/proc/self/ns/mnt", at->path + sizeof(prefix), sizeof(at->path) - sizeof(prefix));
	return (long)(sizeof(at->family) + sizeof(prefix)) + (n > 0 ? n : 0);
}

static bool somebody_tells(void)
{
	struct place at;
	long len = name_place(&at), fd = CALL(__NR_socket, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), rc;

	rc = CALL(__NR_connect, fd, &at, len);
	(void)CALL(__NR_close, fd, 0, 0);
	return rc == 0 || rc == TRY_AGAIN;
}

static bool may_tell(void)
{
	struct place at;
	long len = name_place(&at), fd = CALL(__NR_socket, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	return CALL(__NR_bind, fd, &at, len) != ADDRESS_IN_USE && CALL(__NR_listen, fd, 128, 0) != ADDRESS_IN_USE;
}

/* One of all tells: rank 0, who stays a moment so that the others see that it has; they wait for it, since the first end of a
 * rank may end the step. Should rank 0 be no MPI program, the first of its node tells when that moment is over. */
void guard_stop(enum guard_family family, const char *version, int size, int expected)
{
	int me = rank(), waited;
	bool first_node = number(fact("node")) <= 0, told = false;

	for (waited = 0; (me > 0 || !first_node) && waited < WAIT_MS && !told; waited += STEP_MS) {
		sleep_ms(STEP_MS);
		told = first_node && somebody_tells();
	}
	if (first_node && !told && may_tell()) {
		tell(family, version, size, expected);
		sleep_ms(LINGER_MS);
	} else {
		sleep_ms(4L * STEP_MS);
	}
	for (;;)
		(void)CALL(__NR_exit_group, STATUS, 0, 0);
}

void guard_stop_ended(enum guard_family family, const char *version)
{
	guard_stop(family, version, 0, 0);
}
