#!/bin/bash
# The guard against MPI worlds of the wrong size, in programs of this machine: loaded by LD_PRELOAD, as containers load it by
# /etc/ld.so.preload.     guard.sh GUARD
set -u
guard=$(realpath "$1")
work=$(mktemp -d /tmp/dunnage-guard.XXXXXX)
trap 'rm -rf "$work"' EXIT
failed=0
ok() { echo "ok    guard: $1"; }
bad() { failed=1; echo "FAIL  guard: $1"; shift; printf '      %s\n' "$@"; }

cat > "$work/world.c" <<'END'
#include <mpi.h>
#include <stdio.h>
int main(int argc, char **argv)
{
	int size, got;
	if (argc > 1)
		MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &got);
	else
		MPI_Init(&argc, &argv);
	MPI_Comm_size(MPI_COMM_WORLD, &size);
	printf("world of %d\n", size);
	fflush(stdout);
	MPI_Finalize();
	return 0;
}
END
cat > "$work/world.f90" <<'END'
program world
  use mpi
  integer :: size, error
  call MPI_INIT(error)
  call MPI_COMM_SIZE(MPI_COMM_WORLD, size, error)
  print '(a,i0)', 'world of ', size
  call MPI_FINALIZE(error)
end program
END
# opens its MPI library for itself alone, as Python's modules do
cat > "$work/private.c" <<'END'
#include <dlfcn.h>
#include <stdio.h>
int main(int argc, char **argv)
{
	void *module = argc > 1 ? dlopen(argv[1], RTLD_NOW | RTLD_LOCAL) : NULL;
	int (*entry)(void) = module ? (int (*)(void))dlsym(module, "entry") : NULL;
	if (!entry)
		printf("%s\n", dlerror());
	return entry ? entry() : 2;
}
END
cat > "$work/module.c" <<'END'
#include <mpi.h>
#include <stdio.h>
int entry(void);
int entry(void)
{
	int size;
	MPI_Init(NULL, NULL);
	MPI_Comm_size(MPI_COMM_WORLD, &size);
	printf("world of %d\n", size);
	MPI_Finalize();
	return 0;
}
END
# a tool that watches MPI_Init
cat > "$work/tool.c" <<'END'
#include <mpi.h>
#include <stdio.h>
int MPI_Init(int *argc, char ***argv)
{
	printf("tool was here\n");
	fflush(stdout);
	return PMPI_Init(argc, argv);
}
END

# run NAME STATUS PATTERN [NAME=VALUE]... PROGRAM...
run() {
	local name=$1 status=$2 pattern=$3 out rc
	shift 3
	out=$(timeout 60 env -u SLURM_PROCID -u OMPI_COMM_WORLD_SIZE -u PMI_SIZE LD_PRELOAD="$guard" OMPI_ALLOW_RUN_AS_ROOT=1 \
		OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1 "$@" 2>&1)
	rc=$?
	if [ $rc = "$status" ] && grep -Eq -- "$pattern" <<< "$out"; then ok "$name"; else bad "$name" "status $rc, wanted $status and /$pattern/" "$out"; fi
}

run "a program without MPI" 0 '^x$' PMI_SIZE=4 echo x
cc=${CC:-gcc}
$cc -o "$work/private" "$work/private.c" -ldl || exit 1
for family in mpich openmpi; do
	command -v mpicc.$family > /dev/null || { echo "SKIPPED: mpicc.$family is missing"; continue; }
	if ! mpicc.$family -o "$work/world" "$work/world.c" || ! mpicc.$family -no-pie -fno-pie -o "$work/fixed" "$work/world.c" ||
		! mpicc.$family -shared -fPIC -o "$work/module.so" "$work/module.c" ||
		! mpicc.$family -shared -fPIC -o "$work/tool.so" "$work/tool.c"; then
		bad "$family: compiler"
		continue
	fi
	stop='^dunnage: MPI found 1 rank where 4 were started: (MPICH|Open MPI).*--container-mpi=none$'
	run "$family: alone, and meant so" 0 'world of 1' "$work/world"
	run "$family: one of one" 0 'world of 1' PMI_SIZE=1 "$work/world"
	run "$family: MPI_Init_thread" 86 "$stop" PMI_SIZE=4 "$work/world" thread
	run "$family: of OMPI_COMM_WORLD_SIZE" 86 "$stop" OMPI_COMM_WORLD_SIZE=4 "$work/world"
	run "$family: a nested launch of one counts" 0 'world of 1' PMI_SIZE=4 OMPI_COMM_WORLD_SIZE=1 "$work/world"
	run "$family: MPI_Init, a program at a fixed address" 86 "$stop" PMI_SIZE=4 "$work/fixed"
	run "$family: a library that is opened privately" 86 "$stop" PMI_SIZE=4 "$work/private" "$work/module.so"
	run "$family: the same, alone" 0 'world of 1' "$work/private" "$work/module.so"
	run "$family: a tool behind it works" 0 'tool was here' LD_PRELOAD="$guard:$work/tool.so" "$work/world"
	run "$family: a tool in front of it does not hide" 86 "$stop" LD_PRELOAD="$work/tool.so:$guard" PMI_SIZE=4 "$work/world"
	mpirun=mpirun.$family
	run "$family: mpirun's ranks run" 0 'world of 2' $mpirun -n 2 "$work/world"
	if command -v mpif90.$family > /dev/null; then
		mpif90.$family -o "$work/fortran" "$work/world.f90" || { bad "$family: Fortran compiler"; continue; }
		run "$family: Fortran" 86 "$stop" PMI_SIZE=4 "$work/fortran"
		run "$family: Fortran, mpirun's ranks run" 0 'world of 2' $mpirun -n 2 "$work/fortran"
	else
		echo "SKIPPED: mpif90.$family is missing"
	fi
done

if command -v mpicc.openmpi > /dev/null; then
	mpicc.openmpi -o "$work/world" "$work/world.c"
	run "openmpi: its own end in MPI_Init is told with the cure" 86 '^dunnage: MPI_Init gave up: Open MPI v4.*use srun --mpi=pmix$' \
		OMPI_COMM_WORLD_SIZE= PMI_SIZE=4 SLURM_JOB_ID=1 SLURM_STEP_ID=0 SLURM_NODELIST=here SLURM_PROCID=0 OMPI_MCA_ess=pmi "$work/world"
fi

# processes that others start have a world of their own size; Debian's MPICH 4.0.2 cannot start any
if command -v mpicc.openmpi > /dev/null; then
	mpicc.openmpi -o "$work/spawn" "$(dirname "$0")/../../tests/programs/spawn.c"
	# what Open MPI makes of the end of such a world is its own affair: it ends by SIGPIPE now and then
	out=$(LD_PRELOAD=$guard OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1 \
		timeout 60 mpirun.openmpi -n 2 "$work/spawn" 2>&1)
	if grep -qx '3 processes of 3 together' <<< "$out" && ! grep -q 'dunnage:' <<< "$out"; then ok "openmpi: MPI_Comm_spawn"
	else bad "openmpi: MPI_Comm_spawn" "$out"; fi
fi

# ranks that all fail: one message
if [ -x "$work/world" ] && command -v mpicc.mpich > /dev/null; then
	mpicc.mpich -o "$work/world" "$work/world.c"
	out=$(for r in 3 2 1 0; do PMI_SIZE=4 PMI_RANK=$r LD_PRELOAD=$guard "$work/world" 2>&1 & done; wait)
	if [ "$(grep -c 'dunnage: MPI found' <<< "$out")" = 1 ]; then ok "four ranks, one message"; else bad "four ranks, one message" "$out"; fi
fi
exit $failed
