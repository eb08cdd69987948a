#!/usr/bin/env bats
# A machine of another release than the one that Dunnage was built on: Debian 13 with its libraries, its Java 21, and Open MPI 5's and MPICH
# 4.2's own mpirun, for images of Debian 12 and 13. Only with --full, which makes its tree.

setup_file() {
    load ../lib/interop
    [ "${DUNNAGE_TESTS_FULL:-0}" = 1 ] || return 0
    "$CHECKOUT/tests/lib/fixtures" releases
    mkdir -p "$BATS_FILE_TMPDIR/home"
    cp --reflink=auto "$FIXTURES"/images/mpi{,13}.sif "$BATS_FILE_TMPDIR/home"
    chown -R 2003:2003 "$BATS_FILE_TMPDIR/home"
}
setup() {
    [ "${DUNNAGE_TESTS_FULL:-0}" = 1 ] || skip "makes a tree of Debian 13, run with --full"
    load ../lib/interop
    load ../lib/checks
}

# a shell line there
there() {
    TREE_BIND="$PREFIX:/opt/dunnage" timeout -k 5 120 "$CHECKOUT/tests/lib/tree" host13 "$BATS_FILE_TMPDIR/home" bash -c 'PATH=/opt/dunnage/bin:$PATH; export DUNNAGE_JAVA=/usr/lib/jvm/java-21-openjdk-amd64/bin/java; '"$1"
}

@test "images run, and MPI is found and explained, with Java 21" {
    run --separate-stderr there 'dunnage exec mpi.sif which-image && dunnage mpi explain --mpi=pmix mpi13.sif'
    ran 0
    printed_line '^image mpi$'
    printed_line '^choice: hybrid'
    printed_line 'Open MPI 5.0.7 of the image and Open MPI 5.0.7 of the nodes'
}

@test "Open MPI 5's mpirun starts ranks of an image with Open MPI 5; those of Open MPI 4 are stopped with a cure" {
    run --separate-stderr there 'mpirun.openmpi --oversubscribe -n 4 dunnage exec mpi13.sif ring.ompi'
    ran 0
    printed_line 'ring of 4 complete'
    run --separate-stderr there 'mpirun.openmpi --oversubscribe -n 4 dunnage exec mpi.sif ring.ompi'
    [ "$status" = 86 ] || saw
    [ "$(grep -c 'dunnage: MPI found 1 rank where 4 were started: Open MPI v4.1.4 of the image did not reach the mpirun' <<< "$stderr")" = 1 ] || saw
    printed_no '^ring'
}

@test "MPICH 4.2's mpirun starts ranks of images with MPICH 4.2 and 4.0; with Open MPI 5's they are stopped" {
    for image in mpi13 mpi; do
        run --separate-stderr there "mpirun.mpich -n 4 dunnage exec $image.sif ring.mpich"
        ran 0
        printed_line 'ring of 4 complete'
    done
    run --separate-stderr there 'mpirun.openmpi --oversubscribe -n 2 dunnage exec mpi13.sif ring.mpich'
    [ "$status" -ne 0 ]
    grep -q 'dunnage: MPI found 1 rank where 2 were started' <<< "$stderr" || saw
}

@test "Open MPI 5 of the machine in the image's place, also for an image with Open MPI 4 and an older glibc" {
    for image in mpi13 mpi; do
        run --separate-stderr there "mpirun.openmpi --oversubscribe -n 2 dunnage exec --container-mpi=bind $image.sif ring.ompi"
        ran 0
        printed_line 'ring of 2 complete'
    done
}
