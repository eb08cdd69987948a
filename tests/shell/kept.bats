#!/usr/bin/env bats
# A container of an image that is used again is kept for a moment, and only for starts of the same kind.

setup_file() {
    load ../lib/shell
    nosite
    sleep 3    # nothing is remembered while a file of the site is younger than two seconds
}
setup() { load ../lib/shell; }

SPACE='readlink /proc/self/ns/mnt'
# starts TEXT: alice's shell with a plan that is remembered already
starts() { line "ex() { dunnage exec \"\$@\"; }; ex $OPEN true; $1"; }
# lines DISTINCT: that many different lines were printed
distinct() { [ "$(sort -u <<< "$output" | wc -l)" = "$1" ] || saw; }

@test "starts one after the other share one container, each with its own environment and arguments" {
    run --separate-stderr starts "for i in 1 2 3; do ex $OPEN $SPACE; done"
    ran 0
    distinct 1
    [ "${#output}" -gt 40 ] || saw
    run --separate-stderr starts "A=1 ex $OPEN sh -c 'echo \$A \$0 \$1' x y; A=2 ex --env B=3 $OPEN sh -c 'echo \$A\$B'; ex -e $OPEN sh -c 'echo \${A:-none}'; ex $OPEN sh -c 'exit 9'; echo \$?"
    ran 0
    printed $'1 x y\n23\nnone\n9'
    [ -z "$stderr" ] || saw
}

@test "it ends with the program that called, and after its time" {
    run --separate-stderr starts "ex $OPEN true; pgrep -x dunnage-keeper | wc -l"
    ran 0
    printed 1
    all_gone
    run --separate-stderr line "export DUNNAGE_KEEP_SECONDS=1; dunnage exec $OPEN true; dunnage exec $OPEN true; pgrep -x dunnage-keeper | wc -l; sleep 2.5; pgrep -x dunnage-keeper; pgrep squashfuse; echo over"
    ran 0
    printed $'1\nover'
    all_gone
}

@test "DUNNAGE_KEEP_SECONDS=0 keeps nothing; a bad value is told" {
    run --separate-stderr line "export DUNNAGE_KEEP_SECONDS=0; for i in 1 2 3; do dunnage exec $OPEN true; done; pgrep -x dunnage-keeper; pgrep squashfuse; echo none"
    ran 0
    printed none
    for bad in x -1 3601 1.5; do
        run --separate-stderr alice env DUNNAGE_KEEP_SECONDS="$bad" dunnage exec "$OPEN" true
        [ "$status" -ne 0 ] || saw
        refused "DUNNAGE_KEEP_SECONDS='$bad'" '0 to 3600'
    done
}

# each TEXT...: the namespaces that start while the others still run
each() { local s=; for t in "$@"; do s="$s $t sh -c '$SPACE; sleep 2' & sleep 0.3;"; done; echo "$s wait"; }

@test "other binds, another directory, a writable start and another session do not share it" {
    run --separate-stderr starts "$(each "ex $OPEN" "ex -B /open $OPEN" "ex --writable-tmpfs $OPEN" "ex --contain $OPEN" "cd /open; ex $OPEN")"
    ran 0
    distinct 5
    run --separate-stderr starts "$(each "ex $OPEN" "ex $OPEN" "unshare --user --map-current-user --mount --propagation unchanged dunnage exec $OPEN")"
    ran 0
    distinct 2
}

@test "a kept container does not meet a demand that was not asked for it" {
    run --separate-stderr starts "ex $OPEN true; ex --container-require-transport=shm $OPEN which-image; ex --container-require-transport=verbs $OPEN which-image"
    refused '--container-require-transport=verbs'
    printed 'image hello'
}

@test "a directory made anew, and a changed image, are seen at once" {
    run --separate-stderr starts "mkdir -p out; touch out/old; ex -B \$PWD/out:/mnt $OPEN true; ex -B \$PWD/out:/mnt $OPEN ls /mnt
        rm -r out; mkdir out; touch out/new; ex -B \$PWD/out:/mnt $OPEN ls /mnt"
    ran 0
    printed $'old\nnew'
    run --separate-stderr line "cp $OPEN own.sif; sleep 3; for i in 1 2 3; do dunnage exec own.sif which-image; done; cp $MPI new.sif; mv new.sif own.sif; dunnage exec own.sif which-image"
    ran 0
    printed $'image hello\nimage hello\nimage hello\nimage mpi'
    run --separate-stderr line 'rm own.sif'
}

@test "a policy that changes decides at the next start" {
    line "for i in 1 2 3; do dunnage exec $OPEN true; done; touch ready; until [ -e changed ]; do sleep 0.1; done; dunnage exec $OPEN which-image" \
        > "$BATS_TEST_TMPDIR/out" 2>&1 &
    local starts=$! rc=0
    retry 100 0.1 machine test -e /home/alice/ready
    machine sh -c 'printf "version: 1\necl:\n  activated: true\n  groups: []\n" > /etc/dunnage/policy.yaml; touch /home/alice/changed'
    wait "$starts" || rc=$?
    machine rm -f /home/alice/changed /home/alice/ready
    nosite
    sleep 3
    [ "$rc" != 0 ]
    grep -q 'refused' "$BATS_TEST_TMPDIR/out"
    run ! grep -q "image hello" "$BATS_TEST_TMPDIR/out"
}

@test "eight starts at once, many times over" {
    run --separate-stderr starts "for n in 1 2 3 4 5; do for i in 1 2 3 4 5 6 7 8; do ex $OPEN echo ok & done; wait; done"
    ran 0
    [ "$(grep -c '^ok$' <<< "$output")" = 40 ] || saw
    [ -z "$stderr" ] || saw
    all_gone
}

@test "a kept container whose server was killed is built anew" {
    run --separate-stderr starts "ex $OPEN true; pkill -9 squashfuse; sleep 0.2; ex $OPEN which-image; pkill -9 -x dunnage-keeper; ex $OPEN which-image"
    ran 0
    printed $'image hello\nimage hello'
    [ -z "$stderr" ] || saw
    all_gone
}
