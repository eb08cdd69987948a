#!/usr/bin/env bats
# What Slurm allocated is what a container gets and what its programs see: processors, memory, processes. Node 2 binds steps to
# their processors here; the cluster's nodes else share the machine's.

setup_file() {
    load ../lib/e2e
    agents_on
    [ "$(cgroups_of_bed)" = v1 ] || return 0
    node 2 sed -i 's/^ConstrainCores=.*/ConstrainCores=yes/' /etc/slurm/cgroup.conf
    slurm_anew SelectTypeParameters=CR_Core_Memory DefMemPerCPU=500
}
teardown_file() {
    load ../lib/e2e
    [ "$(cgroups_of_bed)" = v1 ] || return 0
    node 2 sh -c 'sed -i "s/^ConstrainCores=.*/ConstrainCores=no/; s/^ConstrainRAMSpace=.*/ConstrainRAMSpace=yes/" /etc/slurm/cgroup.conf
        sed -i "s/ memory=allocation//; s/ processors=allocation//" /etc/slurm/plugstack.conf'
    slurm_anew
    site
    nodes_idle
}
setup() {
    load ../lib/e2e
    LIMIT=40
    [ "$(cgroups_of_bed)" = v1 ] || skip "no usable cgroup v1 hierarchies on this machine, so that Slurm limits nothing here"
}

cgroups_of_bed() { sed -n 's/.*CGROUPS=\([^ ]*\).*/\1/p' "$BED/node0/settings"; }
HELLO=--container=/shared/images/hello.sif
UNTRUSTED=--container=/shared/open/hello.sif

# on2 ARGUMENT...: srun's arguments, on the node that binds steps
on2() { alice srun -w node2 -n1 "$@"; }
nothing_left() {
    nodes_idle
    everywhere sh -c '! find /sys/fs/cgroup -name "dunnage_*" | grep .; ! pgrep -x squashfuse_ll'
}
# grow BYTES: an awk program that holds so much and says so
grow() { echo "BEGIN { s = \"12345678\"; while (length(s) < $1) s = s s; print \"grown\" }"; }

@test "processors: nproc in the container is what the step was given" {
    local cpus image
    for cpus in 1 2; do
        for image in --container=none "$HELLO"; do
            run --separate-stderr on2 -c "$cpus" "$image" sh -c 'nproc; grep ^Cpus_allowed_list /proc/self/status'
            ran 0
            [ "$(head -n 1 <<< "$output")" = "$cpus" ] || saw
        done
    done
}

@test "a JVM in the container plans for the step's processors and memory, not for the node's" {
    local java
    java=$(readlink -f /usr/bin/java)
    run on2 -c1 --mem=300M --container=/shared/images/mpi.sif --container-mounts="/usr:/usr:ro,/etc/java-17-openjdk:/etc/java-17-openjdk:ro" "$java" -XshowSettings:all -version
    ran 0
    printed_line 'Effective CPU Count: 1$'
    printed_line 'Memory Limit: 300.00M$'
    printed_line 'Max. Heap Size \(Estimated\): (7[0-9]|1[0-9][0-9])\.'
}

@test "/proc/meminfo tells the node's memory, as outside" {
    run --separate-stderr on2 --mem=300M "$HELLO" grep ^MemTotal /proc/meminfo
    ran 0
    printed "$(grep ^MemTotal /proc/meminfo)"
}

