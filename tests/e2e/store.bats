#!/usr/bin/env bats
# Images that change while they are started, and the store of verified copies under stress. The agent is stopped at points of
# its work; what runs in the end is what was signed, or nothing.

setup_file() {
    load ../lib/e2e
    agents_on
    local d=$BATS_FILE_TMPDIR/tree
    # what must never run: an unsigned image whose programs say so
    mkdir -p "$d/bin" "$d/proc" "$d/dev" "$d/tmp" "$d/etc" "$d/usr/bin"
    cp /bin/busybox "$d/bin/sh"
    printf '#!/bin/sh\necho image evil\n' > "$d/bin/which-image"
    chmod 755 "$d/bin/which-image"
    rm -f "$BED/shared/evil.sif" "$BED/shared/big.sif"
    "$PREFIX/bin/dunnage" build "$BED/shared/evil.sif" "$d"
    # large enough to be caught in the middle of its copy
    cp -a "$FIXTURES/roots/hello" "$BATS_FILE_TMPDIR/big"
    head -c 400000000 /dev/urandom > "$BATS_FILE_TMPDIR/big/filler"
    "$PREFIX/bin/dunnage" build "$BED/shared/big.sif" "$BATS_FILE_TMPDIR/big"
    rm -rf "$BATS_FILE_TMPDIR/big"
    "$PREFIX/bin/dunnage" sign "$BED/shared/big.sif" --key "$FIXTURES/keys/demo.sec"
    chmod 644 "$BED/shared/evil.sif" "$BED/shared/big.sif"
}
setup() { load ../lib/e2e; STORE=/var/cache/dunnage/images; }
teardown() { node 0 pkill -CONT -u dunnage java || true; node 0 umount "$STORE" 2>/dev/null || true; }
teardown_file() { load ../lib/e2e; rm -f "$BED/shared/evil.sif" "$BED/shared/big.sif"; agents_on; }

never_evil() { ! grep -q 'image evil' <<< "$output" || saw; }
# the agent holds on to the directories and locks that it made
empty_store() { node 0 find "$STORE" -type f ! -path '*/locks/*' -delete; }
copies() { node 0 find "$STORE" -name '*.sif' | wc -l; }
stop_agent() { node 0 pkill -STOP -u dunnage java; }
go_on() { node 0 pkill -CONT -u dunnage java; }
# asked: somebody waits to be accepted
asked() { [ "$(node 0 ss -xlH | awk '/agent.sock/ { print $3 }')" -ge 1 ]; }
# copying: a copy is being made and has grown
copying() { node 0 find "$STORE" -type f -size +20M ! -name '*.sif' | grep -q .; }

# changed_while_waiting CHANGE: the plugin has opened the image and asked; then the user changes it
changed_while_waiting() {
    alice cp "$IMG/hello.sif" race.sif
    stop_agent
    alice srun -w node0 --container=race.sif which-image > "$BATS_TEST_TMPDIR/out" 2> "$BATS_TEST_TMPDIR/err" &
    retry 100 0.1 asked
    alice sh -c "$1"
    go_on
    status=0
    wait $! || status=$?
    output=$(cat "$BATS_TEST_TMPDIR/out") stderr=$(cat "$BATS_TEST_TMPDIR/err")
    never_evil
    nodes_idle
}

@test "renamed over, removed: the step runs what was opened" {
    changed_while_waiting 'cp /shared/evil.sif new.sif; mv new.sif race.sif'
    ran 0
    printed 'image hello'
    changed_while_waiting 'rm race.sif'
    ran 0
    printed 'image hello'
}

@test "rewritten in place, truncated: refused" {
    changed_while_waiting 'cat /shared/evil.sif > race.sif'
    refused race.sif
    changed_while_waiting ': > race.sif'
    refused race.sif
    changed_while_waiting 'head -c 4096 /dev/zero | dd of=race.sif bs=4096 seek=100 conv=notrunc status=none'
    refused race.sif
}

@test "changed in the middle of the copy: what was signed, or nothing" {
    local change
    for change in 'cat /shared/evil.sif > race.sif' 'dd if=/shared/evil.sif of=race.sif conv=notrunc status=none' \
        'dd if=/dev/zero of=race.sif bs=1M seek=380 count=8 conv=notrunc status=none' 'truncate -s 100M race.sif'; do
        empty_store
        alice cp /shared/big.sif race.sif
        alice srun -w node0 --container=race.sif which-image > "$BATS_TEST_TMPDIR/out" 2> "$BATS_TEST_TMPDIR/err" &
        retry 500 0.01 copying
        stop_agent
        alice sh -c "$change"
        go_on
        status=0
        wait $! || status=$?
        output=$(cat "$BATS_TEST_TMPDIR/out") stderr=$(cat "$BATS_TEST_TMPDIR/err")
        never_evil
        if [ "$status" = 0 ]; then printed 'image hello'; else refused race.sif; fi
    done
    nodes_idle
}

