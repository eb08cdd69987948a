#!/usr/bin/env bats
# --nv and --rocm without Slurm, with a fake driver and fake devices: no GPU takes part.

setup_file() {
    load ../lib/shell
    load ../lib/gpu
    mkdir -p "$BATS_FILE_TMPDIR/gpu"
    gpu_programs "$BATS_FILE_TMPDIR/gpu"
    chmod 755 "$BATS_FILE_TMPDIR/gpu"
    nosite
}
setup() { load ../lib/shell; load ../lib/gpu; }

here() { tar -C "$BATS_FILE_TMPDIR/gpu" -c . | machine tar -C /open --no-same-owner -x; }

@test "--nv on a machine without GPU is a line of warning, and the program runs" {
    run --separate-stderr alice dunnage exec --nv "$OPEN" which-image
    ran 0
    printed 'image hello'
    grep -q 'dunnage: --nv: .*has no NVIDIA GPU whose driver (nvidia) runs; the container starts without one' <<< "$stderr"
    run --separate-stderr line "APPTAINER_ROCM=1 dunnage exec $OPEN which-image"
    ran 0
    grep -q 'dunnage: --rocm: ' <<< "$stderr"
    run --separate-stderr alice dunnage exec --nvccli "$OPEN" true
    ran 2
    refused nvccli
}

@test "--nv shows the driver's library to a program that opens it, and with --contain the devices" {
    here
    machine sh -ec "$GPU_INSTALL" sh /open
    run --separate-stderr alice dunnage exec --nv -B /open "$MPI" sh -c '/open/gpu-ask; ls /dev/nvidia0'
    ran 0
    printed 'cuInit: 4711
/dev/nvidia0'
    run --separate-stderr line "DUNNAGE_NV=1 dunnage exec --contain -B /open $MPI sh -c '/open/gpu-ask; ls /dev | grep -c nvidia'"
    ran 0
    printed 'cuInit: 4711
3'
    run --separate-stderr alice dunnage exec -B /open "$MPI" /open/gpu-ask
    ran 1
    printed 'cuInit: no libcuda.so.1'
    # the driver is the machine's: nothing of it can be changed
    run --separate-stderr alice dunnage exec --nv "$MPI" sh -c 'echo x > /.dunnage/host/gpu/libcuda.so.1'
    [ "$status" -ne 0 ]
}

teardown_file() {
    load ../lib/shell
    load ../lib/gpu
    if machine test -e /dev/nvidia0; then machine sh -c "$GPU_REMOVE"; fi
}
