/* The command line of exec, run, shell and test, and the variables that stand for its options. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dunnage/gpudevices.h"
#include "dunnage/mpiwish.h"
#include "dunnage/transportwish.h"
#include "front.h"
#include "help.h"

enum long_only {
	OPT_MOUNT = 256,
	OPT_PWD,
	OPT_ENV,
	OPT_ENV_FILE,
	OPT_NO_HOME,
	OPT_OVERLAY,
	OPT_WRITABLE_TMPFS,
	OPT_APP,
	OPT_NET,
	OPT_NETWORK,
	OPT_NO_MOUNT,
	OPT_SHARE,
	OPT_PASSPHRASE,
	OPT_PASSPHRASE_FD,
	OPT_PEM_PATH,
	OPT_PULL,
	OPT_MPI,
	OPT_UTS,
	OPT_HOSTNAME,
	OPT_NV,
	OPT_ROCM,
	OPT_TRANSPORT,
	OPT_HELP,
	OPT_NOTHING, /* taken for granted here */
	OPT_REFUSED, /* known to Apptainer's users, not available */
};

static const struct option options[] = {
	{ "bind", required_argument, NULL, 'B' },
	{ "mount", required_argument, NULL, OPT_MOUNT },
	{ "cleanenv", no_argument, NULL, 'e' },
	{ "contain", no_argument, NULL, 'c' },
	{ "containall", no_argument, NULL, 'C' },
	{ "pwd", required_argument, NULL, OPT_PWD },
	{ "cwd", required_argument, NULL, OPT_PWD },
	{ "env", required_argument, NULL, OPT_ENV },
	{ "env-file", required_argument, NULL, OPT_ENV_FILE },
	{ "home", required_argument, NULL, 'H' },
	{ "no-home", no_argument, NULL, OPT_NO_HOME },
	{ "overlay", required_argument, NULL, OPT_OVERLAY },
	{ "writable-tmpfs", no_argument, NULL, OPT_WRITABLE_TMPFS },
	{ "app", required_argument, NULL, OPT_APP },
	{ "fakeroot", no_argument, NULL, 'f' },
	{ "net", no_argument, NULL, OPT_NET },
	{ "network", required_argument, NULL, OPT_NETWORK },
	{ "no-mount", required_argument, NULL, OPT_NO_MOUNT },
	{ "workdir", required_argument, NULL, 'W' },
	{ "shell", required_argument, NULL, 's' },
	{ "sharens", no_argument, NULL, OPT_SHARE },
	{ "passphrase", no_argument, NULL, OPT_PASSPHRASE },
	{ "passphrase-fd", required_argument, NULL, OPT_PASSPHRASE_FD },
	{ "pem-path", required_argument, NULL, OPT_PEM_PATH },
	{ "pull", required_argument, NULL, OPT_PULL },
	{ "container-mpi", required_argument, NULL, OPT_MPI },
	{ "help", no_argument, NULL, OPT_HELP },
	{ "userns", no_argument, NULL, 'u' },
	{ "no-privs", no_argument, NULL, OPT_NOTHING },
	{ "no-eval", no_argument, NULL, OPT_NOTHING },
	{ "compat", no_argument, NULL, OPT_REFUSED },
	{ "nv", no_argument, NULL, OPT_NV },
	{ "container-require-transport", required_argument, NULL, OPT_TRANSPORT },
	{ "nvccli", no_argument, NULL, OPT_REFUSED },
	{ "rocm", no_argument, NULL, OPT_ROCM },
	{ "writable", no_argument, NULL, OPT_REFUSED },
	{ "underlay", no_argument, NULL, OPT_NOTHING },
	{ "pid", no_argument, NULL, OPT_REFUSED },
	{ "ipc", no_argument, NULL, 'i' },
	{ "uts", no_argument, NULL, OPT_UTS },
	{ "hostname", required_argument, NULL, OPT_HOSTNAME },
	{ "dns", required_argument, NULL, OPT_REFUSED },
	{ "network-args", required_argument, NULL, OPT_REFUSED },
	{ "add-caps", required_argument, NULL, OPT_REFUSED },
	{ "drop-caps", required_argument, NULL, OPT_NOTHING },
	{ "keep-privs", no_argument, NULL, OPT_REFUSED },
	{ "allow-setuid", no_argument, NULL, OPT_REFUSED },
	{ "security", required_argument, NULL, OPT_REFUSED },
	{ "apply-cgroups", required_argument, NULL, OPT_REFUSED },
	{ "cpus", required_argument, NULL, OPT_REFUSED },
	{ "memory", required_argument, NULL, OPT_REFUSED },
	{ "pids-limit", required_argument, NULL, OPT_REFUSED },
	{ NULL, 0, NULL, 0 },
};

