#!/usr/bin/env bats
# dunnage mpirun on several nodes: inside an allocation, where mpirun starts its daemons by srun, and over ssh without Slurm.
# /dev/fuse is made one that users may open, as distributions have it.

setup_file() {
    load ../lib/e2e
    local n
    for n in $(all_nodes); do
        node "$n" sh -ec '
            mknod /run/fuse c 10 229; chmod 666 /run/fuse; mount --bind /run/fuse /dev/fuse
            usermod -p "*" alice
            mkdir -p /run/sshd; ssh-keygen -q -t ed25519 -N "" -f /run/sshd/key < /dev/null
            /usr/sbin/sshd -f /dev/null -h /run/sshd/key -o PidFile=/run/sshd/pid -o UsePAM=no -o StrictModes=no'
    done
    alice sh -ec '
        mkdir -p -m 700 .ssh
        rm -f .ssh/id_ed25519; ssh-keygen -q -t ed25519 -N "" -f .ssh/id_ed25519; cp .ssh/id_ed25519.pub .ssh/authorized_keys
        printf "Host *\n StrictHostKeyChecking no\n UserKnownHostsFile /dev/null\n LogLevel ERROR\n" > .ssh/config
        rm -rf .dunnage'
}
teardown_file() {
    load ../lib/e2e
    local n
    for n in $(all_nodes); do node "$n" sh -c 'kill "$(cat /run/sshd/pid)"; umount /dev/fuse; rm -rf /run/fuse /run/sshd'; done
    alice rm -rf .ssh .dunnage
}
setup() {
    load ../lib/e2e
    MPI=$IMG/mpi.sif
    # TCP only and no spinning: the nodes of the cluster share the machine's cores
    TAME=(OMPI_MCA_pml=ob1 "OMPI_MCA_btl=tcp,self,vader" OMPI_MCA_mpi_yield_when_idle=1 OMPI_MCA_rmaps_base_oversubscribe=1 "UCX_TLS=tcp,self"
        PATH=/opt/dunnage/bin:/usr/local/bin:/usr/bin:/bin)
    LIMIT=60
}

# Both: FAMILY [NAME=VALUE...] -- ARGUMENT...
# mpirun_of: dunnage mpirun of that family in an allocation of two nodes; over_ssh: the same on node0 and node1, without Slurm
mpirun_of() { started "$1" "salloc -Q -N2 -n4 -O" "" "${@:2}"; }
over_ssh() {
    local how="--mca plm rsh -H node0:2,node1:2"
    [ "$1" = openmpi ] || how="-launcher ssh -hosts node0:2,node1:2"
    started "$1" "" "$how" "${@:2}"
}
# started FAMILY COMMAND-BEFORE OPTIONS [NAME=VALUE...] -- ARGUMENT...
started() {
    local family=$1 before=$2 options=$3 variables=()
    shift 3
    while [ "$1" != -- ]; do variables+=("$1"); shift; done
    shift
    # shellcheck disable=SC2086  # lists
    run --separate-stderr alice env "${TAME[@]}" "${variables[@]}" DUNNAGE_MPIRUN="mpirun.$family" $before dunnage mpirun $options "$@"
}

ring_of_four() { # complete, on two nodes
    printed_line 'ring of 4 complete'
    [ "$(sed -n 's/^rank [0-3] of 4 on //p' <<< "$output" | sort -u | wc -l)" = 2 ] || saw
}

@test "inside an allocation: Open MPI and MPICH, four ranks on two nodes" {
    mpirun_of openmpi -- -n 4 --image "$MPI" ring.ompi
    ran 0
    ring_of_four
    mpirun_of mpich -- -n 4 --image "$MPI" ring.mpich
    ran 0
    ring_of_four
}

@test "over ssh: Open MPI and MPICH, four ranks on two nodes" {
    over_ssh openmpi -- -n 4 --image "$MPI" ring.ompi
    ran 0
    ring_of_four
    over_ssh mpich -- -n 4 --image "$MPI" ring.mpich
    ran 0
    ring_of_four
}

@test "the ranks of a node share one container, on each node" {
    mpirun_of openmpi -- -n 4 --image "$MPI" sh -c 'echo "$(uname -n) $(readlink /proc/self/ns/mnt)"'
    ran 0
    [ "$(wc -l <<< "$output")" = 4 ] || saw
    [ "$(sort -u <<< "$output" | wc -l)" = 2 ] || saw
}

@test "variables about containers reach the other nodes, in each part, and no value is in an argument" {
    local how family
    for how in mpirun_of over_ssh; do
        for family in openmpi mpich; do
            $how $family DUNNAGE_BIND=/shared/bin:/data APPTAINERENV_WORD=hidden -- \
                -n 2 --image "$MPI" sh -c 'ls /data/ring.ompi; echo "word $WORD"' : -n 2 sh -c 'ls /data/ring.ompi; echo "word $WORD"'
            ran 0
            [ "$(grep -c '^/data/ring.ompi$' <<< "$output")" = 4 ] || saw
            [ "$(grep -c '^word hidden$' <<< "$output")" = 4 ] || saw
        done
    done
    run --separate-stderr alice env "${TAME[@]}" DUNNAGE_MPIRUN=mpirun.openmpi APPTAINERENV_WORD=hidden dunnage mpirun -x APPTAINERENV_WORD -n 1 --image "$MPI" \
        sh -c 'echo "word $WORD"; tr "\0" " " < /proc/$PPID/cmdline'
    ran 0
    printed_line '^word hidden$'
    printed_line 'mpirun'
    printed_no 'WORD=hidden'
}

@test "a refused image: told by each node once, and no rank starts" {
    local mark
    mark=$(marker mpirun)
    mpirun_of openmpi -- -n 4 --image "$BAD/unsigned.sif" "$mark"
    [ "$status" -ne 0 ] || saw
    [ "$(grep -c 'dunnage: image .*unsigned.sif refused by rule' <<< "$stderr$output")" -le 2 ] || saw
    [ "$(grep -c 'dunnage: image .*unsigned.sif refused by rule' <<< "$stderr$output")" -ge 1 ] || saw
    marker_silent mpirun
}

@test "the mpirun of the other family: stopped, with the cure" {
    mpirun_of openmpi -- -n 4 --image "$MPI" ring.mpich
    [ "$status" -ne 0 ] || saw
    [ "$(grep -c 'dunnage: MPI found 1 rank where 4 were started: MPICH.*use the mpirun of the MPICH family' <<< "$stderr$output")" -ge 1 ] || saw
    printed_no '^rank '
}

@test "nothing is left on any node" {
    local n
    clean() { ! node "$1" pgrep -u alice -l 'dunnage|squashfuse|orted|hydra'; }
    for n in $(all_nodes); do retry 100 0.1 clean "$n"; done
    nodes_idle
}
