#!/usr/bin/env bats
# What goes wrong on node 0, as faults.table lists it: the step ends as the row says, tells the user why in one line, leaves the
# node idle and nothing behind, and the next step runs. Rows of the long form run with --full.

setup_file() {
    load ../lib/e2e
    load ../lib/faults
    agents_on
    make_faults
    alice sh -c 'umask 077; cp /shared/images/hello.sif own.sif'
    alice srun -w node0 --container="$IMG/hello.sif" true
    alice srun -w node0 --container="$OPEN/hello.sif" true
    nodes_idle
}
setup() {
    load ../lib/e2e
    load ../lib/faults
    nodes_idle
    retry 20 0.5 settled
}
settled() { before=$(inventory 0) && sleep 0.3 && rested; }
teardown() { heal; alice scancel -u alice; wait; }
teardown_file() { load ../lib/e2e; agents_on; }

# rows PART: all of them, then a step that runs
rows() {
    local failed=0 tried=0 t0 form part name before_it step during status_of message
    while IFS=$'\t' read -r form part name before_it step during status_of message <&9; do
        [ "$part" = "$1" ] || continue
        [ "$form" = s ] || [ "${DUNNAGE_TESTS_FULL:-0}" = 1 ] || continue
        t0=$SECONDS tried=$((tried + 1))
        row "$name" "$before_it" "$step" "$during" "$status_of" "$message" 9<&- || failed=$((failed + 1))
        [ $((SECONDS - t0)) -lt 8 ] || echo "# slow: $name, $((SECONDS - t0)) s" >&3
    done 9< <(sed -E '/^(#|$)/d; s/ +\| +/\t/g' "$BATS_TEST_DIRNAME/faults.table")
    [ $tried != 0 ] || skip "all rows are of the long form, run with --full"
    run --separate-stderr alice srun -w node0 --container="$OPEN/hello.sif" which-image
    printed 'image hello'
    nodes_idle
    [ $failed = 0 ]
}

@test "the agent: dead, stopped, another program" { rows agent; }
@test "the one-shot launcher" { rows java; }
@test "builder and slurmstepd, killed at points of the launch" { rows builder; }
@test "squashfuse and devices" { rows fuse; }
@test "the image's file" { rows image; }
@test "store, /run and /tmp" { rows store; }
@test "policy and site files" { rows policy; }
@test "limits" { rows limits; }
@test "the image's scripts, mounts and program" { rows scripts; }
@test "scancel at each stage" { rows scancel; }
@test "the table has at least 40 rows, and no part that is never run" {
    local part
    [ "$(grep -cE '^[sf] \|' "$BATS_TEST_DIRNAME/faults.table")" -ge 40 ]
    while read -r part; do grep -q "{ rows $part; }" "$BATS_TEST_FILENAME" || { echo "part $part is not run"; return 1; }; done < <(
        sed -nE 's/^[sf] \| ([a-z]+) .*/\1/p' "$BATS_TEST_DIRNAME/faults.table" | sort -u)
}
