#!/usr/bin/env bats
# GPUs of a step, with a fake driver and fake devices on one node: no GPU takes part. What Slurm's GRES gave, as the kernel's
# devices cgroup knows it, is what a container shows; what the driver needs comes along; the policy may forbid it.

has_cgroups() { [ "$(sed -n 's/.*CGROUPS=\([^ ]*\).*/\1/p' "$BED/node0/settings")" = v1 ]; }

setup_file() {
    load ../lib/e2e
    load ../lib/gpu
    has_cgroups || return 0
    mkdir -p "$BED/shared/gpu"
    gpu_programs "$BED/shared/gpu"
    node 2 sh -ec "$GPU_INSTALL" sh /shared/gpu
    everywhere sh -ec 'sed -i "s/^NodeName=node\[0-2\]\(.*\)/NodeName=node[0-1]\1\nNodeName=node2\1 Gres=gpu:2/; 1i GresTypes=gpu" /etc/slurm/slurm.conf
        echo "NodeName=node2 Name=gpu File=/dev/nvidia[0-1]" > /etc/slurm/gres.conf'
    slurm_anew
    agents_on
}
teardown_file() {
    load ../lib/e2e
    load ../lib/gpu
    if node 2 test -e /dev/nvidia0; then
        everywhere sh -ec 'sed -i "/^NodeName=node2/d; /^GresTypes/d; s/^NodeName=node\[0-1\]/NodeName=node[0-2]/" /etc/slurm/slurm.conf; rm -f /etc/slurm/gres.conf'
        node 2 sh -c "$GPU_REMOVE"
        slurm_anew
    fi
    site
}
setup() {
    load ../lib/e2e
    load ../lib/gpu
    has_cgroups || skip "no usable cgroup v1 hierarchies, so that Slurm cannot keep a step from devices"
}
# site files that a test has changed
teardown() { [ ! -d "$BATS_TEST_TMPDIR/site" ] || site; }

slurm_anew() {
    local n
    node 0 sh -ec 'pid=$(cat /run/slurmctld.pid); kill "$pid"; for i in $(seq 100); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done; slurmctld' < /dev/null
    for n in $(all_nodes); do slurmd_anew "$n"; done
    retry 200 0.1 all_are_idle
}

MPI=/shared/images/mpi.sif
ASK=/shared/gpu/gpu-ask
DEVICES='ls /dev | grep -E "^(nvidia|infiniband)" | tr "\n" " "'

@test "a step sees the GPU that it was given, and its program finds the driver's library by dlopen" {
    run --separate-stderr alice env DUNNAGE_BIND=/shared/gpu srun -w node2 --gres=gpu:1 --container-nv --container="$MPI" sh -c "$DEVICES; $ASK; echo \"at \$LD_LIBRARY_PATH\""
    ran 0
    printed_line '^infiniband nvidia0 nvidiactl '
    printed_line '^infiniband .*cuInit: 4711|^cuInit: 4711'
    printed_line 'at .*/\.dunnage/host/gpu$'
    printed_no nvidia1
    run --separate-stderr alice env DUNNAGE_BIND=/shared/gpu srun -w node2 --gres=gpu:2 --container-nv --container="$MPI" sh -c "$DEVICES"
    ran 0
    printed 'infiniband nvidia0 nvidia1 nvidiactl '
    # the variable says it too, and nothing of the image or user makes it more
    run --separate-stderr alice env DUNNAGE_BIND=/shared/gpu DUNNAGE_CONTAINER_NV=1 NVIDIA_VISIBLE_DEVICES=all CUDA_VISIBLE_DEVICES=0,1 SLURM_STEP_GPUS=0,1 \
        srun -w node2 --gres=gpu:1 --container="$MPI" sh -c "$DEVICES; $ASK"
    ran 0
    printed_line 'nvidia0 nvidiactl cuInit: 4711'
    nodes_idle
}