@test "no file of the cgroups can be written to from inside" {
    run --separate-stderr on2 --mem=300M "$HELLO" sh -c 'id -u
        cut -d: -f2,3 /proc/self/cgroup | while IFS=: read -r c p; do
            d=/sys/fs/cgroup/$c$p
            [ -d "$d" ] || continue
            echo "looked at $c"
            mkdir "$d/own" 2>/dev/null && echo "made a group in $d"
            for f in "$d"/* "$d"/../* "$d"/../../*; do [ ! -f "$f" ] || [ ! -w "$f" ] || echo "may write $f"; done
            echo $$ 2>/dev/null > /sys/fs/cgroup/$c/cgroup.procs && echo "left $d"
            echo 4000000000 2>/dev/null > "$d/memory.limit_in_bytes" && echo "raised $d"
        done; true'
    ran 0
    printed_line '^2001$'
    printed_line '^looked at memory$'
    printed_line '^looked at devices$'
    printed_no '^(made|may write|left|raised)'
}

@test "memory: a program that takes too much is ended with Slurm's own message and status, as without a container" {
    local image bare bare_status
    run --separate-stderr on2 --mem=100M awk "$(grow 30000000)"
    printed grown
    run --separate-stderr on2 --mem=100M awk "$(grow 250000000)"
    [ "$status" -ne 0 ] || saw
    bare_status=$status
    bare=$(grep -ciE 'oom|out of memory' <<< "$stderr")
    [ "$bare" -gt 0 ] || saw
    for image in "$HELLO" "$UNTRUSTED"; do
        run --separate-stderr on2 --mem=100M "$image" awk "$(grow 30000000)"
        ran 0
        printed grown
        run --separate-stderr on2 --mem=100M "$image" awk "$(grow 250000000)"
        ran "$bare_status"
        printed ''
        grep -qE 'oom.kill event' <<< "$stderr" || saw
        grep -qE 'task 0: Out Of Memory' <<< "$stderr" || saw
    done
    nothing_left
}

@test "memory that the container holds for a program counts: what it writes over the image" {
    run --separate-stderr on2 --mem=100M "$HELLO" --container-writable sh -c 'dd if=/dev/zero of=/var/tmp/dn-grow bs=1M count=50 2>/dev/null; echo "status $?"'
    ran 0
    printed 'status 0'
    # where slurmstepd may not protect itself the kernel ends it first, in steps without a container too, and srun waits for it in vain
    LIMIT=15 run --separate-stderr on2 --mem=100M "$HELLO" --container-writable sh -c 'dd if=/dev/zero of=/var/tmp/dn-grow bs=1M count=200 2>/dev/null; echo "status $?"'
    [ "$status" -ne 0 ] || saw
    printed_no 'status 0'
    nothing_left
}

@test "a pull or a build that the job's memory does not suffice for is ended with that cause, and leaves no half image" {
    local registry=node0:5010 cache=/shared/open/cache-alice
    cp "$FIXTURES/site/dunnage.yaml" "$BATS_TEST_TMPDIR/dunnage.yaml"
    printf 'registries: {insecure: [%s]}\nimage-cache: {directory: /shared/open/cache-%%u}\n' "$registry" >> "$BATS_TEST_TMPDIR/dunnage.yaml"
    site "$BATS_TEST_TMPDIR/dunnage.yaml"
    node 0 "$CHECKOUT/tests/lib/registry/serve" /var/lib/registry-limits "${registry#*:}"
    alice dunnage push "$IMG/hello.sif" "oras://$registry/hpc/hello:1"
    run --separate-stderr on2 --mem=20M --container="oras://$registry/hpc/hello:1" true
    refused "pulling oras://$registry/hpc/hello:1" 'memory limit'
    run node 0 sh -c "ls $cache/images 2> /dev/null"
    printed ''
    run --separate-stderr on2 --mem=300M --container="oras://$registry/hpc/hello:1" which-image
    ran 0
    printed 'image hello'
    printf "Bootstrap: localimage\nFrom: $IMG/hello.sif\n%%post\n    awk '%s'\n" "$(grow 400000000)" | alice sh -c 'cat > small.def'
    run --separate-stderr on2 --mem=200M dunnage build small.sif small.def
    [ "$status" -ne 0 ] || saw
    printed_no grown
    grep -q 'small.def:3: %post ended with status 137' <<< "$stderr" || saw
    grep -qE 'oom.kill event' <<< "$stderr" || saw
    run node 2 sh -c 'ls -A /home/alice | grep small.sif; ls -A /tmp | grep dunnage-def'
    printed ''
    alice rm small.def
    node 0 sh -c "kill \$(cat /var/lib/registry-limits/pid); rm -rf $cache"
    site
    nothing_left
}

@test "a fork bomb is kept small by the rule's limit, and hurts no other step" {
    printf 'version: 1\nrules:\n  - {name: small, mode: open, grant: {limits: {pids: 24}}}\n' > "$BATS_TEST_TMPDIR/policy.yaml"
    site "$BATS_TEST_TMPDIR/policy.yaml"
    alice srun -w node2 -n1 "$HELLO" sh -c 'bomb() { bomb | bomb & }; bomb; sleep 4' > "$BATS_TEST_TMPDIR/bomb" 2>&1 &
    sleep 1.5
    [ "$(node 2 pgrep -u alice -c .)" -le 26 ] || { node 2 pgrep -u alice -c .; false; }
    run --separate-stderr on2 "$HELLO" which-image
    ran 0
    printed 'image hello'
    wait || true
    grep -qiE 'fork|resource' "$BATS_TEST_TMPDIR/bomb" || { cat "$BATS_TEST_TMPDIR/bomb"; false; }
    site
    retry 50 0.1 no_alice
    nothing_left
}
no_alice() { ! node 2 pgrep -u alice > /dev/null; }

@test "where Slurm does not hold steps to their memory, memory=allocation in plugstack.conf does, and says what happened" {
    node 2 sh -c 'sed -i "s/^ConstrainRAMSpace=.*/ConstrainRAMSpace=no/" /etc/slurm/cgroup.conf; sed -i "s/$/ memory=allocation/" /etc/slurm/plugstack.conf'
    slurmd_anew 2
    run --separate-stderr on2 --mem=100M awk "$(grow 250000000)"
    printed grown
    run --separate-stderr on2 --mem=100M "$HELLO" awk "$(grow 30000000)"
    ran 0
    run --separate-stderr on2 --mem=100M "$HELLO" awk "$(grow 250000000)"
    [ "$status" -ne 0 ] || saw
    printed ''
    grep -qE 'dunnage: out of memory: the kernel ended 1 process of step [0-9]+\.0.*--mem' <<< "$stderr" || saw
    nothing_left
}

@test "where Slurm does not bind steps to their processors, processors=allocation gives them the time of as many" {
    local java quota
    java=$(readlink -f /usr/bin/java)
    # shellcheck disable=SC2016  # for the step's shell
    quota='d=/sys/fs/cgroup/cpu$(sed -n "s/^[0-9]*:cpu:\|^[0-9]*:cpu,cpuacct://p" /proc/self/cgroup); cat $d/cpu.cfs_quota_us $d/cpu.cfs_period_us'
    node 2 sh -c 'sed -i "s/^ConstrainCores=.*/ConstrainCores=no/" /etc/slurm/cgroup.conf; sed -i "s/$/ processors=allocation/" /etc/slurm/plugstack.conf'
    slurmd_anew 2
    run --separate-stderr on2 -c1 "$HELLO" sh -c "$quota"
    ran 0
    printed $'100000\n100000'
    run --separate-stderr on2 -c2 "$HELLO" sh -c "$quota"
    ran 0
    printed $'200000\n100000'
    run --separate-stderr on2 -c1 sh -c 'grep -c dunnage_ /proc/self/cgroup'
    printed 0
    run on2 -c1 --container=/shared/images/mpi.sif --container-mounts="/usr:/usr:ro,/etc/java-17-openjdk:/etc/java-17-openjdk:ro" "$java" -XshowSettings:system -version
    ran 0
    printed_line 'Effective CPU Count: 1$'
    nothing_left
}