static const struct {
	const char *name, *why;
} refusals[] = {
	{ "compat", "give --containall, --writable-tmpfs, --no-home and --cleanenv as you need them" },
	{ "nvccli", "no program of NVIDIA's sets containers up here; --nv does the same" },
	{ "writable", "images are never written to; use --overlay DIRECTORY or --writable-tmpfs" },
	{ "pid", DN_PID_REASON "; leave it out" },
	{ "dns", "bind a resolv.conf with --bind FILE:/etc/resolv.conf" },
	{ "network-args", "ports are mapped by root alone, who is not asked here: use srun --container-network=NAME --container-network-args=..." },
	{ "add-caps", "a user has no capabilities to give; --fakeroot gives those of the user namespace" },
	{ "keep-privs", "programs of an image never have root's capabilities" },
	{ "allow-setuid", "setuid programs of an image never gain rights" },
	{ "security", "start the container by srun under a policy of the site" },
	{ "apply-cgroups", "limits come from Slurm: use srun, or systemd-run --user --scope" },
	{ "cpus", "limits come from Slurm: use srun, or systemd-run --user --scope" },
	{ "memory", "limits come from Slurm: use srun, or systemd-run --user --scope" },
	{ "pids-limit", "limits come from Slurm: use srun, or systemd-run --user --scope" },
};

static const struct {
	const char *name;
	uint32_t parts;
} views[] = {
	{ "proc", DN_VIEW_PROC }, { "sys", DN_VIEW_SYS }, { "dev", DN_VIEW_DEV },   { "devpts", 0 }, { "home", DN_VIEW_HOME },
	{ "tmp", DN_VIEW_TMP },	  { "cwd", DN_VIEW_CWD }, { "hostfs", 0 }, { "etc", DN_VIEW_ETC },
};

static int refuse(const char *name, struct dn_err *err)
{
	size_t i;

	for (i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++)
		if (strcmp(refusals[i].name, name) == 0)
			return dn_fail(err, DN_REQUEST, "--%s is not available: %s", name, refusals[i].why);
	return dn_fail(err, DN_REQUEST, "--%s is not available", name);
}

static int hide(struct dn_wishes *w, const char *value, struct dn_err *err)
{
	char *copy = dn_text("%s", value), *rest = copy, *one;
	int rc = 0;

	while (!rc && (one = strsep(&rest, ","))) {
		size_t i, n = sizeof(views) / sizeof(views[0]);

		for (i = 0; i < n && strcmp(views[i].name, one); i++)
			;
		if (i == n)
			rc = dn_fail(err, DN_REQUEST,
				     "--no-mount: '%s' is not known; give some of proc, sys, dev, home, tmp, cwd, etc", one);
		else
			w->hidden |= views[i].parts;
	}
	free(copy);
	return rc;
}

static int set_pull(struct dn_wishes *w, const char *value, struct dn_err *err)
{
	if (strcmp(value, "missing") && strcmp(value, "always") && strcmp(value, "never"))
		return dn_fail(err, DN_REQUEST, "--pull '%s' is not known; give missing, always or never", value);
	w->pull = value;
	return 0;
}

static int set_network(struct dn_wishes *w, const char *kind, struct dn_err *err)
{
	if (strcmp(kind, "none"))
		return dn_fail(err, DN_REQUEST,
			       "--network=%.100s: networks of the site are joined by root alone, who is not asked here: start the container by "
			       "srun --container-network=NAME; 'none' is offered (--net --network none), and without --net the container has the "
			       "host's network",
			       kind);
	w->no_network = true;
	return 0;
}

static int add_env(struct dn_wishes *w, const char *value, struct dn_err *err)
{
	/* Several in one value, as Apptainer takes them: a comma parts two when a NAME= follows it. */
	char *copy = dn_text("%s", value), *one = copy, *next;

	for (; one; one = next) {
		char *comma = one;

		next = NULL;
		while ((comma = strchr(comma, ','))) {
			size_t name = strcspn(comma + 1, ",=");

			if (comma[1 + name] == '=' && name > 0) {
				*comma = 0;
				next = comma + 1;
				break;
			}
			comma++;
		}
		if (*one == '=' || !strchr(one, '='))
			return dn_fail(err, DN_REQUEST, "--env '%s': write NAME=VALUE", one);
		dn_list_add(&w->env, dn_text("%s", one));
	}
	free(copy);
	return 0;
}

