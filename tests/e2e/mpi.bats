#!/usr/bin/env bats
# MPI programs of the image under Slurm's own PMI plugins. The libraries themselves fail now and then on two shared
# cores, so a failed run is repeated, once bare and once in the container, before it counts; the world's size is judged.

setup_file() { load ../lib/e2e; agents_on; }
setup() {
    load ../lib/e2e
    LIMIT=40
    # TCP only and no spinning: the nodes of the cluster share the machine's cores
    OMPI="OMPI_MCA_pml=ob1 OMPI_MCA_btl=tcp,self,vader OMPI_MCA_mpi_yield_when_idle=1"
    MPICH="UCX_TLS=tcp,self"
}

ring_ok() { # RANKS NODES
    local r n
    grep -qx "ring of $1 complete" <<< "$output" || return 1
    for ((r = 0; r < $1; r++)); do grep -qE "^rank $r of $1 on node" <<< "$output" || return 1; done
    n=$(sed -n 's/^rank .* on //p' <<< "$output" | sort -u | wc -l)
    [ "$n" = "$2" ]
}

# ring NODES RANKS MPI ENV PROGRAM
ring() {
    local nodes=$1 ranks=$2 mpi=$3 env=$4 program=$5
    # shellcheck disable=SC2086  # env is a list
    run --separate-stderr alice env $env srun -N"$nodes" -n"$ranks" -O --mpi="$mpi" --container="$IMG/mpi.sif" "$program"
    if ring_ok "$ranks" "$nodes"; then return 0; fi
    echo "first try: status $status, $output $stderr"
    # shellcheck disable=SC2086
    run --separate-stderr alice env $env srun -N"$nodes" -n"$ranks" -O --mpi="$mpi" "/shared/bin/$program"
    echo "bare: status $status, $output"
    # shellcheck disable=SC2086
    run --separate-stderr alice env $env srun -N"$nodes" -n"$ranks" -O --mpi="$mpi" --container="$IMG/mpi.sif" "$program"
    ring_ok "$ranks" "$nodes" || saw
}

# PMIx says nothing; another release of it on the nodes may have something to say of ours
quiet_pmix() { [ "$PREFIX" != "$HERE_PREFIX" ] || complained_not 'PMIX ERROR'; }

@test "Open MPI over pmix, four ranks on two nodes" {
    needs_pmix
    ring 2 4 pmix "$OMPI" ring.ompi
    quiet_pmix
}

@test "MPICH over pmi2, four ranks on two nodes" {
    ring 2 4 pmi2 "$MPICH" ring.mpich
}

@test "Open MPI, all three nodes" {
    needs_pmix
    ring 3 3 pmix "$OMPI" ring.ompi
}

@test "Open MPI, eight ranks on one node through shared memory" {
    needs_pmix
    ring 1 8 pmix "$OMPI" ring.ompi
    quiet_pmix
}

@test "MPICH, four ranks on one node" {
    ring 1 4 pmi2 "$MPICH" ring.mpich
}

@test "ranks of one node see each other's processes and shared memory" {
    run --separate-stderr alice srun -n2 -O --container="$IMG/hello.sif" sh -c '
        if [ "$SLURM_LOCALID" = 0 ]; then echo token > /dev/shm/e2e-token; exec sleep 3; fi
        for i in 1 2 3 4 5 6 7 8 9 10; do [ -e /dev/shm/e2e-token ] && break; sleep 0.2; done
        cat /dev/shm/e2e-token; ps -o args | grep -cx "sleep 3"'
    ran 0
    printed $'token\n1'
    node 0 rm -f /dev/shm/e2e-token
}

@test "PMIx sees the right world without an MPI library" {
    needs_pmix
    run --separate-stderr alice srun -N2 -n4 --mpi=pmix --container="$IMG/hello.sif" sh -c 'echo "$PMIX_RANK"'
    ran 0
    [ "$(sort <<< "$output")" = $'0\n1\n2\n3' ] || saw
}

# ---- the guard against worlds that are smaller than what was started

