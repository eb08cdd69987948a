#include <stdint.h>

#include "client.h"
#include "options.h"
#include "site.h"
#include "slurmconf.h"
#include "slurmopt.h"
#include "submitcheck.h"

#include "dunnage/entrypoint.h"
#include "dunnage/pull.h"

#include <slurm/slurm_errno.h>
#include <slurm/spank.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define IMAGE_VARIABLE "SLURM_CONTAINER"

extern char **environ;

static char *inherited;

/* Variables that the helper for Slurm's commands kept away from this program, but not from what it starts; see
 * native/helper/slurm-helper.c. */
#define HELD "DUNNAGE_HELD_"

static void give_back_held(void)
{
	for (char **e = environ; *e != NULL;) {
		char *name = strdup(*e), *equals = name != NULL ? strchr(name, '=') : NULL;
		bool held = equals != NULL && strncmp(name, HELD, sizeof(HELD) - 1) == 0;

		if (held) {
			*equals = '\0';
			setenv(name + sizeof(HELD) - 1, equals + 1, 1);
			unsetenv(name);
		}
		free(name);
		e = held ? environ : e + 1;
	}
}

int dn_client_init(void)
{
	const char *value = getenv(IMAGE_VARIABLE);

	give_back_held();
	free(inherited);
	inherited = value != NULL ? strdup(value) : NULL;
	if (value != NULL && inherited == NULL) {
		slurm_error("dunnage: out of memory");
		return -1;
	}
	unsetenv(IMAGE_VARIABLE);
	return 0;
}

static const char *asked_here(void)
{
	const char *value = getenv(IMAGE_VARIABLE);

	return value != NULL ? value : dn_options()->container;
}

static char command_line[1 << 17];

/* The length of command_line, with a NUL behind it; 0: it cannot be told. Read once. */
static size_t read_command_line(void)
{
	static size_t len;
	FILE *f = len == 0 ? fopen("/proc/self/cmdline", "re") : NULL;

	if (f == NULL)
		return len;
	len = fread(command_line, 1, sizeof(command_line) - 1, f);
	fclose(f);
	command_line[len] = '\0';
	return len;
}

/* Slurm calls once for each component of a heterogeneous srun, and shows the first one's image each time. */
static bool components_agree(void)
{
	static unsigned calls;
	size_t len;

	if (++calls < 2)
		return true;
	len = read_command_line();
	return len == 0 || dn_same_image_for_all(command_line, len);
}

/* At submission, if the user or the site wants that: the job gets the reference with its digest, so that it runs what was meant
 * now. Whatever may be missing on a login node is no failure unless the user asked for it. */
static int pull_at_submit(enum dn_command command, char **ref, const char *prefix, struct dn_err *err)
{
	const struct dn_options *o = dn_options();
	const struct dn_identity self = {.own = true};
	const struct dn_pull pull = {
		.prefix = prefix, .who = &self, .reference = *ref, .mode = o->pull, .print_reference = true,
		.if_at_submit = o->pull_at == NULL, .to_nodes = o->pull_at != NULL && strcmp(o->pull_at, "nodes") == 0, .env = environ,
	};
	char *pinned = NULL, *program = NULL;
	bool there;

	if (o->pull_at != NULL && strcmp(o->pull_at, "start") == 0)
		return 0;
	if (pull.to_nodes && (command != DN_COMMAND_STEP || getenv("SLURM_JOB_ID") == NULL))
		return dn_fail(err, DN_REQUEST,
			       "--container-pull=nodes: is for an srun inside of a job, whose nodes are known; give it there, or give submit");
	if (asprintf(&program, "%s/bin/dunnage", prefix) < 0)
		return dn_fail(err, DN_INTERNAL, "out of memory");
	there = access(program, X_OK) == 0;
	free(program);
	if (!there && o->pull_at == NULL)
		return 0;
	if (dn_pull_image(&pull, &pinned, err) < 0)
		return o->pull_at == NULL && err->code == DN_UNAVAILABLE ? 0 : -1;
	free(*ref);
	*ref = pinned;
	return 0;
}

static int pull_if_wanted(enum dn_command command, char **ref, enum dn_origin origin, const char *plugin_path, int argc, char *const argv[],
			  struct dn_err *err)
{
	char *prefix;
	int rc;

	if (*ref == NULL || origin != DN_ORIGIN_EXPLICIT || !dn_is_reference(*ref))
		return 0;
	prefix = dn_site_prefix(plugin_path, argc, argv);
	rc = prefix != NULL ? pull_at_submit(command, ref, prefix, err) : dn_fail(err, DN_INTERNAL, "out of memory");
	free(prefix);
	return rc;
}

/* Slurm's MpiDefault; NULL: not known. */
static const char *mpi_default(void)
{
	return &slurm_conf != NULL ? slurm_conf.mpi_default : NULL;
}