static int set_passphrase_fd(struct dn_wishes *w, const char *value, struct dn_err *err)
{
	char *end;
	long fd;

	errno = 0;
	fd = strtol(value, &end, 10);
	if (!*value || *end || errno || fd < 0 || fd > INT_MAX || fd == STDOUT_FILENO || fd == STDERR_FILENO ||
	    fcntl((int)fd, F_GETFD) < 0)
		return dn_fail(err, DN_REQUEST, "--passphrase-fd '%s': give the number of an open descriptor, such as 3 with 3<FILE",
			       value);
	w->passphrase_fd = (int)fd;
	return 0;
}

static int take(struct dn_wishes *w, int c, const char *name, const char *value, struct dn_err *err)
{
	switch (c) {
	case 'B':
		return dn_bind_add(w, value, "--bind", err);
	case OPT_MOUNT:
		return dn_mount_add(w, value, err);
	case 'e':
		w->cleanenv = true;
		return 0;
	case 'c':
		w->contain = true;
		return 0;
	case 'C':
		w->contain = w->containall = w->cleanenv = true;
		return 0;
	case OPT_PWD:
		w->pwd = value;
		return *value == '/' ? 0 : dn_fail(err, DN_REQUEST, "--%s '%s': give an absolute path", name, value);
	case OPT_ENV:
		return add_env(w, value, err);
	case OPT_ENV_FILE:
		dn_list_add(&w->env_files, dn_text("%s", value));
		return 0;
	case 'H':
		w->home = value;
		return 0;
	case OPT_NO_HOME:
		w->no_home = true;
		return 0;
	case OPT_OVERLAY:
		dn_list_add(&w->overlays, dn_text("%s", value));
		return 0;
	case OPT_WRITABLE_TMPFS:
		w->writable_tmpfs = true;
		return 0;
	case OPT_APP:
		w->app = value;
		return *value && !strchr(value, '/') && strcmp(value, "..") ?
			       0 :
			       dn_fail(err, DN_REQUEST, "--app '%s': give the name of an app of the image", value);
	case 'f':
		w->fakeroot = true;
		return 0;
	case OPT_NET:
		w->no_network = true;
		return 0;
	case OPT_NETWORK:
		return set_network(w, value, err);
	case OPT_NO_MOUNT:
		return hide(w, value, err);
	case 'W':
		w->workdir = value;
		return 0;
	case 's':
		w->shell = value;
		return 0;
	case OPT_SHARE:
		w->share = true;
		return 0;
	case OPT_PASSPHRASE:
		w->ask_passphrase = true;
		return 0;
	case OPT_PASSPHRASE_FD:
		return set_passphrase_fd(w, value, err);
	case OPT_PEM_PATH:
		w->pem_path = value;
		return 0;
	case OPT_PULL:
		return set_pull(w, value, err);
	case OPT_MPI:
		w->mpi = value;
		return dn_mpi_wish_known(value) ? 0 : dn_fail(err, DN_REQUEST, "--container-mpi %s: allowed are " DN_MPI_WISHES, value);
	case 'i':
		w->unshared.what |= DN_UNSHARE_IPC;
		return 0;
	case OPT_UTS:
		w->unshared.what |= DN_UNSHARE_UTS;
		return 0;
	case OPT_HOSTNAME:
		w->unshared.hostname = value;
		return dn_hostname_check("--hostname", value, err);
	case OPT_NV:
		w->gpu |= DN_GPU_NVIDIA;
		return 0;
	case OPT_ROCM:
		w->gpu |= DN_GPU_AMD;
		return 0;
	case OPT_TRANSPORT:
		dn_strings_free(&w->transports);
		return dn_transport_split(value, &w->transports, err);
	case OPT_REFUSED:
		return refuse(name, err);
	default:
		return 0;
	}
}

static bool is_true(const char *value)
{
	return value && (!strcmp(value, "1") || !strcasecmp(value, "true") || !strcasecmp(value, "yes"));
}