# stopped WORD...: one line of the guard, and no rank went on
stopped() {
    local word
    [ "$status" = 86 ] || saw
    [ "$(grep -c 'dunnage: MPI found 1 rank where' <<< "$stderr")" = 1 ] || saw
    for word in "$@"; do grep -qE -- "dunnage: MPI found .*$word" <<< "$stderr" || { echo "the message lacks: $word"; saw; }; done
    printed_no '^rank '
}

@test "ranks of two nodes without a world: one message" {
    needs_pmix
    run --separate-stderr alice env "$MPICH" srun -N2 -n4 -O --mpi=pmix --container="$IMG/mpi.sif" ring.mpich
    stopped 'use srun --mpi=pmi2'
}

@test "--container-mpi=none lets ranks run alone" {
    needs_pmix
    # shellcheck disable=SC2086
    run --separate-stderr alice env $MPICH srun -n2 -O --mpi=pmix --container-mpi=none --container="$IMG/mpi.sif" ring.mpich
    ran 0
    [ "$(grep -c '^rank 0 of 1 on' <<< "$output")" = 2 ] || saw
    complained_not 'dunnage:'
}

@test "a cleared environment is told" {
    # shellcheck disable=SC2086
    run --separate-stderr alice srun -n2 -O --mpi=pmi2 --container="$IMG/mpi.sif" env -i UCX_TLS=tcp,self /usr/local/bin/ring.mpich
    stopped 'something before the program clears it'
}

@test "one task is never guarded; several tasks without MPI notice nothing but one mapping" {
    needs_pmix
    run --separate-stderr alice srun -n1 --mpi=pmix --container="$IMG/mpi.sif" sh -c 'ls -d /.dunnage/guard.so /etc/ld.so.preload; ring.mpich'
    printed_line '^rank 0 of 1 on'
    printed_no 'guard'
    run --separate-stderr alice srun -n2 -O --container="$IMG/mpi.sif" bash -c 'cat /proc/self/maps'
    ran 0
    [ "$(grep -o ' /.*' <<< "$output" | sort -u | grep -c /.dunnage/)" = 1 ] || saw
    [ "$(grep -o ' /.*' <<< "$output" | sort -u | grep -cE 'mpi|pmix|ucx|libucp')" = 0 ] || saw
    run --separate-stderr alice srun -n2 -O --container="$IMG/mpi.sif" sh -c 'echo "x$LD_PRELOAD"'
    printed $'x\nx'
}

@test "a step that starts steps: none of the guard leaves the container" {
    run --separate-stderr alice srun -n2 -O --container="$IMG/mpi.sif" sh -c '[ "$SLURM_PROCID" = 1 ] || srun --overlap --container=none -n1 cat /proc/self/maps'
    ran 0
    printed_no dunnage
    complained_not 'ld.so'
}

@test "values of --container-mpi" {
    run --separate-stderr alice srun --container="$IMG/hello.sif" --container-mpi=bound true
    refused '--container-mpi=bound' 'allowed are auto, hybrid, bind, fabric, none'
    run --separate-stderr alice srun --container="$IMG/hello.sif" --container-mpi=bind true
    refused 'use --container-mpi=hybrid'
    run --separate-stderr alice srun -n2 -O --mpi=none --container="$IMG/hello.sif" --container-mpi=require:hybrid true
    refused 'no PMI' '--mpi=pmix'
    run --separate-stderr alice srun -n2 -O --mpi=pmi2 --container="$IMG/hello.sif" --container-mpi=require:hybrid which-image
    ran 0
}

