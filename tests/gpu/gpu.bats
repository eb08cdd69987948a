#!/usr/bin/env bats
# A real GPU of NVIDIA, its driver and a real Slurm on one node; see tests/gpu/pack and run. The machine needs one GPU, no network.

bats_require_minimum_version 1.5.0
# shellcheck source=tests/lib/common.bash
. "$BATS_TEST_DIRNAME/../lib/common.bash"
# shellcheck source=tests/lib/checks.bash
. "$BATS_TEST_DIRNAME/../lib/checks.bash"

IMG=/shared/images/app.sif
SITE=/etc/dunnage

setup_file() { cp -a $SITE "$BATS_FILE_TMPDIR/site"; }
teardown() { cp "$BATS_FILE_TMPDIR"/site/*.yaml $SITE/; rm -rf /etc/cdi; }

alice() {
    setpriv --reuid=alice --regid=alice --clear-groups env -i -C /home/alice HOME=/home/alice USER=alice LC_ALL=C.UTF-8 \
        PATH=/usr/local/bin:/usr/bin:/bin:/opt/dunnage/bin timeout -k 5 90 "$@"
}
gpu_name() { nvidia-smi --query-gpu=name --format=csv,noheader | head -n 1; }
# what vectors says where it ran on one GPU
on_the_gpu() { printed_line "^GPU 0 of 1: $(gpu_name), driver $(nvidia-smi | sed -n 's/.*CUDA Version: *\([0-9.]*\).*/\1/p'), right$"; }

@test "bare steps: Slurm gives the GPU to those who ask, and nobody else may open it" {
    run --separate-stderr alice srun --gres=gpu:1 vectors
    ran 0
    on_the_gpu
    run --separate-stderr alice srun vectors
    [ "$status" -ne 0 ]
}

@test "--container-nv: the image's program runs on the GPU with the machine's driver, which the image has not" {
    run --separate-stderr alice srun --gres=gpu:1 --container-nv --container=$IMG sh -c 'cat /etc/os-release; vectors; ls /.dunnage/host/gpu'
    ran 0
    printed_line 'image of the tests'
    on_the_gpu
    printed_line '^libnvidia-ml.so.1$'
}

@test "nvidia-smi comes along and sees the same GPU; two ranks share it" {
    run --separate-stderr alice srun --gres=gpu:1 --container-nv --container=$IMG nvidia-smi -L
    ran 0
    printed "$(nvidia-smi -L)"
    run --separate-stderr alice srun -n2 --gres=gpu:1 --container-nv --container=$IMG vectors
    ran 0
    [ "$(grep -c ', right$' <<< "$output")" = 2 ] || saw
}

@test "a batch job in a container, on the GPU" {
    run --separate-stderr alice sbatch --wait -o batch.out --gres=gpu:1 --container-nv --container=$IMG --wrap 'vectors'
    ran 0
    run cat /home/alice/batch.out
    on_the_gpu
}

@test "a step that was given no GPU has none, whatever its variables and binds say" {
    run --separate-stderr alice srun --container-nv --container=$IMG vectors
    refused 'container-nv' 'given none of the NVIDIA GPUs of node gpunode' 'gres=gpu:1'
    run --separate-stderr alice env NVIDIA_VISIBLE_DEVICES=all CUDA_VISIBLE_DEVICES=0 srun --container=$IMG vectors
    [ "$status" -ne 0 ]
    printed_no 'GPU 0'
    # all that the user could bind himself: the libraries and the devices
    run --separate-stderr alice env DUNNAGE_BIND="$(dirname "$(ldconfig -p | awk '/libcuda.so.1 / { print $NF; exit }')"):/opt/driver,/dev" \
        srun --container=$IMG sh -c 'LD_LIBRARY_PATH=/opt/driver vectors'
    [ "$status" -ne 0 ]
    printed_line 'cuInit: error'
}

@test "gpu: auto gives each step what Slurm gave it, and gpu: false in a rule refuses" {
    echo 'gpu: auto' >> $SITE/dunnage.yaml
    run --separate-stderr alice srun --gres=gpu:1 --container=$IMG vectors
    ran 0
    on_the_gpu
    run --separate-stderr alice srun --container=$IMG sh -c 'vectors; echo went on'
    ran 0
    printed_line 'went on'
    printed_no 'right'
    printf 'version: 1\nrules:\n  - name: no gpus\n    mode: open\n    grant: {gpu: false}\n' > $SITE/policy.yaml
    run --separate-stderr alice srun --gres=gpu:1 --container-nv --container=$IMG vectors
    refused 'container-nv' 'policy.yaml:3' "'no gpus'" 'gpu: false'
}

@test "CDI: devices, variables, mounts and links as the description says" {
    local lib d
    lib=$(dirname "$(readlink -f "$(ldconfig -p | awk '/libcuda.so.1 / { print $NF; exit }')")")
    mkdir /etc/cdi
    {
        printf 'cdiVersion: 0.5.0\nkind: nvidia.com/gpu\ndevices:\n- name: "0"\n  containerEdits:\n    deviceNodes:\n    - path: %s\n' /dev/nvidia[0-9]
        printf 'containerEdits:\n  env: [FROM_CDI=yes, NVIDIA_VISIBLE_DEVICES=void]\n  deviceNodes:\n'
        for d in nvidiactl nvidia-uvm nvidia-uvm-tools; do echo "  - path: /dev/$d"; done
        echo '  mounts:'
        for d in "$lib"/lib{cuda,nvidia-ml,nvidia-ptxjitcompiler,nvidia-gpucomp,nvidia-nvvm}.so."$VERSION"; do
            printf '  - {hostPath: %s, containerPath: /usr/lib/x86_64-linux-gnu/%s, options: [ro, nosuid, nodev, bind]}\n' "$d" "${d##*/}"
        done
        echo '  hooks:'
        printf '  - {hookName: createContainer, path: /usr/bin/nvidia-cdi-hook, args: [nvidia-cdi-hook, %s, %s, %s]}\n' \
            create-symlinks --link libcuda.so.1::/usr/lib/x86_64-linux-gnu/libcuda.so \
            update-ldcache --folder /usr/lib/x86_64-linux-gnu
    } > /etc/cdi/nvidia.yaml
    run --separate-stderr alice srun --gres=gpu:1 --container-nv --container=$IMG sh -c 'echo "$FROM_CDI"; vectors'
    ran 0
    printed_line '^yes$'
    on_the_gpu
}

@test "dunnage exec --nv without root and without Slurm" {
    run --separate-stderr alice dunnage exec --nv $IMG vectors
    ran 0
    on_the_gpu
    run --separate-stderr alice dunnage exec --contain --nv $IMG vectors
    ran 0
    on_the_gpu
    run --separate-stderr alice dunnage exec $IMG vectors
    [ "$status" -ne 0 ]
}

@test "explain and doctor tell the GPU and its driver" {
    run --separate-stderr alice dunnage mpi explain --container-require-transport=gpu $IMG
    ran 0
    printed_line "NVIDIA: [0-9]+ devices?, driver nvidia $VERSION"
    printed_line '\+ gpu: '
    run dunnage doctor
    printed_line "OK +gpu: NVIDIA: .*driver $VERSION"
}

@test "scancel ends a step that holds the GPU, and nothing of it remains" {
    local out=/home/alice/held i
    alice srun -J held --gres=gpu:1 --container-nv --container=$IMG sh -c "vectors 60 > held" &
    for ((i = 0; i < 150; i++)); do if grep -q right $out 2> /dev/null; then break; fi; sleep 0.2; done
    run nvidia-smi --query-gpu=memory.used --format=csv,noheader,nounits
    [ "$output" -gt 100 ] || saw
    alice scancel -n held
    wait || true
    for ((i = 0; i < 100; i++)); do if [ "$(sinfo -h -t idle -o %N)" = gpunode ]; then break; fi; sleep 0.2; done
    sleep 1
    run sh -c 'pgrep -c vectors; grep -c " /run/dunnage-" /proc/mounts; losetup -n --list | grep -v nvidia; pgrep -c squashfuse'
    printed_no '[1-9]'
    run nvidia-smi --query-gpu=memory.used --format=csv,noheader,nounits
    [ "$output" -lt 100 ] || saw
}

@test "time to the result: bare and in the container by turns" {
    local i t0
    run --separate-stderr alice srun --gres=gpu:1 --container-nv --container=$IMG vectors
    for ((i = 0; i < 7; i++)); do
        for c in bare container; do
            t0=$(date +%s%N)
            if [ $c = bare ]; then alice srun -Q --gres=gpu:1 vectors > /dev/null; else alice srun -Q --gres=gpu:1 --container-nv --container=$IMG vectors > /dev/null; fi
            echo $((($(date +%s%N) - t0) / 1000000)) >> "$BATS_TEST_TMPDIR/$c"
        done
    done
    for c in bare container; do echo "# $c: median $(sort -n "$BATS_TEST_TMPDIR/$c" | sed -n 4p) ms of $(sort -n "$BATS_TEST_TMPDIR/$c" | tr '\n' ' ')" >&3; done
}

@test "PyTorch: matrix products and copies, bare and in the container by turns" {
    [ -n "$TORCH" ] || skip "no --torch DIR"
    local round root=/machine
    [ "$(readlink -f $root/usr)" = $root/usr ] || saw
    cp "$BATS_TEST_DIRNAME/torch.py" $root/tmp/dunnage-torch.py
    cp "$BATS_TEST_DIRNAME/torch.py" /home/alice/torch-speed.py
    for round in 1 2 3; do
        run --separate-stderr timeout 120 chroot $root "$TORCH/bin/python3" /tmp/dunnage-torch.py
        ran 0
        echo "# bare:      $output" >&3
        run --separate-stderr alice srun --gres=gpu:1 --container-nv --container-mounts="/torch:$TORCH:ro" --container=/shared/images/system.sif \
            "$TORCH/bin/python3" /home/alice/torch-speed.py
        ran 0
        echo "# container: $output" >&3
    done
    rm -f $root/tmp/dunnage-torch.py
}
