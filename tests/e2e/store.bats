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
teardown() { node 0 pkill -CONT -u dunnage java || true; node 0 umount "$STORE" 2>/dev/null || true; alice rm -f go; }
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

# variant NAME: an image of alice's like all others, with other bytes: one more signature
variant() {
    cp "$FIXTURES/images/hello.sif" "$BATS_TEST_TMPDIR/$1"
    "$PREFIX/bin/dunnage" sign "$BATS_TEST_TMPDIR/$1" --key "$FIXTURES/keys/demo.sec"
    alice sh -c "cat > $1" < "$BATS_TEST_TMPDIR/$1"
}
copy_of() { echo "$STORE/$(sha256sum < "$BATS_TEST_TMPDIR/$1" | cut -d' ' -f1).sif"; }
kept() { node 0 test -e "$(copy_of "$1")" || { echo "$1 has been removed"; return 1; }; }
removed() { ! node 0 test -e "$(copy_of "$1")" || { echo "$1 is still there"; return 1; }; }
# used NAME AGO: as if its last start had been so long ago
used() { node 0 touch -d "$2" "$(copy_of "$1")"; }
not_mounted() { ! grep -q "${1##*/}" /sys/block/loop*/loop/backing_file; }

@test "the bound: the least recently used copy goes first, one that a step runs from never, and what does not fit is refused" {
    local each
    for each in a b c d; do variant $each.sif; done
    empty_store
    # room for two
    node 0 sh -c "echo $(($(stat -c %s "$BATS_TEST_TMPDIR/d.sif") * 5 / 2 / 1024))K > $STORE/limit"
    agent_anew
    alice srun -w node0 --container=a.sif sh -c 'touch started; while [ ! -e go ]; do sleep 0.1; done; which-image' > "$BATS_TEST_TMPDIR/out" 2>&1 &
    retry 100 0.1 alice test -e started
    run --separate-stderr alice srun -w node0 --overlap --container=b.sif which-image
    ran 0
    used a.sif '3 hours ago'
    used b.sif '1 hour ago'
    run --separate-stderr alice srun -w node0 --overlap --container=c.sif which-image
    ran 0
    kept a.sif && removed b.sif && kept c.sif
    # one runs, the other was asked for just now
    run --separate-stderr alice srun -w node0 --container=d.sif which-image
    refused 'may hold' 'raise the limit'
    kept a.sif && kept c.sif && removed d.sif
    used c.sif '2 hours ago'
    alice touch go
    wait
    grep -q 'image hello' "$BATS_TEST_TMPDIR/out"
    retry 50 0.1 not_mounted "$(copy_of a.sif)"
    run --separate-stderr alice srun -w node0 --container=d.sif which-image
    ran 0
    removed a.sif && kept c.sif && kept d.sif
    node 0 rm -f "$STORE/limit"
    agent_anew
    alice rm -f started go a.sif b.sif c.sif d.sif
    nodes_idle
}

@test "a store that is cleared while the agent runs is made again" {
    local part
    alice cp "$IMG/hello.sif" cleared.sif
    for part in "$STORE/locks" "$STORE/index $STORE/verdicts" "$STORE/*" "$STORE"; do
        run --separate-stderr alice srun -w node0 --container=cleared.sif which-image
        ran 0
        node 0 sh -c "rm -rf $part"
        alice sh -c 'cat /shared/images/hello.sif > cleared.sif'
        run --separate-stderr alice srun -w node0 --container=cleared.sif which-image
        ran 0
        printed 'image hello'
    done
    [ "$(node 0 stat -c '%U %a' "$STORE" "$STORE/locks" | sort -u)" = 'dunnage 700' ]
    nodes_idle
}

@test "two nodes that start the same image at once have a copy each" {
    alice cp "$IMG/hello.sif" both.sif
    everywhere find "$STORE" -type f ! -path '*/locks/*' -delete
    run --separate-stderr alice srun -N2 -n2 -w node0,node1 --container=both.sif which-image
    ran 0
    printed $'image hello\nimage hello'
    for n in 0 1; do [ "$(node $n find "$STORE" -name '*.sif' | wc -l)" = 1 ]; done
    nodes_idle
}

@test "where the file system can, a copy shares the blocks of the user's file: two of them would not fit" {
    local disk=$BED/shared/disk.img
    command -v mkfs.btrfs > /dev/null || skip "no btrfs-progs"
    rm -f "$disk"
    truncate -s 640M "$disk"
    mkfs.btrfs -q "$disk"
    node 0 sh -ec 'mkdir -p /run/disk; mount -o loop /shared/disk.img /run/disk; install -d -o dunnage -m 700 /run/disk/images; install -d -o alice /run/disk/alice
        mount --bind /run/disk/images "$1"' -- "$STORE" || skip "the kernel mounts no btrfs here"
    agent_anew
    alice cp /shared/big.sif /run/disk/alice/big.sif
    node 0 sync -f /run/disk
    [ "$(node 0 df --output=avail -m /run/disk | tail -1)" -lt 300 ]
    run --separate-stderr alice srun -w node0 --container=/run/disk/alice/big.sif which-image
    ran 0
    printed 'image hello'
    [ "$(copies)" = 1 ]
    # and the copy is one: what the user does to his file does not reach it
    alice sh -c 'cat /shared/evil.sif > /run/disk/alice/big.sif'
    node 0 sh -c 'cd "$1" && for f in *.sif; do [ "$(sha256sum < "$f" | cut -d" " -f1).sif" = "$f" ]; done' -- "$STORE"
    "$CLUSTER" agent stop 0
    node 0 sh -c 'umount "$1"; umount /run/disk; rmdir /run/disk' -- "$STORE"
    "$CLUSTER" agent start 0
    rm -f "$disk"
    nodes_idle
}

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
