#!/usr/bin/env bats
# With the agent, without it, and with an agent that dies or is not the agent.

setup() { load ../lib/e2e; }
teardown() {
    node 0 pkill -CONT -u dunnage java || true
    node 0 sed -i 's|spank_dunnage.so.*|spank_dunnage.so|' /etc/slurm/plugstack.conf
    node 0 sh -c 'test ! -e /run/classes || { umount /dev/fuse; rm -r /run/classes; }'
}
teardown_file() {
    load ../lib/e2e
    node 0 pkill -KILL -x impostor || true
    node 0 sh -c 'chown dunnage: /run/dunnage'
    agents_on
}

HELLO=--container=/shared/images/hello.sif

smoke() {
    run --separate-stderr alice srun "$HELLO" sh -c '. /etc/os-release; echo "$ID $(id -u) $DEMO_ENV"; exit 3'
    ran 3
    printed 'dunnage-demo 2001 from the image'
    run --separate-stderr alice srun -N2 -n4 "$HELLO" which-image
    ran 0
    printed $'image hello\nimage hello\nimage hello\nimage hello'
    alice cp "$IMG/hello.sif" own.sif
    run --separate-stderr alice srun --container=own.sif --container-mounts=/shared/bin:/bin2 /bin2/ender exit 4
    ran 4
    run --separate-stderr alice srun --container="$BAD/unsigned.sif" true
    refused unsigned.sif
    run --separate-stderr alice srun --container="$OPEN/hello.sif" which-image
    ran 0
    printed 'image hello'
    nodes_idle
}

@test "with agents" {
    agents_on
    smoke
}

@test "without agents" {
    agents stop
    smoke
}

# A class that the archive lacks makes the JVM open and search all jars: 90 ms of each start.
@test "all classes of a start of the one-shot launcher come out of the archive, for steps and without root, by an open rule and by a signature" {
    "$CLUSTER" agent stop 0 || true    # the test before this one has stopped it
    node 0 sh -ec 'install -d -m 1777 /run/classes; cat > /run/classes/java; chmod 755 /run/classes/java
        mknod -m 666 /run/classes/fuse c 10 229; mount --bind /run/classes/fuse /dev/fuse' < "$CHECKOUT/tests/lib/java-classes"
    node 0 sed -i 's|spank_dunnage.so.*|spank_dunnage.so agent_socket=/run/none/agent.sock java=/run/classes/java|' /etc/slurm/plugstack.conf
    # nothing is remembered, neither verifications nor plans
    node 0 find /var/cache/dunnage/images -type f ! -path '*/locks/*' -delete
    alice rm -rf .dunnage
    for image in "$IMG/hello.sif" "$OPEN/hello.sif"; do
        run --separate-stderr alice srun -w node0 -n2 -O --mpi=pmix --container="$image" --container-mounts=/shared/bin:/bin2:ro which-image
        ran 0
        run --separate-stderr alice env DUNNAGE_JAVA=/run/classes/java DUNNAGE_KEEP_SECONDS=0 dunnage exec -B /shared/bin:/bin2:ro "$image" which-image
        ran 0
    done
    run --separate-stderr node 0 sh -c 'cat /run/classes/java.*'
    [ "$(grep -c ' dev.dunnage.launcher.oneshot.OneShot source: ' <<< "$output")" = 4 ] || saw
    # no archive holds what the JVM makes for method handles while it runs, nor the classes of its event recorder
    output=$(grep ' source: ' <<< "$output" | grep -vE ' source: shared objects file| java\.lang\.invoke\.| jdk\.internal\.event\.' || true)
    printed ''
}

@test "an agent that ends in the middle of a request: the step runs by the one-shot launcher or says why, soon" {
    agents_on
    local t0=$SECONDS
    node 0 pkill -STOP -u dunnage java
    (sleep 2; "$CLUSTER" agent kill 0) &
    LIMIT=45 run --separate-stderr alice srun -w node0 "$HELLO" which-image
    wait
    [ $((SECONDS - t0)) -lt 40 ] || saw
    if [ "$status" = 0 ]; then printed 'image hello'; else refused agent; fi
    nodes_idle
}

@test "a socket file that nobody listens on does not hold a step up" {
    node 0 test -S /run/dunnage/agent.sock || node 0 touch /run/dunnage/agent.sock
    LIMIT=30 run --separate-stderr alice srun -w node0 "$HELLO" which-image
    ran 0
    printed 'image hello'
}

@test "an agent starts again over the socket of a killed one" {
    agents_on
    "$CLUSTER" agent kill 0
    "$CLUSTER" agent start 0
    run --separate-stderr alice srun -w node0 "$HELLO" which-image
    ran 0
}

@test "a socket of another account is not believed" {
    "$CLUSTER" agent stop 0
    node 0 sh -c 'chown bob: /run/dunnage; rm -f /run/dunnage/agent.sock'
    node 0 setsid setpriv --reuid=bob --regid=bob --init-groups /shared/bin/impostor /run/dunnage/agent.sock > /dev/null 2>&1 < /dev/null &
    retry 50 0.1 node 0 test -S /run/dunnage/agent.sock
    run --separate-stderr alice srun -w node0 "$HELLO" which-image
    complained_not 'the impostor was believed'
    if [ "$status" = 0 ]; then printed 'image hello'; else refused; fi
    node 0 pkill -KILL -x impostor
    node 0 sh -c 'rm -f /run/dunnage/agent.sock; chown dunnage: /run/dunnage'
    nodes_idle
}

@test "an ordinary user cannot talk the agent into a plan for another user" {
    agents_on
    # the socket is for the plugin; whoever else may connect gets answers about themselves only
    run as 0 alice sh -c 'test -w /run/dunnage && echo writable'
    printed ''
    run as 0 alice sh -c ': > /var/cache/dunnage/images/planted'
    [ "$status" -ne 0 ]
}
