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

# told WORD...: one line of ours on stderr, which has all the words; without words none
told() {
    local ours word
    ran 0 || return 1
    ours=$(grep 'dunnage: ' <<< "$stderr" || true)
    [ "$(grep -c . <<< "$ours")" = "$(($# > 0))" ] || { echo "lines of ours: $ours"; saw || return 1; }
    for word in "$@"; do
        grep -qF -- "$word" <<< "$ours" || { echo "the line lacks: $word"; saw || return 1; }
    done
}
submits() { run --separate-stderr alice "$@"; }

@test "launch hints: a GPU that nobody asks for" {
    local image=$OPEN/h.sif gpu=('needs a GPU of nvidia by its launch hints, and the job asks for none' 'give --gres=gpu:1 or --gpus=1')
    check refuse
    hinted "$image" '{"version": 1, "gpu": "nvidia"}'
    alice sh -c "printf '#!/bin/sh\n#SBATCH --exclusive\ntrue\n' > whole.sh; printf '#!/bin/sh\n#SBATCH -N 1\n#SBATCH --container=$image\ntrue\n' > part.sh"
    submits srun --test-only --container="$image" true
    told "$image" "${gpu[@]}"
    submits srun --test-only --exclusive --container="$image" true
    told
    submits env SLURM_EXCLUSIVE=user srun --test-only --container="$image" true
    told
    submits sbatch --test-only part.sh
    told "$image" "${gpu[@]}"
    submits env SBATCH_EXCLUSIVE=user sbatch --test-only part.sh
    told
    submits sbatch --test-only --container="$image" whole.sh
    told
    submits sh -c "sbatch --test-only < part.sh"    # cannot be read
    told
    node 0 rm -f "$image"
}

@test "launch hints: more memory than the job asks for" {
    local image=$OPEN/h.sif
    check warn
    hinted "$image" '{"version": 1, "memory": "64MiB"}'
    alice sh -c "printf '#!/bin/sh\n#SBATCH --mem=20M --container=$image\ntrue\n' > small.sh"
    submits sbatch --test-only small.sh
    told "$image" 'needs 64 MiB of memory on a node by its launch hints' 'the job asks for 20 MiB' 'give --mem=64M'
    submits sbatch --test-only --mem=64M small.sh
    told
    submits srun --test-only --mem=30000K --container="$image" true
    told "$image" 'asks for 29 MiB'
    submits srun --container="$image" true
    told
    node 0 rm -f "$image"
}

@test "an MPI that does not speak what srun was told is advice, and no more" {
    local image=$OPEN/o.sif
    check refuse
    image_with_open_mpi "$BATS_TEST_TMPDIR/o.sif"
    to_users "$BATS_TEST_TMPDIR/o.sif" "$image"
    submits srun -n2 -O --mpi=pmi2 --container="$image" true
    told "image $image: the MPI of the image cannot find its ranks through --mpi=pmi2: Open MPI" 'speaks PMIx; use srun --mpi=pmix'
    submits srun -n2 -O --mpi=pmi2 --container="$image" --container-mpi=none true
    told
    submits srun -n1 --mpi=pmi2 --container="$image" true
    told
    script true
    submits env SLURM_MPI_TYPE=pmi2 sbatch --test-only --container="$image" job.sh
    told "image $image: the MPI of the image cannot find its ranks" 'use srun --mpi=pmix'
    node 0 rm -f "$image"
}

@test "launch hints: --mpi is suggested, or the step refused" {
    check refuse
    hinted "$OPEN/h.sif" '{"version": 1, "mpi": "mpich", "pmi": ["pmi2"]}'
    run --separate-stderr alice srun -n4 -O --mpi=pmix --container="$OPEN/h.sif" true
    refused h.sif 'needs pmi2' 'use srun --mpi=pmi2' 'not submitted'
    run --separate-stderr alice srun -n2 -O --mpi=pmi2 --container="$OPEN/h.sif" which-image
    ran 0
    script 'true'
    run --separate-stderr alice sbatch -W -o hint.out --container="$OPEN/h.sif" job.sh
    ran 0
    grep -q 'dunnage: MPI programs of image .*h.sif need srun --mpi=pmi2 by its launch hints' <<< "$stderr" || saw
    run --separate-stderr alice srun -n2 -O --mpi=pmix --container="$OPEN/h.sif" --container-mpi=none which-image
    ran 0
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
