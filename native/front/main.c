/* dunnage: containers are started here, without a JVM where none is needed; all other commands are Java's. */
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "front.h"
#include "gc.h"
#include "help.h"
#include "instance.h"
#include "mpirun.h"

/* Exit statuses of native/WIRE.md, "Codes". */
int dn_exit_status(enum dn_code code)
{
	static const int statuses[] = { [DN_POLICY] = 3, [DN_IMAGE_BAD] = 4, [DN_IMAGE_ABSENT] = 5, [DN_CONFIG] = 6,
					[DN_REQUEST] = 2, [DN_SETUP] = 7, [DN_UNAVAILABLE] = 8, [DN_INTERNAL] = 9 };

	return code > DN_OK && code <= DN_INTERNAL ? statuses[code] : 9;
}

static int fail(const struct dn_err *err, int status)
{
	if (*err->msg) /* else another rank of this node has told it */
		fprintf(stderr, "dunnage: %s\n", err->msg);
	return status ? status : dn_exit_status(err->code);
}

static int start(int argc, char **argv)
{
	struct dn_wishes wishes;
	struct dn_err err = { 0 };
	int status = 0, rc = dn_wishes_read(argc, argv, &wishes, &err);

	if (rc > 0)
		return 0;
	if (rc < 0)
		return fail(&err, 0);
	return dn_launch(&wishes, &status, &err) ? fail(&err, status) : status;
}

/* PREFIX/libexec/dunnage/dunnage-java, which finds Java and starts the command line on it. */
static int java(char **argv)
{
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *cut, *path;
	int i;

	if (n <= 0) {
		fprintf(stderr, "dunnage: cannot find my own installation: %s\n", strerror(errno));
		return 8;
	}
	self[n] = 0;
	for (i = 0; i < 2 && (cut = strrchr(self, '/')); i++)
		*cut = 0;
	path = dn_text("%s/libexec/dunnage/dunnage-java", self);
	argv[0] = path;
	execv(path, argv);
	fprintf(stderr, "dunnage: cannot start %s: %s; install again with make install PREFIX=%s\n", path, strerror(errno), self);
	return 8;
}

static int mpirun(int argc, char **argv)
{
	struct dn_err err = { 0 };

	if (argc > 1 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))) {
		dn_help(argv[0]);
		return 0;
	}
	return dn_mpirun(argc, argv, &err) ? fail(&err, 0) : 0;
}

static int instance(int argc, char **argv)
{
	struct dn_err err = { 0 };
	int status = 0;

	if (argc > 1 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))) {
		dn_help(argv[0]);
		return 0;
	}
	return dn_instance(argc, argv, &status, &err) ? fail(&err, status) : status;
}

int main(int argc, char **argv)
{
	static const char *const here[] = { "exec", "run", "shell", "test" };
	size_t i;

	/* help COMMAND... is COMMAND... --help */
	if (argc > 1 && strcmp(argv[1], "help") == 0) {
		memmove(argv + 1, argv + 2, (size_t)(argc - 2) * sizeof(*argv));
		argv[argc - 1] = (char *)(uintptr_t)"--help";
	}
	for (i = 0; argc > 1 && i < sizeof(here) / sizeof(here[0]); i++)
		if (strcmp(argv[1], here[i]) == 0)
			return start(argc - 1, argv + 1);
	if (argc > 1 && strcmp(argv[1], "gc") == 0) {
		struct dn_err err = { 0 };

		return dn_gc(argc - 1, argv + 1, &err) ? fail(&err, 0) : 0;
	}
	if (argc > 1 && strcmp(argv[1], "instance") == 0)
		return instance(argc - 1, argv + 1);
	if (argc > 1 && strcmp(argv[1], "mpirun") == 0)
		return mpirun(argc - 1, argv + 1);
	return java(argv);
}
