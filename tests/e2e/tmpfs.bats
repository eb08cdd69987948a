#!/usr/bin/env bats
# Slurm's own way to give each job a /tmp of its own, and containers in it.

setup_file() {
    load ../lib/e2e
    agents_on
    everywhere sh -c 'mkdir -p /run/job-tmp; printf "AutoBasePath=true\nBasePath=/run/job-tmp\n" > /etc/slurm/job_container.conf; echo node > /tmp/of-the-node'
    slurm_anew JobContainerType=job_container/tmpfs PrologFlags=Alloc,Contain
}
teardown_file() {
    load ../lib/e2e
    alice scancel -u alice
    everywhere rm -f /etc/slurm/job_container.conf /tmp/of-the-node
    slurm_anew
}
setup() { load ../lib/e2e; LIMIT=60; }

# job ARGUMENT...: as whole_job. Slurm 22.05 now and then cannot keep the job's namespace ("ns base mount failed: Invalid argument" in
# slurmd.log), before any part of ours has run, and holds the job. $id is the job that ran.
job() {
    local try
    id=
    for try in 1 2 3 4 5 6; do
        LIMIT=12 run --separate-stderr whole_job "$@"
        id=$output
        node 0 scontrol show job "$id" | grep -q launch_failed_requeued_held || return 0
        echo "try $try: held by Slurm"
        alice scancel "$id"
    done
}

# the files of /tmp that tests make, as the step of a script sees them
LOOK='ls /tmp | grep -x "of-the-.*"'

@test "a container shows the job's own /tmp, with image and FUSE server as ever, and nothing of it stays" {
    alice sh -c 'cat > tmp.sh && chmod 755 tmp.sh' << JOB
#!/bin/sh
srun sh -c 'echo job > /tmp/of-the-job; $LOOK'
for image in $IMG/hello.sif $OPEN/hello.sif; do
    srun --container=\$image sh -c 'which-image; pwd; $LOOK; cat /tmp/of-the-job; echo more >> /tmp/of-the-job'
done
srun sh -c 'cat /tmp/of-the-job'
JOB
    job -w node1 -o tmp.out tmp.sh
    ran 0
    run alice cat tmp.out
    printed $'of-the-job\nimage hello\n/home/alice\nof-the-job\njob\nimage hello\n/home/alice\nof-the-job\njob\nmore\njob\nmore\nmore'
    run node 1 sh -c 'cat /tmp/of-the-node; ls /tmp | grep of-the-job; pgrep squashfuse'
    printed node
    retry 50 0.1 no_job_tmp || { node 1 ls -la /run/job-tmp; false; }
    nodes_idle
}
no_job_tmp() { node 1 test ! -e "/run/job-tmp/node1/$id"; }

@test "a script in a container is in the job's /tmp, and so are its steps in other images" {
    alice sh -c 'cat > tmp.sh && chmod 755 tmp.sh' << JOB
#!/bin/sh
echo script > /tmp/of-the-job
which-image
pwd
srun --container=$IMG/slurm.sif sh -c 'which-image; cat /tmp/of-the-job'
JOB
    job -w node1 --container="$IMG/hello.sif" -o tmp.out tmp.sh
    ran 0
    run alice cat tmp.out
    printed $'image hello\n/home/alice\nimage slurm\nscript'
    nodes_idle
}