@test "mpi explain tells the node's GPUs, and a transport that is demanded is there or not" {
    run node 2 /opt/dunnage/bin/dunnage mpi explain --container-require-transport=gpu,shm "$MPI"
    ran 0
    printed_line '^  \+ NVIDIA: 2 devices, driver nvidia 550.54.15, libcuda.so.1 550.54.15$'
    printed_line '^  \+ gpu: '
    run node 0 /opt/dunnage/bin/dunnage mpi explain --container-require-transport=gpu "$MPI"
    ran 3
    printed_line '^GPU of this machine: none$'
    printed_line '^  - gpu: there is no GPU'
    run --separate-stderr alice srun -w node2 -n2 --gres=gpu:1 --container-require-transport=gpu --container="$MPI" which-image
    ran 0
    run --separate-stderr alice srun -w node2 -n2 --container-require-transport=gpu --container="$MPI" "$(marker gpu)"
    refused 'container-require-transport=gpu' 'no GPU that may be used'
    marker_silent gpu
}

@test "two ranks share what their step has, and one job's steps have each their own" {
    run --separate-stderr alice env DUNNAGE_BIND=/shared/gpu srun -w node2 -n2 --gres=gpu:2 --container-nv --container="$MPI" sh -c "$DEVICES; $ASK"
    ran 0
    [ "$(grep -c 'nvidia0 nvidia1 nvidiactl cuInit: 4711' <<< "$output")" = 2 ]
    run --separate-stderr alice env DUNNAGE_BIND=/shared/gpu salloc -Q -w node2 -n1 --gres=gpu:2 sh -c "srun --gres=gpu:1 --container-nv --container=$MPI sh -c '$DEVICES; echo'"
    ran 0
    printed_line '^infiniband nvidia[01] nvidiactl $'
}

@test "a step that asks for a GPU and was given none is refused; the site may have it warned" {
    run --separate-stderr alice env DUNNAGE_BIND=/shared/gpu srun -w node2 --container-nv --container="$MPI" true
    refused 'container-nv' 'given none of the NVIDIA GPUs of node node2' 'gres=gpu:1'
    run --separate-stderr alice env DUNNAGE_BIND=/shared/gpu srun -w node0 --container-nv --container="$MPI" true
    refused 'container-nv' 'node node0 has no NVIDIA GPU whose driver'
    sed '$a gpu-absent: warn' "$FIXTURES/site/dunnage.yaml" > "$BATS_TEST_TMPDIR/dunnage.yaml"
    site "$BATS_TEST_TMPDIR/dunnage.yaml"
    run --separate-stderr alice env DUNNAGE_BIND=/shared/gpu srun -w node0 --container-nv --container="$MPI" which-image
    ran 0
    printed 'image mpi'
    grep -q 'starts without one' <<< "$stderr"
    nodes_idle
}

@test "gpu: auto shows each step what it was given, and no GPU to the others; --no-container-gpu leaves them out" {
    sed '$a gpu: auto' "$FIXTURES/site/dunnage.yaml" > "$BATS_TEST_TMPDIR/dunnage.yaml"
    site "$BATS_TEST_TMPDIR/dunnage.yaml"
    run --separate-stderr alice env DUNNAGE_BIND=/shared/gpu srun -w node2 --gres=gpu:1 --container="$MPI" sh -c "$DEVICES; $ASK"
    ran 0
    printed_line 'nvidia0 nvidiactl cuInit: 4711'
    run --separate-stderr alice env DUNNAGE_BIND=/shared/gpu srun -w node2 --container="$MPI" sh -c "$DEVICES; $ASK"
    ran 1
    printed_line '^infiniband cuInit: no libcuda.so.1'
    run --separate-stderr alice env DUNNAGE_BIND=/shared/gpu srun -w node2 --gres=gpu:1 --no-container-gpu --container="$MPI" sh -c "$DEVICES"
    ran 0
    printed 'infiniband '
}

