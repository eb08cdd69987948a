#!/usr/bin/env bats
# Batch jobs in a container, and which image an inner step gets.

setup_file() { load ../lib/e2e; agents_on; }
setup() { load ../lib/e2e; LIMIT=90; }

# script NAME: a batch script of alice's, from standard input
script() { as 0 alice sh -c "cat > $1 && chmod 755 $1"; }
# submit ARGS...: submits, waits for the end and leaves the job id in $job
submit() {
    run --separate-stderr whole_job -o job.out "$@"
    job=$output
    [ -n "$job" ] || saw
}
job_output() { alice cat job.out; }
job_state() { alice scontrol -o show job "$job" | grep -oE 'JobState=[A-Z_]+'; }

@test "#SBATCH --container runs the script inside the image" {
    script job.sh <<'JOB'
#!/bin/sh
#SBATCH --container=/shared/images/hello.sif
. /etc/os-release
echo "$PRETTY_NAME"
which-image
id -un
pwd
JOB
    submit job.sh
    ran 0
    [ "$(job_output)" = $'Dunnage demo image hello\nimage hello\nalice\n/home/alice' ] || { job_output; false; }
    [ "$(job_state)" = JobState=COMPLETED ]
}

@test "#SBATCH --container-mounts holds for the script" {
    alice sh -c 'mkdir -p data && echo given > data/file'
    script job.sh <<'JOB'
#!/bin/sh
#SBATCH --container=/shared/images/hello.sif
#SBATCH --container-mounts=/home/alice/data:/data:ro
cat /data/file
echo x > /data/refused || echo read-only
JOB
    submit job.sh
    ran 0
    job_output | grep -qx given
    job_output | grep -qx read-only
}

@test "the script's exit status is the job's" {
    script job.sh <<'JOB'
#!/bin/sh
#SBATCH --container=/shared/images/hello.sif
exit 9
JOB
    submit job.sh
    ran 9
    [ "$(job_state)" = JobState=FAILED ]
    alice scontrol -o show job "$job" | grep -q 'ExitCode=9:0'
}

@test "a relative image is meant from where the job was submitted" {
    script job.sh <<'JOB'
#!/bin/sh
which-image
JOB
    run --separate-stderr alice bash -c 'cd /shared/images && sbatch --parsable -W -D /tmp -o /home/alice/job.out --container=hello.sif /home/alice/job.sh'
    ran 0
    [ "$(job_output | tail -1)" = 'image hello' ] || { job_output; false; }
}

@test "job arrays run every element inside" {
    script job.sh <<'JOB'
#!/bin/sh
#SBATCH --container=/shared/images/hello.sif
echo "$SLURM_ARRAY_TASK_ID $(which-image)"
JOB
    run --separate-stderr alice sbatch --parsable -W -a 1-3 -o 'array.%a' job.sh
    ran 0
    [ "$(alice sh -c 'cat array.1 array.2 array.3')" = $'1 image hello\n2 image hello\n3 image hello' ]
}

@test "a refused image fails the job, tells why in its output, and the script runs nowhere" {
    alice rm -f script-ran
    script job.sh <<'JOB'
#!/bin/sh
#SBATCH --container=/shared/bad/unsigned.sif
touch /home/alice/script-ran
JOB
    submit job.sh
    [ "$status" -ne 0 ] || saw
    [ "$(job_state)" = JobState=FAILED ]
    [ "$(job_output | grep -c 'dunnage: ')" = 1 ] || { job_output; false; }
    job_output | grep -q 'unsigned.sif'
    run alice test -e script-ran
    ran 1
    nodes_idle
}

@test "a missing image fails the job and leaves the node alone" {
    alice rm -f script-ran
    script job.sh <<'JOB'
#!/bin/sh
touch /home/alice/script-ran
JOB
    submit --container=/shared/images/none.sif job.sh
    [ "$status" -ne 0 ] || saw
    [ "$(job_state)" = JobState=FAILED ]
    job_output | grep -q 'none.sif'
    run alice test -e script-ran
    ran 1
    nodes_idle
}

@test "inside a script in A, srun --container=B runs B" {
    script job.sh <<'JOB'
#!/bin/sh
#SBATCH --container=/shared/images/slurm.sif
which-image
srun --container=/shared/images/hello.sif which-image
JOB
    submit job.sh
    ran 0
    [ "$(job_output)" = $'image slurm\nimage hello' ] || { job_output; false; }
}

@test "inside a script in A, srun without --container stays in A" {
    script job.sh <<'JOB'
#!/bin/sh
#SBATCH --container=/shared/images/slurm.sif
srun which-image
JOB
    submit job.sh
    ran 0
    [ "$(job_output)" = 'image slurm' ] || { job_output; false; }
}

@test "inside a script in A, srun --container=none leaves the container" {
    script job.sh <<'JOB'
#!/bin/sh
#SBATCH --container=/shared/images/slurm.sif
srun --container=none sh -c '. /etc/os-release; echo $ID'
JOB
    submit job.sh
    ran 0
    [ "$(job_output)" = debian ] || { job_output; false; }
}

@test "an inherited SLURM_CONTAINER does not win over srun's own --container" {
    run --separate-stderr alice env SLURM_CONTAINER="$IMG/mpi.sif" srun --container="$IMG/hello.sif" which-image
    ran 0
    printed 'image hello'
}

