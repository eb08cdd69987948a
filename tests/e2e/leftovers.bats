#!/usr/bin/env bats
# After many steps, however they ended, the nodes hold what they held before.

setup_file() { load ../lib/e2e; agents_on; }
setup() {
    load ../lib/e2e
    load ../lib/leftovers
    LIMIT=590 STEPS=200
    if [ "${DUNNAGE_TESTS_FULL:-0}" = 1 ]; then STEPS=1000 LIMIT=1800; fi
}

# one container step of every kind first: caches of the store may fill
warm() {
    nodes_idle
    alice srun -N"$NODES" --container="$IMG/hello.sif" true
    alice srun -N"$NODES" --container="$OPEN/hello.sif" true
    nodes_idle
    rest
}

@test "200 steps (1000 with --full), kernel driver and FUSE by turns" {
    warm
    run --separate-stderr alice bash -c '
        steps() {
            for ((i = $1; i < '"$STEPS"'; i += '"$NODES"')); do
                image=/shared/images/hello.sif
                [ $((i % 2)) = 0 ] || image=/shared/open/hello.sif
                srun -w node$1 --container=$image true || exit 1
            done
        }
        for ((n = 0; n < '"$NODES"'; n++)); do steps $n & all+=($!); done
        for one in "${all[@]}"; do wait $one || exit 1; done'
    ran 0
    clean
    nodes_idle
}

@test "refused steps leave nothing" {
    warm
    local i
    for i in 1 2 3 4 5; do
        run --separate-stderr alice srun --container="$BAD/unsigned.sif" true
        [ "$status" -ne 0 ]
        run --separate-stderr alice srun --container="$IMG/hello.sif" --container-mounts=/no/such:/mnt true
        [ "$status" -ne 0 ]
    done
    clean
    nodes_idle
}

@test "scancel of running steps" {
    warm
    local image job
    for image in "$IMG/hello.sif" "$OPEN/hello.sif"; do
        job=$(alice sbatch --parsable -N"$NODES" -n"$NODES" -o /dev/null --wrap "srun --container=$image ender stay")
        retry 100 0.2 steps_run "$NODES"
        alice scancel "$job"
        retry 200 0.2 no_steps
    done
    nodes_idle
    clean
}
steps_run() { [ "$(everywhere pgrep -c -x ender | awk '{ n += $1 } END { print n }')" -ge "$1" ]; }
no_steps() { [ "$(everywhere pgrep -c -x ender | awk '{ n += $1 } END { print n }')" = 0 ] && [ -z "$(alice squeue -h)" ]; }

@test "kill -9 of ranks" {
    warm
    local image
    for image in "$IMG/hello.sif" "$OPEN/hello.sif"; do
        alice bash -c "srun -n3 -O -w node1 --container=$image ender stay" > /dev/null 2>&1 &
        retry 100 0.2 steps_run 3
        node 1 pkill -KILL -x ender
        wait
        retry 100 0.2 no_steps
    done
    nodes_idle
    clean
}

@test "kill -9 of a step's slurmstepd" {
    warm
    alice bash -c "srun -w node1 --container=$OPEN/hello.sif ender stay" > /dev/null 2>&1 &
    retry 100 0.2 steps_run 1
    node 1 pkill -KILL -f 'slurmstepd: \[.*\.0\]'
    alice scancel -u alice
    node 1 pkill -KILL -x ender || true
    wait
    retry 200 0.2 no_steps
    nodes_idle
    # the step's cgroups are slurmstepd's to remove, with or without a container
    node 1 find /sys/fs/cgroup -depth -type d -path '*/uid_2001/job_*' -exec rmdir {} +
    clean
}

@test "kill -9 of the FUSE server ends in an error of the program, not of the node" {
    warm
    alice bash -c "srun -w node1 --container=$OPEN/hello.sif ender stay" > /dev/null 2>&1 &
    retry 100 0.2 steps_run 1
    node 1 pkill -KILL squashfuse
    alice scancel -u alice
    wait
    retry 200 0.2 no_steps
    nodes_idle
    clean
}