@test "a rule that grants no GPU, or no such device, is named in the refusal" {
    policy() { printf 'version: 1\nrules:\n  - name: no gpus\n    mode: open\n    grant: {%s}\n' "$1" > "$BATS_TEST_TMPDIR/policy.yaml"; site "$BATS_TEST_TMPDIR/policy.yaml"; }
    policy 'gpu: false'
    run --separate-stderr alice env DUNNAGE_BIND=/shared/gpu srun -w node2 --gres=gpu:1 --container-nv --container="$MPI" true
    refused 'container-nv' 'policy.yaml:3' "'no gpus'" 'gpu: false'
    policy 'devices: [/dev/nvidiactl, /dev/nvidia1]'
    run --separate-stderr alice env DUNNAGE_BIND=/shared/gpu srun -w node2 --gres=gpu:1 --container-nv --container="$MPI" true
    refused "'devices' name no NVIDIA GPU" "'no gpus'"
    policy 'devices: [/dev/nvidiactl, /dev/nvidia0]'
    run --separate-stderr alice env DUNNAGE_BIND=/shared/gpu srun -w node2 --gres=gpu:1 --container-nv --container="$MPI" sh -c "$DEVICES; $ASK"
    ran 0
    printed_line '^nvidia0 nvidiactl cuInit: 4711'
    nodes_idle
}

@test "a driver that was changed under its module, and a description of devices that is not understood, are told" {
    node 2 sed -i 's/550.54.15/535.104.05/' /proc/driver/nvidia/version
    run --separate-stderr alice env DUNNAGE_BIND=/shared/gpu srun -w node2 --gres=gpu:1 --container-nv --container="$MPI" true
    refused '535.104.05' '550.54.15' 'reboot the node'
    run node 2 /opt/dunnage/bin/dunnage doctor --no-self-test
    printed_line '535.104.05.*550.54.15'
    run node 2 /opt/dunnage/bin/dunnage mpi explain --container-require-transport=gpu "$MPI"
    ran 3
    printed_line '^  - NVIDIA: 2 devices, driver nvidia 535.104.05, libcuda.so.1 550.54.15; .*reboot the node'
    printed_line '^  - gpu: there is no GPU that may be used'
    node 2 sed -i 's/535.104.05/550.54.15/' /proc/driver/nvidia/version
    node 2 sh -c 'mkdir -p /etc/cdi; printf "%s\n" "cdiVersion: 0.6.0" "kind: nvidia.com/gpu" "devices: [{name: a, containerEdits: {deviceNodes: [{path: /dev/nvidia0}], env: [FROM_CDI=yes]}}]" > /etc/cdi/nvidia.yaml'
    run --separate-stderr alice env DUNNAGE_BIND=/shared/gpu srun -w node2 --gres=gpu:1 --container-nv --container="$MPI" sh -c 'echo "$FROM_CDI"'
    ran 0
    printed yes
    node 2 sh -c 'echo "unheard: 1" >> /etc/cdi/nvidia.yaml'
    run --separate-stderr alice env DUNNAGE_BIND=/shared/gpu srun -w node2 --gres=gpu:1 --container-nv --container="$MPI" true
    refused '/etc/cdi/nvidia.yaml' unheard
    node 2 rm -rf /etc/cdi
    nodes_idle
}

@test "the limit of locked memory, which verbs need, is the step's own; verbs devices are shown unless the policy bars them" {
    local outside
    outside=$(alice env DUNNAGE_BIND=/shared/gpu srun -w node2 sh -c 'ulimit -l')
    run --separate-stderr alice env DUNNAGE_BIND=/shared/gpu srun -w node2 --container="$MPI" sh -c 'ulimit -l; ls /dev/infiniband'
    ran 0
    printed "$outside"$'\n'uverbs0
    printf 'version: 1\nrules:\n  - name: none\n    mode: open\n    grant: {devices: none}\n' > "$BATS_TEST_TMPDIR/policy.yaml"
    site "$BATS_TEST_TMPDIR/policy.yaml"
    run --separate-stderr alice env DUNNAGE_BIND=/shared/gpu srun -w node2 --container="$MPI" sh -c 'ls /dev/infiniband; :'
    ran 0
    printed ''
}
