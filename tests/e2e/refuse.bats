#!/usr/bin/env bats
# Images that must not run: one line with cause and remedy, a failed step, idle nodes, nothing executed anywhere.

setup_file() { load ../lib/e2e; agents_on; }
setup() { load ../lib/e2e; }

# bad IMAGE WORD...
bad() {
    local image=$1 program
    shift
    program=$(marker "$BATS_TEST_NUMBER")
    run --separate-stderr alice srun --container="$image" "$program"
    refused "$@"
    marker_silent "$BATS_TEST_NUMBER"
    nodes_idle
}

@test "unsigned" { bad "$BAD/unsigned.sif" unsigned.sif 'sign'; }
@test "signed by a key that the policy does not list" { bad "$BAD/unknown.sif" unknown.sif 'key|sign'; }
@test "changed after it was signed" { bad "$BAD/tampered.sif" tampered.sif 'sign|damaged|changed|hash|digest'; }
@test "truncated" { bad "$BAD/truncated.sif" truncated.sif; }
@test "a text file" { bad "$BAD/text.sif" text.sif 'SIF'; }
@test "an empty file" { bad "$BAD/empty.sif" empty.sif; }
@test "missing" { bad "$BAD/missing.sif" missing.sif 'no such|not exist|missing'; }
@test "a directory" { bad "$BAD/directory.sif" directory.sif 'directory|regular'; }
@test "a FIFO, without hanging" { LIMIT=20 bad "$BAD/fifo.sif" fifo.sif 'regular|FIFO|pipe'; }
@test "a device" { bad /dev/zero /dev/zero 'regular|device'; }
@test "a file that the user may not read" { bad "$BAD/closed.sif" closed.sif 'permission|read'; }
@test "a link that leads nowhere" { bad "$BAD/dangling.sif" dangling.sif; }
@test "an image from a network address" { bad oras://registry.example/app:1 oras 'registry.example .*check the name'; }

@test "damaged images are refused under an open rule too" {
    node 0 sh -c "cp $BAD/truncated.sif $BAD/text.sif $OPEN/"
    bad "$OPEN/truncated.sif" truncated.sif
    bad "$OPEN/text.sif" text.sif SIF
}

@test "a link from an open directory to a refused image is judged by the image's own place" {
    alice sh -c "ln -sf $BAD/unsigned.sif $OPEN/link.sif"
    bad "$OPEN/link.sif" link.sif production
}

@test "an unsigned image under the open rule runs" {
    node 0 cp "$BAD/unsigned.sif" "$OPEN/unsigned.sif"
    run --separate-stderr alice srun --container="$OPEN/unsigned.sif" which-image
    ran 0
    printed 'image hello'
}

@test "four ranks on two nodes: one line per node" {
    run --separate-stderr alice srun -N2 -n4 --container="$BAD/unsigned.sif" true
    [ "$status" -ne 0 ] || saw
    [ "$(grep -c 'dunnage: ' <<< "$stderr")" = 2 ] || saw
    nodes_idle
}

@test "a signed image that the user swaps for another content is judged anew" {
    alice cp "$IMG/hello.sif" swap.sif
    run --separate-stderr alice srun --container=swap.sif which-image
    ran 0
    alice cp "$BAD/unsigned.sif" swap.sif
    bad /home/alice/swap.sif swap.sif sign
}
