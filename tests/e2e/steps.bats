#!/usr/bin/env bats
# Slurm's features with container steps, as docs/slurm.md lists them.

setup_file() { load ../lib/e2e; agents_on; }
setup() { load ../lib/e2e; LIMIT=40; }
teardown() {
    alice scancel -u alice
    node 0 pkill -CONT -x ender || true
    node 0 pkill -KILL -x "ender|Xvfb" || true
}
teardown_file() { load ../lib/e2e; slurm_conf; }

HELLO=--container=/shared/images/hello.sif

enders() { node 0 pgrep -u alice -x ender > /dev/null; }
no_enders() { ! enders; }
# stay: a container step on node0 in the background, its job id in $job
stay() {
    alice srun -w node0 "$@" > "$BATS_TEST_TMPDIR/out" 2>&1 &
    retry 100 0.1 enders
    job=$(alice squeue -h -o %i | head -1)
}

@test "TaskProlog and TaskEpilog of the site run on the node, and the prolog's variables arrive" {
    local n image
    for n in $(all_nodes); do
        node "$n" sh -c 'printf "#!/bin/sh\n. /etc/os-release\necho export FROM_PROLOG=\$ID-\$(id -un)\necho print prolog says \$SLURM_PROCID\n" > /etc/slurm/prolog.sh
                         printf "#!/bin/sh\n. /etc/os-release; echo \$ID > /tmp/epilog-ran\n" > /etc/slurm/epilog.sh; chmod 755 /etc/slurm/*.sh; rm -f /tmp/epilog-ran'
    done
    slurm_conf TaskProlog=/etc/slurm/prolog.sh TaskEpilog=/etc/slurm/epilog.sh
    for image in "$HELLO" --container=/shared/open/hello.sif; do
        run --separate-stderr alice srun -w node0 -n2 -O "$image" sh -c 'echo "$FROM_PROLOG $(which-image)"'
        ran 0
        [ "$(sort <<< "$output")" = $'debian-alice image hello\ndebian-alice image hello\nprolog says 0\nprolog says 1' ] || saw
    done
    [ "$(node 0 cat /tmp/epilog-ran)" = debian ]
    # switched off for users, it still serves the prolog
    printf 'version: 1\nslurm-commands: []\n' > "$BATS_TEST_TMPDIR/dunnage.yaml"
    site "$BATS_TEST_TMPDIR/dunnage.yaml"
    run --separate-stderr alice srun -w node0 "$HELLO" sh -c 'echo "$FROM_PROLOG"; squeue; echo $?'
    site
    printed $'prolog says 0\ndebian-alice\n127'
    slurm_conf
}

@test "--task-prolog and --task-epilog of the user" {
    alice sh -c 'printf "#!/bin/sh\necho export MINE=1\n" > tp; printf "#!/bin/sh\ntouch /home/alice/te-ran\n" > te; chmod 755 tp te; rm -f te-ran'
    run --separate-stderr alice srun "$HELLO" --task-prolog=/home/alice/tp --task-epilog=/home/alice/te sh -c 'echo "mine $MINE"'
    ran 0
    printed 'mine 1'
    alice test -e te-ran
}

@test "--multi-prog" {
    alice sh -c 'printf "0 echo zero\n1 which-image\n" > multi.conf'
    run --separate-stderr alice srun -n2 -O -l "$HELLO" --multi-prog multi.conf
    ran 0
    [ "$(sort <<< "$output")" = $'0: zero\n1: image hello' ] || saw
}

@test "--bcast carries the node's program into the container" {
    run --separate-stderr alice srun "$HELLO" --bcast=/tmp/carried /shared/bin/ender exit 6
    ran 6
}

@test "--pty" {
    run --separate-stderr alice script -qec "srun --pty $HELLO sh -c 'test -t 0 && which-image'" /dev/null
    printed_line 'image hello'
}

@test "heterogeneous jobs: one image for all components, or an srun each; never another one" {
    run --separate-stderr alice srun "$HELLO" which-image : "$HELLO" which-image
    ran 0
    [ "$(grep -c 'image hello' <<< "$output")" = 2 ] || saw
    local second
    for second in --container=/shared/images/mpi.sif ''; do
        # shellcheck disable=SC2086  # no word when empty
        run --separate-stderr alice srun "$HELLO" which-image : $second which-image
        refused 'components of one srun' 'het-group'
    done
    alice sh -c 'cat > het.sh' <<'JOB'
#!/bin/sh
#SBATCH -n1
#SBATCH hetjob
#SBATCH -n1
srun --het-group=0,1 --container=/shared/images/hello.sif which-image
srun --het-group=0 --container=/shared/images/hello.sif which-image
srun --het-group=1 --container=/shared/images/mpi.sif which-image
JOB
    # the scheduler looks at such jobs every half minute only
    LIMIT=120 whole_job -o het.out het.sh
    [ "$(alice cat het.out)" = $'image hello\nimage hello\nimage hello\nimage mpi' ] || { alice cat het.out; false; }
}

@test "suspend and resume reach the ranks" {
    stay "$HELLO" ender stay
    node 0 scontrol suspend "$job"
    retry 50 0.1 frozen
    node 0 scontrol resume "$job"
    alice scancel "$job"
    retry 100 0.1 no_enders
    wait
}
frozen() { node 0 sh -c 'cat /sys/fs/cgroup/freezer/slurm_node0/uid_2001/job_'"$job"'/step_0/freezer.state' | grep -q FROZEN; }

@test "scancel --signal reaches the program" {
    alice srun -w node0 "$HELLO" sh -c 'trap "echo got; exit 4" USR1; ender stay & while :; do sleep 0.1; done' > "$BATS_TEST_TMPDIR/out" 2>&1 &
    local step=$! rc=0 id
    retry 100 0.1 enders
    id=$(alice squeue -h -o %i | head -1)
    alice scancel --signal=USR1 "$id"
    wait "$step" || rc=$?
    grep -qx got "$BATS_TEST_TMPDIR/out" || { cat "$BATS_TEST_TMPDIR/out"; false; }
}

@test "sattach shows a container step's output" {
    stay "$HELLO" sh -c 'ender stay & while :; do echo tick; sleep 0.2; done'
    run alice timeout 3 sattach "$job.0"
    printed_line '^tick'
}

@test "--overlap: a second step beside a running one" {
    stay "$HELLO" ender stay
    run --separate-stderr alice srun --jobid="$job" --overlap "$HELLO" which-image
    ran 0
    printed 'image hello'
}

# typed TEXT WORD...: what a shell of salloc's prints when this is typed
typed() { printf '%s\nexit 0\n' "$1" | alice script -qec "salloc -Q -w node0 ${*:2}" /dev/null | sed 's/\x1b\[[?0-9]*[a-z]//g; s/\r//g'; }

@test "salloc with use_interactive_step: its shell is in the container, or with --container-scope=steps on the node" {
    slurm_conf LaunchParameters=use_interactive_step
    local text='which-image || echo on the "node"; srun which-image; srun --container=none sh -c ". /etc/os-release; echo none \$ID"; exit 0'
    run typed "$text" --container=/shared/images/mpi.sif
    [ "$(grep -cx 'image mpi' <<< "$output")" = 2 ] || saw
    printed_line '^none debian$'
    run typed "$text" --container=/shared/images/mpi.sif --container-scope=steps
    printed_line '^on the node$'
    [ "$(grep -cx 'image mpi' <<< "$output")" = 1 ] || saw
    printed_line '^none debian$'
    slurm_conf
    # without it Slurm itself refuses
    run typed 'srun which-image' --container=/shared/images/mpi.sif --container-scope=steps
    printed_line 'container requires LaunchParameters=use_interactive_step'
    nodes_idle
}

@test "--x11: a program in the container reaches the display of the user" {
    local server
    node 0 sh -c 'command -v Xvfb' > /dev/null || skip "the nodes have no Xvfb"
    gcc -std=gnu11 -O2 -Wall -Wextra -Werror -static -o "$BED/shared/open/xhello" "$CHECKOUT/tests/lib/bed/xhello.c"
    slurm_conf PrologFlags=X11
    node 0 install -d -m 1777 /tmp/.X11-unix
    alice sh -c 'rm -f .Xauthority; touch .Xauthority; xauth -q add "$(hostname)/unix:7" . "$(mcookie)"'
    alice Xvfb :7 -screen 0 64x64x8 -auth /home/alice/.Xauthority -nolisten tcp > "$BATS_TEST_TMPDIR/server" 2>&1 &
    server=$!
    retry 100 0.1 node 0 test -S /tmp/.X11-unix/X7
    local where
    for where in "$HELLO" --container=/shared/open/hello.sif --container=none; do
        run --separate-stderr alice env DISPLAY=:7 DUNNAGE_BIND=/shared/open:/mnt srun -w node1 --x11 "$where" sh -c 'if [ -e /mnt/xhello ]; then /mnt/xhello; else /shared/open/xhello; fi'
        ran 0
        printed_line '^display of The X.Org Foundation'
    done
    node 0 pkill -x Xvfb
    wait $server || true
    slurm_conf
    nodes_idle
}
