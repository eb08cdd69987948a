#!/usr/bin/env bats
# Messages over verbs: the device of each machine is Soft-RoCE, real for libibverbs and all that is above it.

setup() {
    load ../lib/vm
    # what of Debian's Open MPI works over it: libfabric's verbs. The completion queue must not be larger than the device's.
    OVER_VERBS=(env FI_UNIVERSE_SIZE=4 OMPI_MCA_pml=cm OMPI_MCA_mtl=ofi "OMPI_MCA_mtl_ofi_provider_include=verbs;ofi_rxm")
}

packets() { machine 1 cat /sys/class/infiniband/rxe0/ports/1/hw_counters/sent_pkts; }

@test "explain tells the network, and a transport that is demanded is there" {
    run --separate-stderr machine 0 "$PREFIX/bin/dunnage" mpi explain --container-require-transport=verbs "$IMG/mpi.sif"
    ran 0
    printed_line 'network: .*rxe0'
    printed_line '\+ verbs'
}

@test "the image's libibverbs finds the device, with the drivers that it has" {
    run --separate-stderr alice env DUNNAGE_BIND=/usr/bin/ibv_devinfo srun --container-require-transport=verbs --container="$IMG/mpi.sif" ibv_devinfo
    ran 0
    printed_line 'hca_id:.*rxe0'
    printed_line 'PORT_ACTIVE'
}

@test "two ranks on two machines exchange messages over verbs, with the image's libraries" {
    local before after
    before=$(packets)
    run --separate-stderr alice srun -N2 -n2 --mpi=pmix --container-require-transport=verbs --container="$IMG/mpi.sif" "${OVER_VERBS[@]}" ring.ompi
    ran 0
    printed_line '^ring of 2 complete$'
    after=$(packets)
    [ "$after" -gt "$before" ] || { echo "packets over verbs: $before, then $after"; saw; }
}

@test "the same with the network libraries of the machines beneath the image's MPI, and with the machines' MPI" {
    local before after how
    for how in fabric bind; do
        before=$(packets)
        run --separate-stderr alice srun -N2 -n2 --mpi=pmix --container-mpi="$how" --container="$IMG/mpi.sif" "${OVER_VERBS[@]}" ring.ompi
        ran 0
        printed_line '^ring of 2 complete$'
        after=$(packets)
        [ "$after" -gt "$before" ] || { echo "packets over verbs: $before, then $after"; saw; }
    done
}
