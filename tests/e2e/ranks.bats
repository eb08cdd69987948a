#!/usr/bin/env bats
# Many ranks: one container per step and node, no JVM per rank.

setup_file() {
    load ../lib/e2e
    agents_on
    # /usr/bin/java of node0, in the node's own layer, notes each start
    # shellcheck disable=SC2016  # for the node's shell
    node 0 sh -ec '
        real=$(readlink -f /usr/bin/java)
        rm -f /usr/bin/java
        printf "#!/bin/sh\necho start >> /var/log/java-starts\nexec %s \"\$@\"\n" "$real" > /usr/bin/java
        chmod 755 /usr/bin/java
        echo "$real" > /run/java-real
        : > /var/log/java-starts; chmod 666 /var/log/java-starts'
}
teardown_file() {
    load ../lib/e2e
    # shellcheck disable=SC2016
    node 0 sh -ec 'ln -sf "$(cat /run/java-real)" /usr/bin/java'
    agents_on
}
setup() { load ../lib/e2e; }

starts() { node 0 sh -c 'wc -l < /var/log/java-starts'; }

# one_namespace RANKS IMAGE: all ranks see the same mount namespace and not the host's
one_namespace() {
    run --separate-stderr alice srun -w node0 -n"$1" -O --container="$2" readlink /proc/self/ns/mnt
    ran 0
    [ "$(wc -l <<< "$output")" = "$1" ] || saw
    [ "$(sort -u <<< "$output" | wc -l)" = 1 ] || saw
    [ "$(sort -u <<< "$output")" != "$(node 0 readlink /proc/1/ns/mnt)" ] || saw
}

@test "the counter counts" {
    local before
    before=$(starts)
    node 0 setpriv --reuid=dunnage --regid=dunnage --clear-groups java -version
    [ $(($(starts) - before)) = 1 ]
}

@test "with an agent: 1, 4 and 16 ranks share one namespace and start no JVM" {
    local n before
    agents_on
    before=$(starts)
    for n in 1 4 16; do
        one_namespace "$n" "$IMG/hello.sif"
        one_namespace "$n" "$OPEN/hello.sif"
    done
    [ "$(starts)" = "$before" ] || { echo "JVM starts: $before -> $(starts)"; false; }
}

@test "without: 1, 4 and 16 ranks share one namespace and one JVM start" {
    local n before image
    "$CLUSTER" agent stop 0
    for image in "$IMG/hello.sif" "$OPEN/hello.sif"; do
        for n in 1 4 16; do
            before=$(starts)
            one_namespace "$n" "$image"
            [ $(($(starts) - before)) = 1 ] || { echo "$n ranks: JVM starts $before -> $(starts)"; false; }
        done
    done
    "$CLUSTER" agent start 0
}

@test "no parent process of ours: the program's parent is slurmstepd" {
    run --separate-stderr alice srun -w node0 --container="$IMG/hello.sif" sh -c 'cat /proc/$PPID/comm'
    ran 0
    printed_line slurmstepd
}

@test "two steps of one job have a namespace each" {
    run --separate-stderr alice salloc -Q -N1 -w node0 bash -c "srun --container=$IMG/hello.sif readlink /proc/self/ns/mnt; srun --container=$IMG/hello.sif readlink /proc/self/ns/mnt"
    ran 0
    [ "$(wc -l <<< "$output")" = 2 ] || saw
}

@test "steps at the same time do not disturb each other" {
    run --separate-stderr alice bash -c '
        for i in 1 2 3 4 5 6; do srun -w node0 -O --overlap -n2 --container=/shared/images/hello.sif which-image & done; wait'
    ran 0
    [ "$(grep -c 'image hello' <<< "$output")" = 12 ] || saw
}