/* An image that is a file, and that this very command named. */
static int check_if_wanted(enum dn_command command, const char *ref, enum dn_origin origin, const char *plugin_path, int argc,
			   char *const argv[], struct dn_err *err)
{
	static char *looked_at;
	struct dn_submission submission = {.image = ref, .container_mpi = dn_options()->mpi, .mpi_default = mpi_default()};
	enum dn_submit_check mode;
	char *prefix;
	int rc;

	if (dn_submit_check_mode(argc, argv, &mode, err) < 0)
		return -1;
	if (mode == DN_SUBMIT_NO || ref == NULL || origin != DN_ORIGIN_EXPLICIT || dn_is_reference(ref))
		return 0;
	/* called for each component of a heterogeneous job, and told once: a refusal ends the command */
	if (looked_at != NULL && strcmp(looked_at, ref) == 0)
		return 0;
	free(looked_at);
	looked_at = strdup(ref);
	prefix = dn_site_prefix(plugin_path, argc, argv);
	submission.prefix = prefix;
	rc = prefix != NULL && looked_at != NULL ? dn_submit_check(command, &submission, mode, command_line, read_command_line()) :
						   dn_fail(err, DN_INTERNAL, "out of memory");
	free(prefix);
	return rc;
}

#if SLURM_VERSION_NUMBER >= SLURM_VERSION_NUM(23, 2, 0) && SLURM_VERSION_NUMBER < SLURM_VERSION_NUM(25, 11, 0)
/* The PMIx plugin of these releases puts its socket into the spool directory of Slurm's own OCI container, which is not there: the step
 * fails to launch without a word of why. So Slurm is to forget its option; the nodes know the image by the variable. */
static bool pmix_is_lost(enum dn_command command, const char *image)
{
	const char *mpi;

	if (command != DN_COMMAND_STEP || getenv(IMAGE_VARIABLE) == NULL || strcmp(image, "none") == 0)
		return false;
	mpi = dn_step_mpi(dn_mpi_asked(command_line, read_command_line()), mpi_default());
	if (!dn_mpi_is_pmix(mpi))
		return false;
	if (&opt != NULL && slurm_option_reset != NULL && slurm_option_reset(&opt, "container"))
		return false;
	slurm_error("dunnage: --mpi=%s: Slurm %d.%02d has no PMIx for steps with its option --container; name the image by the variable instead: "
		    "SLURM_CONTAINER=%s srun ... without --container", mpi, SLURM_VERSION_MAJOR(SLURM_VERSION_NUMBER),
		    SLURM_VERSION_MINOR(SLURM_VERSION_NUMBER), image);
	return true;
}
#else
static bool pmix_is_lost(enum dn_command command, const char *image)
{
	(void)command;
	(void)image;
	return false;
}
#endif

int dn_client_init_post_opt(enum dn_command command, const char *plugin_path, int argc, char *const argv[])
{
	struct dn_err err = {0};
	enum dn_origin origin = DN_ORIGIN_NONE;
	char *ref = NULL, *cwd = getcwd(NULL, 0);
	int rc = -1;

	if (cwd == NULL) {
		slurm_error("dunnage: cannot tell the current directory: %m; change to one that exists");
		goto out;
	}
	if (command == DN_COMMAND_STEP && !components_agree()) {
		slurm_error("dunnage: --container: the components of one srun all run in the same image; give each of them the "
			    "same --container, or start each by an srun of its own (srun --het-group=N ...)");
		goto out;
	}
	if (dn_choose(command, asked_here(), inherited, cwd, &ref, &origin, &err) < 0) {
		slurm_error("dunnage: %s", err.msg);
		goto out;
	}
	if (ref == NULL && command == DN_COMMAND_STEP && dn_options_given() && dn_options()->name == NULL && !dn_options_inherited()) {
		slurm_error("dunnage: a --container-* option was given without --container; name the image with "
			    "--container=IMAGE, or take the option away");
		goto out;
	}
	if (command == DN_COMMAND_STEP && dn_options()->scope && !dn_options_inherited()) {
		slurm_error("dunnage: --container-scope: says where the script of a job runs; give it to sbatch or salloc, and take it "
			    "away from srun");
		goto out;
	}
	if (ref != NULL && command == DN_COMMAND_STEP && dn_options()->entrypoint && dn_is_multi_prog(command_line, read_command_line())) {
		slurm_error("dunnage: --container-entrypoint cannot be had with --multi-prog; give --no-container-entrypoint, and name the "
			    "image's " DN_RUNSCRIPT " in the file of programs");
		goto out;
	}
	if (ref != NULL && pmix_is_lost(command, ref))
		goto out;
	if (check_if_wanted(command, ref, origin, plugin_path, argc, argv, &err) < 0 ||
	    pull_if_wanted(command, &ref, origin, plugin_path, argc, argv, &err) < 0) {
		if (err.msg[0] != '\0')
			slurm_error("dunnage: %s", err.msg);
		goto out;
	}
	if (ref == NULL)
		unsetenv(IMAGE_VARIABLE);
	else if (setenv(IMAGE_VARIABLE, ref, 1) < 0) {
		slurm_error("dunnage: out of memory");
		goto out;
	}
	rc = 0;
out:
	free(ref);
	free(cwd);
	return rc;
}
