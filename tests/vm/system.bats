#!/usr/bin/env bats
# Debian's own kernel and systemd: the units as they are installed, and Slurm's limits in the unified cgroup hierarchy.

setup() { load ../lib/vm; }

@test "the agent runs as systemd's unit, and a signed image as a step" {
    run --separate-stderr machine 0 systemctl is-active dunnage-agent.socket dunnage-agent.service
    ran 0
    # the first step reads and verifies; that takes an emulated JVM long
    run --separate-stderr alice srun --container="$IMG/hello.sif" which-image
    ran 0
    printed 'image hello'
    run --separate-stderr machine 0 journalctl -q -u dunnage-agent --no-pager
    printed_line 'allowed by rule'
}

@test "a step that uses more memory than it was given ends in Slurm's message" {
    run --separate-stderr alice srun --mem=64 --container="$IMG/hello.sif" sh -c 'cat /proc/self/cgroup; tail -c 200m /dev/zero && echo survived'
    [ "$status" -ne 0 ]
    printed_line '^0::/'
    printed_no survived
    grep -qiE 'oom.kill' <<< "$stderr" || saw
    run machine 0 sh -c 'sinfo -h -n machine0 -o %t; grep -c " /run/dunnage" /proc/mounts'
    printed_line '^idle$'
}

@test "a step sees the processors that it was given" {
    run --separate-stderr alice srun -n1 -c1 --container="$IMG/hello.sif" nproc
    ran 0
    printed 1
}

@test "of two GPUs, which are fakes, a step sees the one that the unified hierarchy lets it open" {
    load ../lib/gpu
    mkdir -p "$SHARED/gpu"
    gpu_programs "$SHARED/gpu"
    # the agent's unit has a /proc of its own, which the real file would be in too
    run --separate-stderr machine 0 sh -ec '
        fake="mount -t tmpfs -o mode=755 gpu-proc /proc/driver; mkdir /proc/driver/nvidia
            echo \"NVRM version: NVIDIA UNIX x86_64 Kernel Module  '"$GPU_VERSION"'  Tue Mar  5 22:23:56 UTC 2024\" > /proc/driver/nvidia/version"
        sh -ec "$fake"
        nsenter -t "$(systemctl show -p MainPID --value dunnage-agent)" -m sh -ec "$fake"
        install -m 644 /share/gpu/libcuda.so.'"$GPU_VERSION"' /usr/lib/x86_64-linux-gnu/
        ln -s libcuda.so.'"$GPU_VERSION"' /usr/lib/x86_64-linux-gnu/libcuda.so.1
        ldconfig'
    ran 0
    run --separate-stderr alice env DUNNAGE_BIND=/share/gpu srun --gres=gpu:1 --container-nv --container="$IMG/mpi.sif" sh -c 'echo /dev/nvidia*; /share/gpu/gpu-ask'
    ran 0
    printed_line '^/dev/nvidia0 /dev/nvidiactl$'
    printed_line '^cuInit: 4711$'
    run --separate-stderr alice srun --container-nv --container="$IMG/mpi.sif" true
    refused 'container-nv' 'given none of the NVIDIA GPUs'
}

@test "nothing is left on the machines" {
    local n
    for n in 0 1; do
        run machine "$n" sh -c 'grep -c " /run/dunnage-" /proc/mounts; losetup -n --list | wc -l; pgrep -c squashfuse'
        printed_no '[1-9]'
    done
}
