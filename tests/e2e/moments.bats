#!/usr/bin/env bats
# A user changes his image at each moment of a launch, in each way. The daemons stop at the moment (tests/lib/bed/moments.c), so nothing
# depends on who is faster. What the step runs is what was signed, to the byte, or it is refused; and the store never lies.

setup_file() {
    load ../lib/e2e
    local d=$BATS_FILE_TMPDIR/tree at=$BED/shared/moments
    nodes_idle
    rm -rf "$at"
    mkdir -p "$at"
    gcc -shared -fPIC -O1 -Wall -Wextra -Werror -o "$at/moments.so" "$CHECKOUT/tests/lib/bed/moments.c"
    printf '#!/bin/sh\nLD_PRELOAD=/shared/moments/moments.so exec /usr/bin/java "$@"\n' > "$at/java"
    chmod 755 "$at/java"
    # signed, of several pieces as the store copies them
    cp -a "$FIXTURES/roots/hello" "$d"
    head -c 6000000 /dev/urandom > "$d/filler"
    "$PREFIX/bin/dunnage" build "$at/good.sif" "$d"
    "$PREFIX/bin/dunnage" sign "$at/good.sif" --key "$FIXTURES/keys/demo.sec"
    # what must never run, as large
    printf '#!/bin/sh\necho image evil\n' > "$d/usr/local/bin/which-image"
    chmod 755 "$d/usr/local/bin/which-image"
    head -c 6000000 /dev/urandom > "$d/filler"
    "$PREFIX/bin/dunnage" build "$at/evil.sif" "$d"
    chmod 644 "$at"/*.sif
    everywhere install -d -m 1777 /run/moments
    slurmd_anew 0 LD_PRELOAD=/shared/moments/moments.so
    nodes_idle
    "$CLUSTER" agent stop 0
    DUNNAGE_BED_JAVA=/shared/moments/java "$CLUSTER" agent start 0
}
setup() {
    load ../lib/e2e
    STORE=/var/cache/dunnage/images AT=/shared/moments
    rm -f "${BATS_TEST_TMPDIR:?}"/*
}
teardown() {
    node 0 sh -c 'rm -f /run/moments/*'
    wait
    node 0 sed -i 's|spank_dunnage.so.*|spank_dunnage.so|' /etc/slurm/plugstack.conf
    alice sh -c 'rm -f race*.sif new*.sif away*.sif'
}
teardown_file() {
    load ../lib/e2e
    slurmd_anew 0
    nodes_idle
    "$CLUSTER" agent stop 0
    agents_on
    rm -rf "$BED/shared/moments"
}

# ways to change race.sif; to the user they are all the same file
IN_PLACE='rewritten overwritten zeroed cut'
BY_NAME='replaced renamed removed'
change() {
    case $1 in
        rewritten) alice sh -c "cat $AT/evil.sif > race.sif" ;;
        overwritten) alice dd "if=$AT/evil.sif" of=race.sif conv=notrunc status=none ;;
        zeroed) alice dd if=/dev/zero of=race.sif bs=1M count=1 seek=4 conv=notrunc status=none ;;
        cut) alice truncate -s 3M race.sif ;;
        replaced) alice sh -c "cp $AT/evil.sif new.sif; mv new.sif race.sif" ;;
        renamed) alice sh -c "mv race.sif away.sif; cp $AT/evil.sif race.sif" ;;
        removed) alice rm race.sif ;;
    esac
}

reached() { node 0 test -e "/run/moments/$1.reached"; }
empty_store() { node 0 find "$STORE" -type f ! -path '*/locks/*' -delete; }
# every copy is named by its content, and nothing half is there
store_is_true() {
    # shellcheck disable=SC2016  # for the node's shell
    node 0 sh -c 'cd "$1"; ls -A | grep "^.copy-" && exit 1
        for f in *.sif; do [ ! -e "$f" ] || [ "$(sha256sum < "$f" | cut -d" " -f1).sif" = "$f" ] || { echo "$f holds something else"; exit 1; }; done' -- "$STORE"
}

# changed_at MOMENT WAY: status, output and stderr are the step's
changed_at() {
    alice cp "$AT/good.sif" race.sif
    empty_store
    launch_and_change "$@"
    ! grep -q 'image evil' <<< "$output" || { echo "changed bytes ran: $1, $2"; saw; }
    store_is_true
}
launch_and_change() {
    node 0 touch "/run/moments/$1"
    alice srun -w node0 --container=race.sif --container-mounts=/run/moments:/run/moments which-image \
        > "$BATS_TEST_TMPDIR/out" 2> "$BATS_TEST_TMPDIR/err" &
    retry 200 0.05 reached "$1" || { echo "the moment '$1' was not reached"; cat "$BATS_TEST_TMPDIR/err"; return 1; }
    change "$2"
    node 0 rm -f "/run/moments/$1" "/run/moments/$1.reached"
    status=0
    wait $! || status=$?
    output=$(cat "$BATS_TEST_TMPDIR/out") stderr=$(cat "$BATS_TEST_TMPDIR/err")
}
runs() { changed_at "$@"; ran 0; printed 'image hello'; }
is_refused() { changed_at "$@"; refused 'race.sif|changed|image'; printed ''; }
either() { changed_at "$@"; if [ "$status" = 0 ]; then printed 'image hello'; else refused 'race.sif|changed|image'; printed ''; fi; }

all_moments() {
    local way moment
    for way in $IN_PLACE; do is_refused opened "$way"; done
    for way in $BY_NAME; do runs opened "$way"; done
    # what is copied already cannot be changed any more; the rest makes another image of it
    for way in rewritten zeroed cut; do is_refused half "$way"; done
    either half overwritten
    for way in $BY_NAME; do runs half "$way"; done
    for moment in copied named decided planned mounted exec; do
        for way in $IN_PLACE $BY_NAME; do runs "$moment" "$way"; done
    done
}

@test "an image that needs no signature is what its owner makes of it: the changes of this test reach a step" {
    alice cp "$AT/good.sif" "$OPEN/race.sif"
    alice ln -s "$OPEN/race.sif" race.sif
    launch_and_change opened overwritten
    ran 0
    printed 'image evil'
    alice rm "$OPEN/race.sif"
}

@test "the agent decides" {
    if [ "${DUNNAGE_TESTS_FULL:-0}" = 1 ]; then
        LIMIT=600 all_moments
    else
        for way in rewritten overwritten cut; do is_refused opened "$way"; done
        runs opened replaced
        runs opened removed
        for way in rewritten zeroed; do is_refused half "$way"; done
        either half overwritten
        runs half renamed
        for moment in copied named decided planned mounted exec; do runs "$moment" overwritten; done
        for moment in copied planned exec; do runs "$moment" rewritten; done
        for moment in named decided mounted; do runs "$moment" replaced; done
    fi
    nodes_idle
}

@test "the one-shot launcher decides" {
    node 0 sed -i 's|spank_dunnage.so.*|spank_dunnage.so agent_socket=/run/none/agent.sock java=/shared/moments/java|' /etc/slurm/plugstack.conf
    if [ "${DUNNAGE_TESTS_FULL:-0}" = 1 ]; then
        all_moments
    else
        is_refused opened rewritten
        is_refused half zeroed
        for moment in copied named decided planned; do runs "$moment" overwritten; done
    fi
    nodes_idle
}

@test "scancel while the plan is made ends the step at once, and its program never runs" {
    local moment
    for moment in decided planned; do
        alice cp "$AT/good.sif" race.sif
        empty_store
        node 0 touch "/run/moments/$moment"
        alice srun -w node0 --container=race.sif --container-mounts=/run/moments:/mnt touch /mnt/ran 2> "$BATS_TEST_TMPDIR/err" &
        retry 200 0.05 reached "$moment"
        alice scancel -u alice
        # the agent still holds its answer back, and the rank does not wait for it
        [ "$moment" = planned ] || retry 20 0.1 no_task
        node 0 rm -f "/run/moments/$moment" "/run/moments/$moment.reached"
        retry 30 0.1 no_task
        status=0
        wait $! || status=$?
        [ "$status" -ne 0 ]
        node 0 test ! -e /run/moments/ran
    done
    nodes_idle
}
# children of the step's slurmstepd: ranks that have not begun yet
no_task() { ! node 0 sh -c 'for p in $(pgrep -f "slurmstepd: \[.*\.0\]"); do pgrep -P "$p"; done' | grep -q .; }

@test "what was changed is judged anew at the next start" {
    runs planned overwritten
    run --separate-stderr alice srun -w node0 --container=race.sif which-image
    refused race.sif
    alice cp "$AT/good.sif" race.sif
    run --separate-stderr alice srun -w node0 --container=race.sif which-image
    ran 0
    printed 'image hello'
}
