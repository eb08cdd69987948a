#!/usr/bin/env bats
# submit_check= in plugstack.conf: what would keep a job from running is told before it queues.

setup_file() {
    load ../lib/e2e
    agents_on
    node 0 cp -p /etc/slurm/plugstack.conf /run/plugstack.conf
}
teardown_file() { load ../lib/e2e; node 0 sh -c 'cp -p /run/plugstack.conf /etc/slurm/plugstack.conf; rm /run/plugstack.conf'; }
setup() { load ../lib/e2e; }

# check no|warn|refuse: the setting of node0, where all submit
check() { node 0 sh -c 'sed "/spank_dunnage/s/\$/ submit_check=$1/" /run/plugstack.conf > /etc/slurm/plugstack.conf' -- "$1"; }
script() { alice sh -c "printf '#!/bin/sh\n%s\n' '$1' > job.sh; chmod 755 job.sh"; }
jobs_of_alice() { alice squeue -h --me -t all -o %i | sort -n | tail -n 1; }

@test "refuse: sbatch and srun end before anything queues" {
    local before command
    check refuse
    script 'which-image'
    before=$(jobs_of_alice)
    for command in "sbatch job.sh" "srun true"; do
        # shellcheck disable=SC2086  # a list of words
        run --separate-stderr alice ${command%% *} --container="$BAD/unsigned.sif" ${command#* }
        refused unsigned.sif 'production' 'sign' 'not submitted: submit_check=refuse'
        # shellcheck disable=SC2086
        run --separate-stderr alice ${command%% *} --container="$BAD/missing.sif" ${command#* }
        refused missing.sif 'does not exist here' 'check the path'
    done
    [ "$(jobs_of_alice)" = "$before" ]
}

@test "refuse: what is good runs, and nothing is said" {
    check refuse
    script 'which-image'
    run --separate-stderr alice sbatch -W -o good.out --container="$IMG/hello.sif" job.sh
    ran 0
    [ -z "$stderr" ] || saw
    run alice cat good.out
    printed 'image hello'
    run --separate-stderr alice srun --container="$IMG/hello.sif" which-image
    ran 0
    [ -z "$stderr" ] || saw
}

@test "warn: told, and submitted all the same" {
    check warn
    script 'true'
    run --separate-stderr alice sbatch -W -o warn.out --container="$BAD/unsigned.sif" job.sh
    printed_line 'Submitted batch job'
    grep -q 'dunnage: .*unsigned.sif.*production.*(submitted all the same)' <<< "$stderr" || saw
    [ "$status" -ne 0 ] || saw
}

@test "launch hints: --mpi is suggested, or the step refused" {
    check refuse
    cp "$FIXTURES/images/hello-unsigned.sif" "$BATS_TEST_TMPDIR/h.sif"
    echo '{"version": 1, "mpi": "mpich", "pmi": ["pmi2"]}' > "$BATS_TEST_TMPDIR/h.json"
    "$PREFIX/bin/dunnage" sif add --launch-hints "$BATS_TEST_TMPDIR/h.json" "$BATS_TEST_TMPDIR/h.sif"
    node 0 sh -c "cat > $OPEN/h.sif && chmod 644 $OPEN/h.sif" < "$BATS_TEST_TMPDIR/h.sif"
    run --separate-stderr alice srun -n4 -O --mpi=pmix --container="$OPEN/h.sif" true
    refused h.sif 'needs pmi2' 'use srun --mpi=pmi2' 'not submitted'
    run --separate-stderr alice srun -n2 -O --mpi=pmi2 --container="$OPEN/h.sif" which-image
    ran 0
    script 'true'
    run --separate-stderr alice sbatch -W -o hint.out --container="$OPEN/h.sif" job.sh
    ran 0
    grep -q 'dunnage: MPI programs of image .*h.sif need srun --mpi=pmi2 by its launch hints' <<< "$stderr" || saw
    node 0 rm -f "$OPEN/h.sif"
}

@test "no, and steps of a job that runs: nothing is looked at" {
    check no
    run --separate-stderr alice srun --container="$BAD/missing.sif" true
    refused missing.sif 'no such|not exist|missing'
    [ "$(grep -c 'not submitted' <<< "$stderr")" = 0 ] || saw
    check refuse
    script "srun --container=$BAD/missing.sif true 2> inner.err"
    run --separate-stderr alice sbatch -W -o inner.out --container=none job.sh
    run alice cat inner.err
    printed_line 'missing.sif'
    printed_no 'not submitted'
    check maybe
    run --separate-stderr alice srun --container="$IMG/hello.sif" true
    refused 'submit_check=maybe' 'no, warn or refuse'
}
