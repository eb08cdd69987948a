#!/usr/bin/env bats
# mpirun of the host, ranks in containers: one container for the ranks of a node.

setup_file() { load ../lib/shell; nosite; }
setup() { load ../lib/shell; }

launch() { case $1 in ompi) shift; alice mpirun.openmpi --oversubscribe "$@" ;; mpich) shift; alice mpirun.mpich "$@" ;; esac; }

@test "Open MPI and MPICH: the ranks find each other" {
    for m in ompi mpich; do
        run --separate-stderr launch $m -n 4 dunnage exec "$MPI" ring.$m
        ran 0
        printed_line 'ring of 4 complete'
        [ "$(grep -c '^rank [0-3] of 4 on ' <<< "$output")" = 4 ] || saw
    done
    all_gone
}

@test "the machine's MPI in the image's place" {
    for m in ompi mpich; do
        run --separate-stderr launch $m -n 2 dunnage exec --container-mpi=bind "$MPI" sh -c "LD_TRACE_LOADED_OBJECTS=1 ring.$m; ring.$m"
        ran 0
        printed_line 'ring of 2 complete'
        printed_line '/.dunnage/host/lib/libmpi(ch)?.so'
    done
    run --separate-stderr alice dunnage exec --container-mpi=bind "$MPI" bash -c 'cat /proc/$$/maps'
    ran 0
    printed_no 'dunnage|mpi'
    all_gone
}

@test "64 MiB between ranks of one node, by single copy" {
    for m in ompi mpich; do
        LIMIT=40 run --separate-stderr launch $m -n 3 dunnage exec -B /open "$MPI" /open/large.$m
        ran 0
        printed_line '3 ranks exchanged up to 64 MiB, 0 wrong'
        complained_not 'CMA|namespace|Permission'
    done
}

@test "all ranks share one user and one mount namespace, also behind a wrapper" {
    run --separate-stderr launch ompi -n 4 dunnage exec "$MPI" readlink /proc/self/ns/user /proc/self/ns/mnt
    ran 0
    [ "$(sort -u <<< "$output" | wc -l)" = 2 ] || saw
    run --separate-stderr launch mpich -n 4 sh -c "dunnage exec $MPI readlink /proc/self/ns/mnt; true"
    ran 0
    [ "$(sort -u <<< "$output" | wc -l)" = 1 ] || saw
    # two jobs are two containers
    run --separate-stderr line "for i in 1 2; do mpirun.mpich -n 2 dunnage exec $MPI sh -c 'sleep 1; readlink /proc/self/ns/mnt' & done; wait"
    [ "$(sort -u <<< "$output" | wc -l)" = 2 ] || saw
}

@test "variables of ranks survive --cleanenv" {
    run --separate-stderr launch ompi -n 2 dunnage exec -e "$MPI" ring.ompi
    ran 0
    printed_line 'ring of 2 complete'
}

@test "64 ranks" {
    LIMIT=60 run --separate-stderr launch mpich -n 64 dunnage exec "$MPI" sh -c 'echo $PMI_RANK'
    ran 0
    [ "$(sort -n <<< "$output" | uniq | wc -l)" = 64 ] || saw
    all_gone
}

@test "a refused image is told once and starts no rank" {
    for m in ompi mpich; do
        run --separate-stderr launch $m -n 4 dunnage exec /no/such.sif true
        [ "$status" -ne 0 ] || saw
        [ "$(grep -c 'dunnage: image' <<< "$stderr$output")" = 1 ] || saw
    done
}

@test "nothing is left after kill -9 of the launcher, of a rank, of the keeper" {
    for victim in mpirun.mpich sleep dunnage-keeper; do
        line "mpirun.mpich -n 3 dunnage exec $MPI sleep 40 & sleep 2; pkill -9 -x -o $victim; sleep 0.5; pkill -9 -x sleep; wait" > /dev/null 2>&1 || true
        all_gone
    done
}

@test "dunnage mpirun puts each program into the image" {
    run --separate-stderr alice env DUNNAGE_MPIRUN=mpirun.mpich dunnage mpirun -n 3 --image "$MPI" ring.mpich
    ran 0
    printed_line 'ring of 3 complete'
    run --separate-stderr alice env DUNNAGE_MPIRUN=mpirun.openmpi dunnage mpirun --image "$MPI" --oversubscribe --mca mpi_show_handle_leaks 0 -np 1 which-image : -np 1 which-image
    ran 0
    printed $'image mpi\nimage mpi'
}

@test "dunnage mpirun: what is missing is said" {
    run --separate-stderr alice dunnage mpirun -n 2 ./app
    ran 2
    refused '.-image'
    run --separate-stderr alice dunnage mpirun -n 2 --image
    ran 2
    refused '.-image'
    run --separate-stderr alice dunnage mpirun -n 2 --image "$MPI"
    ran 2
    refused 'no program'
    run --separate-stderr alice env DUNNAGE_MPIRUN=/no/mpirun dunnage mpirun -n 2 --image "$MPI" true
    ran 8
    refused DUNNAGE_MPIRUN
}

@test "the mpirun of the other family: stopped, told once" {
    run --separate-stderr launch ompi -n 3 dunnage exec "$MPI" ring.mpich
    [ "$status" -ne 0 ] || saw
    [ "$(grep -c 'dunnage: MPI found 1 rank where 3 were started: MPICH.*use the mpirun of the MPICH family' <<< "$stderr$output")" = 1 ] || saw
    printed_no '^rank '
    run --separate-stderr launch ompi -n 3 dunnage exec --container-mpi=none "$MPI" ring.mpich
    ran 0
    [ "$(grep -c '^rank 0 of 1 on' <<< "$output")" = 3 ] || saw
    run --separate-stderr alice dunnage exec --container-mpi=some "$MPI" true
    ran 2
    refused 'allowed are auto'
    run --separate-stderr alice env DUNNAGE_MPIRUN=mpirun.openmpi dunnage mpirun --oversubscribe --container-mpi=none -n 2 --image "$MPI" ring.mpich
    ran 0
    [ "$(grep -c '^rank 0 of 1 on' <<< "$output")" = 2 ] || saw
}

@test "require:hybrid: an image whose MPI does not fit the mpirun is refused before any rank starts" {
    local m
    for m in ompi mpich; do
        run --separate-stderr launch $m -n 3 dunnage exec --container-mpi=require:hybrid "$MPI" which-image
        ran 0
    done
    image_with_open_mpi "$BATS_TEST_TMPDIR/ompi.sif"
    machine sh -c 'cat > /images/ompi.sif' < "$BATS_TEST_TMPDIR/ompi.sif"
    run --separate-stderr alice env DUNNAGE_MPIRUN=mpirun.mpich dunnage mpirun -n 3 --container-mpi=require:hybrid --image /images/ompi.sif which-image
    [ "$status" -ne 0 ] || saw
    [ "$(grep -c 'dunnage: .*require:hybrid.*Open MPI.* speaks PMIx; use Open MPI.s mpirun' <<< "$stderr$output")" = 1 ] || saw
    printed_no '^image '
    run --separate-stderr launch ompi -n 3 dunnage exec --container-mpi=require:hybrid /images/ompi.sif which-image
    ran 0
    run --separate-stderr alice dunnage exec --container-mpi=require:hybrid /images/ompi.sif which-image
    ran 0
    machine rm /images/ompi.sif
}
