/* dunnage mpirun [mpirun's arguments] --image IMAGE PROGRAM ...: the host's mpirun, with each program put into the image. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dunnage/mpiwish.h"
#include "forward.h"
#include "front.h"
#include "mpirun.h"

/* Options of Open MPI's and Hydra's mpirun that take values, and how many. What is not listed takes none. */
static const struct {
	const char *names;
	int values;
} valued[] = {
	{ " n np c N npernode npersocket ppn perhost host H hosts hostfile f machinefile machine default-hostfile wdir wd path "
	  "x bind-to map-by rank-by bind-to-list rankfile rf tag-output-file output-filename prefix am tune report-uri "
	  "launch-agent launcher launcher-exec rmk bootstrap iface genvlist envlist env-list configfile config report-state "
	  "topolib membind binding profile timeout stdin pernode-list app wdir preload-files personality dvm-uri dvm "
	  "prtemca-file runtime-options display map-to gpus-per-proc hwloc-file errfile-pattern outfile-pattern s ",
	  1 },
	{ " mca gmca prtemca pmixmca genv env omca ", 2 },
};

static int values_of(const char *option)
{
	const char *name = option + strspn(option, "-");
	char word[64];
	size_t i;

	if (strchr(name, '=') || strlen(name) > 60)
		return 0;
	(void)snprintf(word, sizeof(word), " %s ", name);
	for (i = 0; i < sizeof(valued) / sizeof(valued[0]); i++)
		if (strstr(valued[i].names, word))
			return valued[i].values;
	return 0;
}

static void add(struct dn_list *out, const char *word)
{
	dn_list_add(out, dn_text("%s", word));
}

static void add_exec(struct dn_list *out, const char *self, const char *image, const char *mpi)
{
	char *path = strstr(image, "://") ? dn_text("%s", image) : dn_absolute(image);

	add(out, self);
	add(out, "exec");
	if (mpi)
		dn_list_add(out, dn_text("--container-mpi=%s", mpi));
	dn_list_add(out, path);
}

/* NAME VALUE or NAME=VALUE anywhere among mpirun's options; NULL: not at this place. */
static const char *ours_at(char **argv, int *at, const char *name, struct dn_err *err)
{
	const char *word = argv[*at];
	size_t len = strlen(name);

	if (strncmp(word, name, len) == 0 && word[len] == '=')
		return word + len + 1;
	if (strcmp(word, name))
		return NULL;
	if (!argv[*at + 1])
		dn_fail(err, DN_REQUEST, "mpirun: %s wants a value", name);
	return argv[*at + 1] ? argv[++*at] : "";
}

static void add_all(struct dn_list *out, const struct dn_list *words)
{
	size_t i;

	for (i = 0; i < words->n; i++)
		add(out, words->v[i]);
}

/* Each part between colons has its own options and program; one without an image of its own uses the last one. */
static int rewrite(char **argv, const char *self, const struct dn_list *forwarded, struct dn_list *out, struct dn_err *err)
{
	const char *image = NULL, *mpi = NULL, *found;
	bool options = true;
	int at, skip;

	add_all(out, forwarded);
	for (at = 0; argv[at]; at++) {
		if (options && (found = ours_at(argv, &at, "--container-mpi", err))) {
			if (!dn_mpi_wish_known(found))
				return err->code ? -1 :
						   dn_fail(err, DN_REQUEST, "--container-mpi %s: allowed are " DN_MPI_WISHES, found);
			mpi = found;
		} else if (options && (found = ours_at(argv, &at, "--image", err))) {
			if (!*found)
				return err->code ? -1 : dn_fail(err, DN_REQUEST, "mpirun: --image wants the image's path");
			image = found;
		} else if (options && argv[at][0] == '-' && argv[at][1]) {
			skip = values_of(argv[at]);
			add(out, argv[at]);
			while (skip-- > 0 && argv[at + 1])
				add(out, argv[++at]);
		} else {
			if (options && strcmp(argv[at], ":")) {
				if (!image)
					return dn_fail(err, DN_REQUEST,
						       "mpirun: no --image IMAGE before the program '%s'; write: dunnage mpirun -n 4 "
						       "--image img.sif ./app",
						       argv[at]);
				add_exec(out, self, image, mpi);
			}
			options = strcmp(argv[at], ":") == 0;
			add(out, argv[at]);
			if (options)
				add_all(out, forwarded);
		}
	}
	return image && !options ? 0 : dn_fail(err, DN_REQUEST,
					       "mpirun: no program; write: dunnage mpirun -n 4 --image img.sif ./app");
}

int dn_mpirun(int argc, char **argv, struct dn_err *err)
{
	const char *program = getenv("DUNNAGE_MPIRUN");
	struct dn_list out = { NULL, 0 }, forwarded = { NULL, 0 };
	char self[4096];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	(void)argc;
	if (n <= 0)
		return dn_fail_errno(err, DN_SETUP, errno, "cannot find my own installation; is /proc mounted?");
	self[n] = 0;
	program = program && *program ? program : "mpirun";
	add(&out, program);
	dn_forwarded(program, &forwarded);
	if (rewrite(argv + 1, self, &forwarded, &out, err))
		return -1;
	execvp(out.v[0], out.v);
	return dn_fail_errno(err, DN_UNAVAILABLE, errno,
			     "cannot start %s; load the module of your MPI, or set DUNNAGE_MPIRUN to the mpirun to use", out.v[0]);
}