/* Options whose variable has another name, or which are lists and add up. */
static int read_variables(struct dn_wishes *w, struct dn_err *err)
{
	static const struct {
		const char *name;
		int option;
		bool flag;
	} variables[] = {
		{ "BINDPATH", 'B', false },	 { "BIND", 'B', false },
		{ "MOUNT", OPT_MOUNT, false },	 { "CLEANENV", 'e', true },
		{ "CONTAIN", 'c', true },	 { "CONTAINALL", 'C', true },
		{ "PULL", OPT_PULL, false },	 { "PWD", OPT_PWD, false },	 { "CWD", OPT_PWD, false },
		{ "ENV_FILE", OPT_ENV_FILE, false }, { "HOME", 'H', false },
		{ "NO_HOME", OPT_NO_HOME, true }, { "OVERLAY", OPT_OVERLAY, false },
		{ "OVERLAYIMAGE", OPT_OVERLAY, false }, { "WRITABLE_TMPFS", OPT_WRITABLE_TMPFS, true },
		{ "APPNAME", OPT_APP, false },	 { "FAKEROOT", 'f', true },
		{ "NET", OPT_NET, true }, { "NETWORK", OPT_NETWORK, false },
		{ "NO_MOUNT", OPT_NO_MOUNT, false }, { "WORKDIR", 'W', false }, { "SHELL", 's', false },
		{ "CONTAINER_MPI", OPT_MPI, false }, { "IPC", 'i', true }, { "UTS", OPT_UTS, true }, { "HOSTNAME", OPT_HOSTNAME, false },
		{ "NV", OPT_NV, true }, { "CONTAINER_NV", OPT_NV, true }, { "ROCM", OPT_ROCM, true }, { "CONTAINER_ROCM", OPT_ROCM, true },
		{ "CONTAINER_REQUIRE_TRANSPORT", OPT_TRANSPORT, false },
	};
	size_t i;

	for (i = 0; i < sizeof(variables) / sizeof(variables[0]); i++) {
		const char *value = dn_option_variable(variables[i].name);
		char *name;
		int rc;

		if (!value || (variables[i].flag && !is_true(value)))
			continue;
		name = dn_text("variable %s", variables[i].name);
		rc = take(w, variables[i].option, name, value, err);
		if (rc)
			return dn_fail(err, err->code, "from the environment, *_%s: %s", variables[i].name, err->msg);
		free(name);
	}
	return 0;
}

static int unknown(char **argv, int bad, struct dn_err *err)
{
	const char *word = argv[optind - 1];

	if (optopt == 0 || bad == '?')
		return dn_fail(err, DN_REQUEST, "%s: unknown option '%s'; see dunnage %s --help", argv[0],
			       optopt > 0 && optopt < 256 ? (char[]){ '-', (char)optopt, 0 } : word, argv[0]);
	return dn_fail(err, DN_REQUEST, "%s: option '%s' wants a value; see dunnage %s --help", argv[0], word, argv[0]);
}

static int read_line(int argc, char **argv, struct dn_wishes *w, struct dn_err *err)
{
	int c, index = -1;

	opterr = 0;
	optind = 1;
	while ((c = getopt_long(argc, argv, "+:B:ecCH:fW:s:uhpi", options, &index)) != -1) {
		if (c == OPT_HELP || c == 'h') {
			dn_help(argv[0]);
			return 1;
		}
		if (c == 'p')
			return refuse("pid", err);
		if (c == '?' || c == ':')
			return unknown(argv, c, err);
		if (take(w, c, index >= 0 ? options[index].name : (char[]){ (char)c, 0 }, optarg, err))
			return -1;
		index = -1;
	}
	return 0;
}

static const struct {
	const char *name;
	enum dn_action action;
} actions[] = { { "exec", DN_EXEC }, { "run", DN_RUN }, { "shell", DN_SHELL }, { "test", DN_TEST }, { "start", DN_START } };

static int check(const struct dn_wishes *w, const char *command, struct dn_err *err)
{
	if (w->action == DN_EXEC && !w->argv[0])
		return dn_fail(err, DN_REQUEST, "exec: no program; write: dunnage exec IMAGE PROGRAM [ARGUMENT...]");
	if (w->no_home && w->home)
		return dn_fail(err, DN_REQUEST, "%s: --home and --no-home exclude each other; leave one out", command);
	if (w->workdir && !w->contain)
		return dn_fail(err, DN_REQUEST, "%s: --workdir is for --contain and --containall; add one of them", command);
	if (w->ask_passphrase && (w->passphrase_fd >= 0 || w->pem_path))
		return dn_fail(err, DN_REQUEST, "%s: --passphrase asks, so leave out --passphrase-fd and --pem-path", command);
	return 0;
}

int dn_wishes_read(int argc, char **argv, struct dn_wishes *w, struct dn_err *err)
{
	size_t i;
	int rc;

	*w = (struct dn_wishes){ .action = DN_EXEC, .passphrase_fd = -1 };
	for (i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		if (strcmp(argv[0], actions[i].name) == 0)
			w->action = actions[i].action;
	if (read_variables(w, err))
		return -1;
	rc = read_line(argc, argv, w, err);
	if (rc)
		return rc;
	if (optind >= argc)
		return dn_fail(err, DN_REQUEST, "%s: no image; write: dunnage %s [OPTION...] IMAGE ...", argv[0], argv[0]);
	w->image = argv[optind];
	w->argv = argv + optind + 1;
	if (w->argv[0] && strcmp(w->argv[0], "--") == 0)
		w->argv++;
	return check(w, argv[0], err);
}