@test "sbatch does not take over an inherited SLURM_CONTAINER" {
    script job.sh <<'JOB'
#!/bin/sh
. /etc/os-release
echo "$ID"
JOB
    run --separate-stderr alice env SLURM_CONTAINER="$IMG/hello.sif" sbatch --parsable -W -o job.out job.sh
    ran 0
    [ "$(job_output)" = debian ] || { job_output; false; }
}

@test "a plain script starts container steps" {
    script job.sh <<'JOB'
#!/bin/sh
#SBATCH -N2 -n2
srun --container=/shared/images/hello.sif which-image
srun sh -c '. /etc/os-release; echo $ID'
JOB
    submit job.sh
    ran 0
    [ "$(job_output)" = $'image hello\nimage hello\ndebian\ndebian' ] || { job_output; false; }
}

@test "salloc and srun" {
    run --separate-stderr alice salloc -Q -N1 srun --container="$IMG/hello.sif" which-image
    ran 0
    printed 'image hello'
}

@test "--container-entrypoint: the runscript gets the batch script" {
    script job.sh <<'JOB'
#!/bin/sh
#SBATCH --container=/shared/images/hello.sif --container-entrypoint
echo the script itself does not run
JOB
    submit job.sh one 'b  c'
    ran 0
    job_output | grep -qxE 'runscript of the demo image: /.*/slurm_script one b  c' || { job_output; false; }
    [ "$(job_output | wc -l)" = 1 ]
}

# Slurm looks at these every half minute, so that all wait for the same look.
@test "time limit and --signal: script and steps get what they get without a container" {
    script limit.sh <<'JOB'
#!/bin/sh
trap 'echo script USR1' USR1
trap 'echo script TERM' TERM
srun sh -c 'trap "echo step USR1; exit 0" USR1; trap "echo step TERM; exit 0" TERM; echo ready; while :; do sleep 0.1; done' &
while kill -0 $! 2> /dev/null; do wait; done
JOB
    local how job kind jobs=()
    alice sh -c 'rm -f limit.*.out'
    for how in in out; do
        for kind in over script steps; do
            local options=(-t 5 --parsable -o "limit.$kind.$how.out")
            [ $how = out ] || options+=(--container="$OPEN/hello.sif")
            [ $kind != script ] || options+=(--signal=B:USR1@60)
            [ $kind != steps ] || options+=(--signal=USR1@60)
            jobs+=("$(alice sbatch "${options[@]}" limit.sh)")
        done
    done
    retry 100 0.1 all_ready
    for job in "${jobs[@]}"; do node 0 scontrol update JobId="$job" EndTime=now+70; done
    for job in "${jobs[0]}" "${jobs[3]}"; do node 0 scontrol update JobId="$job" EndTime=now+2; done
    retry 150 0.3 all_told || { alice sh -c 'head -20 limit.*.out'; false; }
    job=${jobs[0]}
    retry 100 0.1 timed_out
    alice scancel -u alice
    for kind in over script steps; do
        [ "$(told_in "limit.$kind.in.out")" = "$(told_in "limit.$kind.out.out")" ] ||
            { alice sh -c "head -20 limit.$kind.*.out"; false; }
    done
    alice grep -qx 'step TERM' limit.over.in.out
    alice grep -qx 'script USR1' limit.script.in.out
    run alice grep -x 'step USR1' limit.script.in.out
    ran 1
    alice grep -qx 'step USR1' limit.steps.in.out
    nodes_idle
    run everywhere pgrep squashfuse
    printed ''
}
# without what has a time or a node's name in it
told_in() { alice sort "$1" | grep -vE 'slurmstepd|[*]{3}'; }
all_ready() { [ "$(alice sh -c 'cat limit.*.out' | grep -c ready)" = 6 ]; }
all_told() { [ "$(alice sh -c 'cat limit.over.*.out' | grep -c 'step TERM')" = 2 ] && [ "$(alice sh -c 'cat limit.s*.out' | grep -c 'USR1')" -ge 4 ]; }
timed_out() { [ "$(job_state)" = JobState=TIMEOUT ]; }

@test "a requeued job runs again in its image" {
    script job.sh <<'JOB'
#!/bin/sh
#SBATCH --container=/shared/images/hello.sif
echo "start $SLURM_RESTART_COUNT $(which-image)"
[ -n "$SLURM_RESTART_COUNT" ] || sleep 60
JOB
    run --separate-stderr alice sbatch --parsable --requeue --open-mode=append -o requeue.out job.sh
    job=$output
    alice rm -f requeue.out
    retry 100 0.2 started_once
    node 0 scontrol requeue "$job"
    # Slurm holds a requeued job back for a while: its start time may be drawn nearer
    retry 100 0.2 pending
    node 0 scontrol update JobId="$job" StartTime=now
    retry 600 0.2 finished
    [ "$(alice grep -c 'image hello' requeue.out)" = 2 ] || { alice cat requeue.out; false; }
}
started_once() { alice grep -q start requeue.out 2>/dev/null; }
pending() { [ "$(job_state)" = JobState=PENDING ]; }
finished() { [ "$(job_state)" = JobState=COMPLETED ]; }
