#!/usr/bin/env bats
# The nodes' MPI in the place of the image's. As in mpi.bats a failed run of an MPI library is repeated once before it counts.

setup_file() { load ../lib/e2e; agents_on; }
setup() {
    load ../lib/e2e
    export LIMIT=50
    OMPI="OMPI_MCA_pml=ob1 OMPI_MCA_btl=tcp,self,vader OMPI_MCA_mpi_yield_when_idle=1"
    MPICH="UCX_TLS=tcp,self"
}

teardown() { [ ! -d "$BATS_TEST_TMPDIR/site" ] || site; }

# ring MPI ENV OPTION... PROGRAM: four ranks on two nodes find each other
ring() {
    local mpi=$1 env=$2 try
    shift 2
    for try in 1 2; do
        # shellcheck disable=SC2086  # env is a list
        run --separate-stderr alice env $env srun -N2 -n4 -O --mpi="$mpi" "$@"
        [ "$(grep -cE '^rank [0-3] of 4 on' <<< "$output")" = 4 ] && grep -qx 'ring of 4 complete' <<< "$output" && return 0
        echo "try $try: status $status, $output ${stderr:-}"
    done
    saw
}

# mapped PROGRAM_OUTPUT: files of its maps
mapped() { grep -o ' /.*' <<< "$output" | sort -u; }

@test "an image without MPI runs programs of the nodes' Open MPI and MPICH" {
    ring pmix "$OMPI" --container="$IMG/slurm.sif" --container-mounts=/shared/bin:/shared/bin --container-mpi=bind /shared/bin/ring.ompi
    ring pmi2 "$MPICH" --container="$IMG/slurm.sif" --container-mounts=/shared/bin:/shared/bin --container-mpi=bind /shared/bin/ring.mpich
}

@test "the nodes' MPI stands in for the image's, also after the environment was cleared" {
    ring pmix "$OMPI" --container="$IMG/mpi.sif" --container-mpi=bind ring.ompi
    ring pmi2 "$MPICH" --container="$IMG/mpi.sif" --container-mpi=require:bind ring.mpich
    # shellcheck disable=SC2016
    run --separate-stderr alice srun -n1 --container="$IMG/mpi.sif" --container-mpi=bind sh -c '
        env -i LD_TRACE_LOADED_OBJECTS=1 /usr/local/bin/ring.ompi; env -i LD_TRACE_LOADED_OBJECTS=1 /usr/local/bin/ring.mpich'
    ran 0
    printed_line '/.dunnage/host/lib/libmpi.so.40'
    printed_line '/.dunnage/host/lib/libopen-pal.so.40'
    printed_line '/.dunnage/host/lib/libmpich.so.12'
    printed_no '=> not found'
}

@test "a program without MPI loads what the image has, and nothing else" {
    local bare
    run --separate-stderr alice srun -n1 --container="$IMG/mpi.sif" bash -c 'cat /proc/$$/maps'
    ran 0
    bare=$(mapped)
    run --separate-stderr alice srun -n1 --container="$IMG/mpi.sif" --container-mpi=bind bash -c 'cat /proc/$$/maps'
    ran 0
    [ "$(mapped)" = "$bare" ] || saw
    printed_no dunnage
    # what belongs to no MPI program stays the image's where both have it
    run --separate-stderr alice srun -n1 --container="$IMG/mpi.sif" --container-mpi=bind \
        sh -c 'ls /.dunnage/host/lib; touch /.dunnage/host/lib/x 2>&1'
    printed_line '^libmpi.so.40$'
    printed_no '^lib(c|m|z|stdc\+\+|gcc_s)\.so'
    printed_line 'Read-only file system'
}

# tiny NAME: an image of the tree, as a file that the cluster sees
tiny() {
    "$PREFIX/bin/dunnage" build "$BATS_TEST_TMPDIR/$1.sif" "$BATS_TEST_TMPDIR/root"
    to_users "$BATS_TEST_TMPDIR/$1.sif" "$OPEN/$1.sif"
}

# An Open MPI that seems to have learnt PMI2 alone, beside the C library that programs need.
@test "auto takes the nodes' MPI where the site names it and the image's cannot find its ranks" {
    local t=$BATS_TEST_TMPDIR/root lib=usr/lib/x86_64-linux-gnu
    image_with_open_mpi "$BATS_TEST_TMPDIR/auto.sif"
    mv "$t/$lib"/openmpi/lib/openmpi3/mca_pmix_{ext3x,s2}.so
    mkdir -p "$t/lib64"
    cp "/$lib/libc.so.6" "/$lib/libm.so.6" "$t/$lib"
    cp /lib64/ld-linux-x86-64.so.2 "$t/lib64"
    rm "$BATS_TEST_TMPDIR/auto.sif"
    tiny auto
    run --separate-stderr alice srun -n2 -O --mpi=pmix --container="$OPEN/auto.sif" ls /.dunnage
    printed_no '^host$'
    cp "$FIXTURES/site/dunnage.yaml" "$BATS_TEST_TMPDIR/dunnage.yaml"
    "$PREFIX/bin/dunnage" mpi learn >> "$BATS_TEST_TMPDIR/dunnage.yaml"
    site "$BATS_TEST_TMPDIR/dunnage.yaml"
    ring pmix "$OMPI" --container="$OPEN/auto.sif" --container-mounts=/shared/bin:/shared/bin /shared/bin/ring.ompi
    grep -q "does not speak what --mpi=pmix offers, so the nodes' MPI takes its place" <<< "$stderr" || saw
    run --separate-stderr alice srun -n2 -O --mpi=pmix --container="$OPEN/auto.sif" --container-mpi=hybrid ls /.dunnage
    printed_no '^host$'
    node 0 rm -f "$OPEN/auto.sif"
}

