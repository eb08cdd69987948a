#!/usr/bin/env bats
# dunnage build --slurm: the build as a job, its output here, its exit status, and what Ctrl-C does.

setup_file() {
    load ../lib/e2e
    alice sh -c 'mkdir -p jobs; cp /shared/images/hello.sif jobs/base.sif
        printf "Bootstrap: localimage\nFrom: base.sif\n%%post\n    echo built on \$(hostname); echo made > /made\n" > jobs/good.def
        printf "Bootstrap: localimage\nFrom: base.sif\n%%post\n    exit 3\n" > jobs/bad.def
        printf "Bootstrap: localimage\nFrom: base.sif\n%%post\n    sleep 1000\n" > jobs/slow.def'
}

teardown_file() {
    load ../lib/e2e
    node 0 rm -rf /home/alice/jobs
}

setup() { load ../lib/e2e; }

@test "a build in a job shows the job's output, and makes the image" {
    run --separate-stderr alice sh -c "cd jobs && dunnage build --slurm --slurm-options='-w node1 -J by-name' 'out 1.sif' good.def"
    ran 0
    printed_line '^built on node1$'
    printed_line '^built out 1.sif$'
    grep -qE '^dunnage: job [0-9]+ builds; Ctrl-C cancels it$' <<< "$stderr" || saw
    run alice sh -c 'cd jobs && dunnage sif list "out 1.sif" && ls -A | grep dunnage-build'
    printed_line 'Def'
    printed_no 'dunnage-build'
    nodes_idle
}

@test "its failure is the job's, with the line of the definition" {
    run --separate-stderr alice sh -c 'cd jobs && dunnage build --slurm bad.sif bad.def'
    ran 7
    printed_line 'bad.def:3: %post ended with status 3'
    run --separate-stderr alice sh -c 'cd jobs && dunnage build --slurm --slurm-options=--no-such-option bad.sif bad.def'
    ran 7
    grep -q 'sbatch did not take the job' <<< "$stderr" || saw
    run --separate-stderr alice sh -c 'cd jobs && dunnage build --slurm-options=-t1 bad.sif bad.def'
    ran 2
    refused '--slurm-options' '--slurm;'
    nodes_idle
}

@test "who interrupts it cancels the job" {
    run --separate-stderr alice bash -c 'cd jobs; env --default-signal=INT dunnage build --slurm slow.sif slow.def & until squeue -h -u alice -t R | grep -q .; do sleep 0.2; done
        until pgrep -u alice -x sleep; do sleep 0.2; done; pkill -INT -u alice -f "dunnage.launcher.cli.Main build --slurm"; wait $!; echo "ended with $?"'
    printed_line '^ended with 130$'
    retry 50 0.2 sh -c "! '$CLUSTER' exec 0 squeue -h -u alice | grep -q ."
    run alice sh -c 'ls -A jobs | grep -E "slow.sif|dunnage-build"; ls -A /tmp | grep dunnage-def'
    printed ""
    nodes_idle
}