# An image with Open MPI alone, and busybox's programs: the libraries are the machine's own.
@test "require:hybrid refuses an image whose MPI speaks another PMI, before any rank" {
    needs_pmix
    needs_open_images
    image_with_open_mpi "$BATS_TEST_TMPDIR/ompi.sif"
    to_users "$BATS_TEST_TMPDIR/ompi.sif" "$OPEN/ompi.sif"
    run --separate-stderr alice srun -n4 -O --mpi=pmi2 --container="$OPEN/ompi.sif" --container-mpi=require:hybrid "$(marker ompi)"
    refused 'require:hybrid' 'Open MPI' 'speaks PMIx' 'use srun --mpi=pmix'
    marker_silent ompi
    # what fits, what is one task, and what is not demanded runs; so does an image with several libraries of which one fits
    run --separate-stderr alice srun -n2 -O --mpi=pmix --container="$OPEN/ompi.sif" --container-mpi=require:hybrid which-image
    ran 0
    run --separate-stderr alice srun -n1 --mpi=pmi2 --container="$OPEN/ompi.sif" --container-mpi=require:hybrid which-image
    ran 0
    run --separate-stderr alice srun -n2 -O --mpi=pmi2 --container="$OPEN/ompi.sif" which-image
    ran 0
    run --separate-stderr alice srun -n2 -O --mpi=pmi2 --container="$IMG/mpi.sif" --container-mpi=require:hybrid which-image
    ran 0
    node 0 rm -f "$OPEN/ompi.sif"
}

@test "launch hints: a step that cannot do what the image needs is refused with what it lacks" {
    needs_pmix
    needs_open_images
    hinted "$OPEN/hinted.sif" '{"version": 1, "mpi": "openmpi", "pmi": ["pmix"], "memory": "1MiB"}'
    run --separate-stderr alice srun -n2 -O --mpi=pmi2 --container="$OPEN/hinted.sif" "$(marker hinted)"
    refused 'hinted.sif cannot run in this step by its launch hints' '\(openmpi\) needs pmix' 'use srun --mpi=pmix'
    marker_silent hinted
    run --separate-stderr alice srun -n2 -O --mpi=pmix --container="$OPEN/hinted.sif" which-image
    ran 0
    run --separate-stderr alice srun -n1 --mpi=none --container="$OPEN/hinted.sif" which-image
    ran 0
    run --separate-stderr alice srun -n2 -O --mpi=none --container-mpi=none --container="$OPEN/hinted.sif" which-image
    ran 0
    hinted "$OPEN/hinted.sif" '{"version": 1, "memory": "900TiB"}'
    run --separate-stderr alice srun --container="$OPEN/hinted.sif" true
    refused 'needs 943718400 MiB of memory' '--mem'
    hinted "$OPEN/hinted.sif" '{"version": 1, "later": "than this"}' unchecked
    run --separate-stderr alice srun --container="$OPEN/hinted.sif" which-image
    ran 0
    printed 'image hello'
    grep -q "launch hints of image .* are passed over: unknown member 'later'" <<< "$stderr" || saw
    node 0 rm -f "$OPEN/hinted.sif"
}

@test "a transport that node or image lacks is refused before any rank starts, and one that is there passes" {
    needs_pmix
    ! grep -qs DEVNAME=infiniband /sys/dev/char/*/uevent || skip "this machine has InfiniBand"
    run --separate-stderr alice srun -n2 -O --container-require-transport=shm,verbs --container="$IMG/mpi.sif" "$(marker transport)"
    refused '--container-require-transport=verbs' 'the node has no /dev/infiniband' 'choose other nodes or another image'
    marker_silent transport
    run --separate-stderr alice srun -n2 -O --container-require-transport=shm --container="$IMG/mpi.sif" which-image
    ran 0
    printed 'image mpi'$'\n''image mpi'
    # an image without UCX, and the nodes' MPI in its place, which has it
    run --separate-stderr alice srun -n2 -O --mpi=pmix --container-require-transport=ucx --container="$IMG/slurm.sif" true
    refused '--container-require-transport=ucx' 'the image has no UCX'
    if node 0 test -e /usr/lib/x86_64-linux-gnu/libmpi.so.40; then
        run --separate-stderr alice srun -n2 -O --mpi=pmix --container-require-transport=ucx --container="$IMG/slurm.sif" --container-mpi=bind true
        refused '--container-require-transport=ucx' 'the node has no /dev/infiniband'
    fi
    nodes_idle
}