@test "what cannot work is refused before any rank starts, with its reason" {
    local t=$BATS_TEST_TMPDIR/root
    run --separate-stderr alice srun -n2 -O --mpi=pmix --container="$IMG/hello.sif" --container-mpi=bind "$(marker bind)"
    refused '--container-mpi=bind' 'no C library of this processor' 'use --container-mpi=hybrid'
    # the nodes' Open MPI does not speak PMI2, their MPICH does
    run --separate-stderr alice srun -n2 -O --mpi=pmi2 --container="$IMG/mpi.sif" --container-mpi=bind sh -c 'ls /.dunnage/host/lib'
    ran 0
    printed_no '^libmpi.so.40$'
    cp -a "$FIXTURES/roots/hello/." "$t"
    mkdir -p "$t/lib" "$t/usr/lib/x86_64-linux-gnu"
    touch "$t/lib/ld-musl-x86_64.so.1"
    tiny musl
    run --separate-stderr alice srun -n2 -O --mpi=pmix --container="$OPEN/musl.sif" --container-mpi=bind "$(marker bind)"
    refused 'the image has musl' 'use --container-mpi=hybrid'
    # a C library that claims to be older than all MPI
    rm "$t/lib/ld-musl-x86_64.so.1"
    echo 'GLIBC_2.17 { global: old; local: *; };' > "$BATS_TEST_TMPDIR/old.map"
    echo 'void old(void); void old(void) {}' > "$BATS_TEST_TMPDIR/old.c"
    gcc -shared -nostdlib -fPIC -Wl,-soname,libc.so.6,--version-script="$BATS_TEST_TMPDIR/old.map" \
        -o "$t/usr/lib/x86_64-linux-gnu/libc.so.6" "$BATS_TEST_TMPDIR/old.c"
    tiny old
    run --separate-stderr alice srun -n2 -O --mpi=pmix --container="$OPEN/old.sif" --container-mpi=bind "$(marker bind)"
    refused 'of the nodes needs glibc 2.3[0-9], the image has 2.17' 'use --container-mpi=hybrid'
    node 0 rm -f "$OPEN/musl.sif" "$OPEN/old.sif"
    marker_silent bind
}

@test "fabric: the image's MPI over the nodes' UCX" {
    ring pmi2 "$MPICH" --container="$IMG/mpi.sif" --container-mpi=fabric ring.mpich
    run --separate-stderr alice srun -n1 --container="$IMG/mpi.sif" --container-mpi=fabric \
        sh -c 'env -i LD_TRACE_LOADED_OBJECTS=1 /usr/local/bin/ring.mpich; ls /.dunnage/host/lib'
    ran 0
    printed_line 'libmpich.so.12 => /lib/x86_64-linux-gnu/libmpich.so.12'
    printed_line '/.dunnage/host/lib/libucp.so.0'
    printed_line '^libucs.so.0$'
    printed_no '^libmpi'
    printed_no '=> not found'
    run --separate-stderr alice srun -n1 --container="$IMG/slurm.sif" --container-mpi=fabric "$(marker fabric)"
    refused '--container-mpi=fabric' 'no network library in common' 'use --container-mpi=hybrid'
    marker_silent fabric
}

@test "a rule that forbids libraries of the host is named" {
    {
        printf 'version: 1\nrules:\n  - name: sealed\n    mode: whitelist\n    keys: [%s]\n' "$(cat "$FIXTURES/keys/demo.fpr")"
        printf '    grant: {host-libraries: false}\n'
    } > "$BATS_TEST_TMPDIR/policy.yaml"
    site "$BATS_TEST_TMPDIR/policy.yaml"
    run --separate-stderr alice srun -n1 --container="$IMG/hello.sif" --container-mpi=bind "$(marker bind)"
    refused '--container-mpi=bind' 'does not allow libraries of the host' "rule 'sealed', /etc/dunnage/policy.yaml:3"
    marker_silent bind
    run --separate-stderr alice srun -n1 --container="$IMG/hello.sif" which-image
    ran 0
}

@test "a site can want its own MPI everywhere: images that cannot have it run with theirs" {
    cp "$FIXTURES/site/dunnage.yaml" "$BATS_TEST_TMPDIR/dunnage.yaml"
    echo 'mpi-mode: bind' >> "$BATS_TEST_TMPDIR/dunnage.yaml"
    site "$BATS_TEST_TMPDIR/dunnage.yaml"
    run --separate-stderr alice srun -n1 --container="$IMG/mpi.sif" ls /.dunnage/host/lib
    ran 0
    printed_line '^libmpi.so.40$'
    run --separate-stderr alice srun -n2 -O --mpi=pmix --container="$IMG/hello.sif" which-image
    ran 0
    grep -q "mpi-mode: bind does not fit, so the image's MPI is used: .*no C library" <<< "$stderr" || saw
    run --separate-stderr alice srun -n1 --container="$IMG/mpi.sif" --container-mpi=hybrid true
    refused 'mpi-mode: bind'
}