@test "a running step keeps the verified content, whatever becomes of the user's file" {
    alice cp "$IMG/hello.sif" race.sif
    alice rm -f go
    alice srun -w node0 --container=race.sif sh -c 'touch started; while [ ! -e go ]; do sleep 0.1; done; which-image' > "$BATS_TEST_TMPDIR/out" 2>&1 &
    retry 100 0.1 alice test -e started
    alice sh -c 'cat /shared/evil.sif > race.sif; touch go'
    wait $!
    output=$(cat "$BATS_TEST_TMPDIR/out")
    printed 'image hello'
    alice rm -f started go
    run --separate-stderr alice srun -w node0 --container=race.sif which-image
    refused race.sif
}

@test "32 requests at once for a new image: all run, one copy is kept" {
    empty_store
    alice cp /shared/big.sif many.sif
    LIMIT=120 run --separate-stderr alice sbatch -W -w node0 -n2 -o many.out --wrap \
        'for i in $(seq 32); do srun --overlap -n1 -N1 --container=many.sif which-image & done; wait'
    run alice cat many.out
    [ "$(grep -c 'image hello' <<< "$output")" = 32 ] || saw
    [ "$(copies)" = 1 ]
    [ "$(node 0 du -sm "$STORE" | cut -f1)" -lt 600 ]
    alice rm many.sif
    nodes_idle
}

@test "kill -9 of the agent in the middle of a copy: the step runs or says why, nothing half is kept" {
    empty_store
    alice cp /shared/big.sif race.sif
    alice srun -w node0 --container=race.sif which-image > "$BATS_TEST_TMPDIR/out" 2> "$BATS_TEST_TMPDIR/err" &
    retry 500 0.01 copying
    "$CLUSTER" agent kill 0
    status=0
    wait $! || status=$?
    output=$(cat "$BATS_TEST_TMPDIR/out") stderr=$(cat "$BATS_TEST_TMPDIR/err")
    if [ "$status" = 0 ]; then printed 'image hello'; else refused agent; fi
    agents_on
    run --separate-stderr alice srun -w node0 --container=race.sif which-image
    ran 0
    printed 'image hello'
    [ "$(copies)" = 1 ]
    run copying
    [ "$status" -ne 0 ]
    nodes_idle
}

# the agent makes the store's directories when it starts
agent_anew() { "$CLUSTER" agent stop 0; "$CLUSTER" agent start 0; }

@test "a full store: refused with the cause, and it works again when there is room" {
    alice cp /shared/big.sif full.sif
    node 0 mount -t tmpfs -o "size=16m,mode=700,uid=$(node 0 id -u dunnage),gid=$(node 0 id -g dunnage)" full "$STORE"
    agent_anew
    run --separate-stderr alice srun -w node0 --container=full.sif which-image
    refused 'space|full|room'
    run node 0 sh -c "find $STORE -type f -size +1M"
    printed ''
    alice cp "$IMG/hello.sif" small.sif
    run --separate-stderr alice srun -w node0 --container=small.sif which-image
    ran 0
    "$CLUSTER" agent stop 0
    node 0 umount "$STORE"
    "$CLUSTER" agent start 0
    run --separate-stderr alice srun -w node0 --container=full.sif which-image
    ran 0
    nodes_idle
}

@test "a file of root's that the user still has open for writing is not taken as fixed" {
    alice cp "$IMG/hello.sif" held.sif
    alice sh -c 'exec 7<> held.sif; touch holding; sleep 20' &
    retry 50 0.1 alice test -e holding
    node 0 chown root: /home/alice/held.sif
    node 0 chmod 755 /home/alice/held.sif
    run --separate-stderr alice srun -w node0 --container=/home/alice/held.sif which-image
    refused 'open for writing'
    node 0 pkill -u alice sleep
    wait
    run --separate-stderr alice srun -w node0 --container=/home/alice/held.sif which-image
    ran 0
    printed 'image hello'
    node 0 rm /home/alice/held.sif
    alice rm holding
    nodes_idle
}