@test "dunnage gc removes what nobody uses, and nothing of a living step" {
    local job
    warm
    alice bash -c "srun -w node1 --container=$OPEN/hello.sif ender stay" > /dev/null 2>&1 &
    retry 100 0.2 steps_run 1
    job=$(alice squeue -h -o %A)
    "$CLUSTER" agent kill 1
    # a loop device that no step has, a record, a group and a socket of parts that were killed
    node 1 sh -ec 'image=$(ls /var/cache/dunnage/images/*.sif 2> /dev/null | head -1)
        [ -n "$image" ] || { image=/var/cache/dunnage/images/left.sif; cp /shared/images/hello.sif $image; }
        losetup -f -r "$image"; losetup -j "$image" | grep -q loop
        echo odd > /run/dunnage-jobs/4000000; touch -d "1 hour ago" /run/dunnage-jobs/4000000
        mkdir /sys/fs/cgroup/pids/dunnage_4000000.0
        test -e /run/dunnage-jobs/'"$job"
    sleep 2
    run --separate-stderr node 1 /opt/dunnage/bin/dunnage gc --dry-run
    ran 0
    printed_line 'would remove record /run/dunnage-jobs/4000000$'
    node 1 test -e /run/dunnage-jobs/4000000
    run --separate-stderr node 1 /opt/dunnage/bin/dunnage gc
    ran 0
    printed_line 'removed record /run/dunnage-jobs/4000000$'
    printed_line 'removed cgroup .*/dunnage_4000000.0$'
    printed_line 'removed loop device /dev/loop'
    printed_line 'removed socket /run/dunnage/agent.sock$'
    printed_line '^4 removed$'
    node 1 sh -ec '! test -e /run/dunnage-jobs/4000000; ! test -e /sys/fs/cgroup/pids/dunnage_4000000.0; test -e /run/dunnage-jobs/'"$job"'; rm -f /var/cache/dunnage/images/left.sif'
    [ "$(node 1 pgrep -c -x ender)" = 1 ]
    run --separate-stderr node 1 /opt/dunnage/bin/dunnage gc
    printed '0 removed'
    # without Slurm's answer nothing that only it can tell is touched
    node 1 sh -c 'echo odd > /run/dunnage-jobs/4000000; touch -d "1 hour ago" /run/dunnage-jobs/4000000'
    run --separate-stderr node 1 /opt/dunnage/bin/dunnage gc --slurm-bin /no/such
    ran 0
    printed '0 removed'
    grep -q '/no/such/squeue does not tell' <<< "$stderr"
    node 1 rm /run/dunnage-jobs/4000000
    alice scancel -u alice
    wait
    run --separate-stderr alice /opt/dunnage/bin/dunnage gc
    refused 'only root'
    agents_on
    clean
    nodes_idle
}

@test "before its start the unit of the agent removes what killed parts have left, and the agent what is its own" {
    warm
    local unit=$PREFIX/etc/systemd/dunnage-agent.service command
    command=$(sed -n "s|^ExecStartPre=-+.*/bin/dunnage|/opt/dunnage/bin/dunnage|p" "$unit")
    [ -n "$command" ] || { cat "$unit"; false; }
    alice bash -c "srun -w node1 --container=$OPEN/hello.sif ender stay" > /dev/null 2>&1 &
    retry 100 0.2 steps_run 1
    "$CLUSTER" agent kill 1
    # a server of a job that is no more, its group and record; half a copy in the store, and the socket
    node 1 sh -ec 'echo odd > /run/dunnage-jobs/4000000; touch -d "1 hour ago" /run/dunnage-jobs/4000000
        mkdir -p /sys/fs/cgroup/freezer/uid_2001/job_4000000 /sys/fs/cgroup/pids/dunnage_4000000.0
        install -o dunnage -m 600 /dev/null /var/cache/dunnage/images/.copy-4000000-odd
        printf "#!/bin/bash\nexec -a \"squashfuse /dev/fd/4\" sleep 986\n" > /run/left; chmod 755 /run/left
        (echo 0 > /sys/fs/cgroup/freezer/uid_2001/job_4000000/cgroup.procs; exec setsid setpriv --reuid=alice --regid=alice --init-groups /run/left) > /dev/null 2>&1 < /dev/null &
        sleep 1.5; rm /run/left; pgrep -f "squashfuse /dev/fd/4" > /dev/null'
    # shellcheck disable=SC2086  # words
    run --separate-stderr node 1 $command
    ran 0
    printed_line 'removed process [0-9]+ of job 4000000$'
    printed_line 'removed cgroup .*/dunnage_4000000.0$'
    printed_line 'removed record /run/dunnage-jobs/4000000$'
    "$CLUSTER" agent start 1
    node 1 sh -c '! ls -A /var/cache/dunnage/images | grep copy'
    [ "$(node 1 pgrep -c -x ender)" = 1 ]
    node 1 rmdir /sys/fs/cgroup/freezer/uid_2001/job_4000000 /sys/fs/cgroup/freezer/uid_2001
    run --separate-stderr alice srun -w node1 --overlap --jobid="$(alice squeue -h -o %A)" --container="$IMG/hello.sif" which-image
    ran 0
    alice scancel -u alice
    wait
    clean
    nodes_idle
}
