#!/usr/bin/env bats
# After many steps, however they ended, the nodes hold what they held before.

setup_file() { load ../lib/e2e; agents_on; }
setup() {
    load ../lib/e2e
    LIMIT=590 STEPS=200
    if [ "${DUNNAGE_TESTS_FULL:-0}" = 1 ]; then STEPS=1000 LIMIT=1800; fi
}

# inventory of one node: mounts in all mount namespaces, namespaces, FUSE servers, job cgroups, run-time files
inventory() {
    # shellcheck disable=SC2016  # for the node's shell
    node "$1" sh -c '
        seen=; mounts=0; spaces=0
        for p in /proc/[0-9]*; do
            ns=$(readlink $p/ns/mnt 2>/dev/null) || continue
            case " $seen " in *" $ns "*) continue ;; esac
            seen="$seen $ns"; spaces=$((spaces + 1))
            n=$(wc -l < $p/mountinfo 2>/dev/null) && mounts=$((mounts + n))
        done
        echo "mounts $mounts namespaces $spaces"
        echo "fuse $(pgrep -c squashfuse) zombies $(ps -eo stat= | grep -c ^Z)"
        echo "user processes $(ps -u alice -o pid= | wc -l)"
        echo "job cgroups $(find /sys/fs/cgroup -type d -name "job_*" 2>/dev/null | wc -l)"
        echo "run files $(find /run/dunnage | wc -l)"
        echo "loops $(for l in /sys/block/loop*/loop/backing_file; do [ -e $l ] && cat $l; done | grep -c -E "shared|dunnage|alice")"'
}
inventories() { local n; for n in $(all_nodes); do echo "node$n"; inventory "$n"; done; }
as_before() { [ "$(inventories)" = "$before" ]; }
clean() { retry 60 0.5 as_before || { diff <(echo "$before") <(inventories); return 1; }; }

# one container step of every kind first: caches of the store may fill
warm() {
    nodes_idle
    alice srun -N"$NODES" --container="$IMG/hello.sif" true
    alice srun -N"$NODES" --container="$OPEN/hello.sif" true
    nodes_idle
    retry 30 1 at_rest || { echo "not at rest before the test:"; inventories; return 1; }
}
# what an earlier test left to end by itself must not count as what was there before
at_rest() {
    before=$(inventories)
    ! grep -E '^(fuse|user processes) [1-9]' <<< "$before" && sleep 1 && [ "$(inventories)" = "$before" ]
}

@test "200 steps (1000 with --full), kernel driver and FUSE by turns" {
    warm
    run --separate-stderr alice bash -c '
        for ((i = 0; i < '"$STEPS"'; i++)); do
            image=/shared/images/hello.sif
            [ $((i % 2)) = 0 ] || image=/shared/open/hello.sif
            srun -w node$((i % '"$NODES"')) --container=$image true || exit 1
        done'
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
