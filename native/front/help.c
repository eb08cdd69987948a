#include "help.h"

#include <stdio.h>
#include <string.h>

static const struct {
	const char *command, *use, *does, *example;
} commands[] = {
	{ "exec", "IMAGE PROGRAM [ARGUMENT...]", "Runs a program of the image, as yourself.",
	  "  dunnage exec img.sif ./app input.dat\n"
	  "  dunnage exec -B /scratch:/data:ro --env THREADS=4 img.sif python3 run.py\n"
	  "  mpirun -n 8 dunnage exec img.sif ./mpi-app\n" },
	{ "run", "IMAGE [ARGUMENT...]", "Runs the image's runscript.",
	  "  dunnage run img.sif --version\n"
	  "  dunnage run --app plot img.sif data.csv\n" },
	{ "shell", "IMAGE [ARGUMENT...]", "Starts a shell in the image.",
	  "  dunnage shell img.sif\n"
	  "  dunnage shell --shell /bin/zsh img.sif\n" },
	{ "test", "IMAGE [ARGUMENT...]", "Runs the test that the image brings.", "  dunnage test img.sif\n" },
};

static const char options[] =
	"  -B, --bind SRC[:DST[:ro]]   show a directory or file of the host, several with commas\n"
	"      --mount type=bind,source=SRC,destination=DST[,ro]\n"
	"                              the same in the longer notation\n"
	"  -e, --cleanenv              start without the environment of the host\n"
	"  -c, --contain               an empty /tmp and home, and a /dev without the host's devices\n"
	"  -C, --containall            --contain and --cleanenv\n"
	"  -W, --workdir DIR           where /tmp, /var/tmp and home of --contain lie, instead of memory\n"
	"      --pwd DIR               working directory in the container (also --cwd)\n"
	"      --env NAME=VALUE        set a variable, several with commas\n"
	"      --env-file FILE         set the variables that a file of NAME=VALUE lines names\n"
	"  -H, --home SRC[:DST]        another home directory\n"
	"      --no-home               leave the home directory out\n"
	"      --no-mount PART,...     leave out parts of the host: proc, sys, dev, home, tmp, cwd, etc\n"
	"      --overlay DIR[:ro]      keep what is written to the root in a directory\n"
	"      --writable-tmpfs        allow writes to the root, kept in memory until the end\n"
	"      --app NAME              an app of the image (SCIF)\n"
	"  -f, --fakeroot              appear as root inside; outside you stay yourself\n"
	"      --net, --network none   no network\n"
	"  -i, --ipc                   System V IPC of the container's own\n"
	"      --uts, --hostname NAME  a host name of the container's own\n"
	"      --passphrase            ask for the passphrase of an encrypted image\n"
	"      --passphrase-fd N       read it from the first line of a descriptor\n"
	"      --pem-path FILE         the RSA key that an encrypted image was made for\n"
	"      --nv, --rocm            the machine's NVIDIA GPUs with their driver, its AMD GPUs\n"
	"  -s, --shell PATH            the shell that is started (shell)\n"
	"      --pull WHEN             an image from a registry: missing (the default), always, never\n"
	"      --container-mpi HOW     auto, hybrid, bind, fabric, none, or require: before the 2nd to 4th; none lets MPI programs\n"
	"                              that find fewer ranks than were started go on alone\n"
	"      --container-require-transport LIST  go on only where messages can take this way: verbs, ucx, cxi, gpu ...\n"
	"      --sharens               share the container with what the same parent starts\n"
	"  -h, --help                  this text\n";

static const char instance[] =
	"Use: dunnage instance start [OPTION...] IMAGE NAME [ARGUMENT...]\n"
	"     dunnage instance list [--json] [NAME]\n"
	"     dunnage instance stop NAME | --all\n"
	"Starts a container that waits in the background, with the image's startscript in it; its output goes to\n"
	"~/.dunnage/instances/NAME.log. The image instance://NAME of exec, run and shell is that container. The options of\n"
	"start are those of exec, see dunnage exec --help.\n\n"
	"Examples:\n"
	"  dunnage instance start -B /data db.sif db1\n"
	"  dunnage exec instance://db1 client --status\n"
	"  dunnage instance stop db1\n";

static const char mpirun[] =
	"Use: dunnage mpirun [MPIRUN-OPTION...] --image IMAGE PROGRAM [ARGUMENT...]\n"
	"Starts the host's mpirun, with the ranks in the image: each PROGRAM becomes 'dunnage exec IMAGE PROGRAM'.\n"
	"All options but --container-mpi HOW are mpirun's own. DUNNAGE_MPIRUN names the mpirun to use, else it is the one in PATH.\n\n"
	"Examples:\n"
	"  dunnage mpirun -n 8 --image img.sif ./app input.dat\n"
	"  DUNNAGE_BIND=/scratch dunnage mpirun -n 2 --image img.sif ./a : -n 2 ./b\n";

void dn_help(const char *command)
{
	size_t i;

	if (strcmp(command, "instance") == 0 || strcmp(command, "start") == 0) {
		fputs(instance, stdout);
		return;
	}
	if (strcmp(command, "mpirun") == 0) {
		fputs(mpirun, stdout);
		return;
	}

	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(commands[i].command, command))
			continue;
		printf("Use: dunnage %s [OPTION...] %s\n%s\n\n%s\n", command, commands[i].use, commands[i].does, options);
		printf("Examples:\n%s\n", commands[i].example);
	}
	puts("Each option has a variable: DUNNAGE_BIND, DUNNAGE_CLEANENV=1 ..., and APPTAINER_ or SINGULARITY_ in front count\n"
	     "as well. DUNNAGEENV_NAME (APPTAINERENV_NAME, SINGULARITYENV_NAME) sets NAME in the container.\n"
	     "Exit status: the program's; 126 it cannot be run, 127 it is not there, 2 to 9 Dunnage's own, see dunnage(1).");
}
