#!/usr/bin/env bats
# Slurm's commands from inside any image, run by the helper of the step on the node.

setup_file() { load ../lib/e2e; agents_on; }
setup() { load ../lib/e2e; LIMIT=60; }
teardown() { alice scancel -u alice; node 0 pkill -KILL -u alice -x ender || true; }
teardown_file() { load ../lib/e2e; site; }

HELLO=--container=/shared/images/hello.sif
DEBIAN=--container=/shared/images/mpi.sif    # has no Slurm of its own
CLIENT=/.dunnage/bin

# inside TEXT: alice runs it by a shell of the busybox image in a step on node0
inside() { run --separate-stderr alice srun -w node0 "$HELLO" sh -c "$1"; }
no_helpers() { ! everywhere pgrep -x dunnage-slurm-h > /dev/null; }
# a step of alice's that stays, in the background, with the rank's pid on node0 in $rank
start_step() {
    alice srun -w node0 "${1:-$HELLO}" ender stay > /dev/null 2>&1 &
    retry 100 0.1 node 0 pgrep -u alice -x ender > /dev/null
    rank=$(node 0 pgrep -u alice -x ender)
}

@test "the commands work in an image without libc and in one with glibc" {
    local image
    for image in "$HELLO" "$DEBIAN" --container=/shared/open/hello.sif; do
        run --separate-stderr alice srun -w node0 "$image" sh -c '
            squeue -h -o "%u %j" -j $SLURM_JOB_ID; sinfo -h -o %P; scontrol -o show job $SLURM_JOB_ID | grep -c JobState=RUNNING'
        ran 0
        printed $'alice sh\ndebug*\nsecond\n1'
        [ -z "$stderr" ] || saw
    done
}

@test "a rank starts steps on the host, in its own image and in another one" {
    inside 'srun --overlap --container=none sh -c ". /etc/os-release; echo \$ID"
            srun --overlap which-image
            srun --overlap --container=/shared/images/mpi.sif which-image'
    ran 0
    printed $'debian\nimage hello\nimage mpi'
}

@test "steps on other nodes, and a step in a step in a step" {
    run --separate-stderr alice salloc -Q -N2 srun -N1 -n1 -w node0 "$HELLO" sh -c '
        srun --overlap -N2 -n2 --container=/shared/images/hello.sif sh -c "hostname; which-image"
        srun --overlap -N1 -w node1 sh -c "srun --overlap -N1 -w node0 hostname"'
    ran 0
    [ "$(sort <<< "$output" | tr '\n' ' ')" = 'image hello image hello node0 node0 node1 ' ] || saw
}

@test "an image's own Slurm commands give way, so that the cluster's release and configuration count" {
    run --separate-stderr alice srun -w node0 --container="$IMG/slurm.sif" sh -c 'command -v srun; srun --overlap which-image'
    ran 0
    printed "$CLIENT/srun"$'\nimage slurm'
}

@test "exit status and death by signal" {
    inside 'srun --overlap ender exit 7; echo $?; scontrol show job 999999 2>/dev/null; echo $?; srun --overlap --no-such-option 2>/dev/null; echo $?'
    ran 0
    local bare
    bare=$(alice sh -c 'scontrol show job 999999 2>/dev/null; echo $?; srun --no-such-option 2>/dev/null; echo $?')
    printed $'7\n'"$bare"
    # a command that dies by a signal takes its client along, in the same way
    background 'srun --overlap --container=none /shared/bin/ender stay & wait $!; echo "status $?"'
    retry 100 0.1 node 0 pgrep -x ender
    node 0 sh -c 'pkill -SEGV -P "$(pgrep -n -x dunnage-slurm-h)"'
    wait_for_background
    printed_line 'status 139'
}
# background TEXT: like inside, while the test goes on; wait_for_background fills $output and $stderr
background() { alice srun -w node0 "$HELLO" sh -c "$1" > "$BATS_TEST_TMPDIR/out" 2> "$BATS_TEST_TMPDIR/err" & step=$!; }
wait_for_background() {
    status=0
    wait "$step" || status=$?
    output=$(cat "$BATS_TEST_TMPDIR/out") stderr=$(cat "$BATS_TEST_TMPDIR/err")
}

@test "standard input, pipes and large streams" {
    inside 'printf "a\nb\n" | srun --overlap cat | tr a-z A-Z; head -c 3000000 /dev/zero | srun --overlap cat | wc -c; srun --overlap cat < /etc/hostname-of-nothing 2>/dev/null || echo none'
    ran 0
    printed $'A\nB\n3000000\nnone'
    inside 'srun --overlap sh -c "echo out; echo err >&2" 2>/dev/null; srun --overlap echo closed <&-'
    ran 0
    printed $'out\nclosed'
}

@test "arguments, variables, directory, umask and limits arrive as they are" {
    alice mkdir -p 'deep/a b'
    local text='cd "deep/a b"; umask 027; ulimit -S -n 321; export ODD="x  y
z"; srun --overlap --container=none sh -c '\''printf "%s|" "$@"; echo "$ODD"; pwd; umask; ulimit -S -n'\'' sh "" "a  b" "*" "q\"q"'
    local bare
    bare=$(alice srun -w node0 sh -c "$text")
    inside "$text"
    ran 0
    printed "$bare"
    printed_line '/home/alice/deep/a b'
    printed_line '^321'
    [ -z "$stderr" ] || saw
    # sbatch hands its own mask on
    inside 'umask 027; env -u SLURM_UMASK sbatch --parsable -W -o /home/alice/inner.out --wrap umask'
    ran 0
    [ "$(alice cat inner.out)" = 0027 ] || { alice cat inner.out; false; }
}

@test "what steers the loader reaches the inner step and not the node's own command" {
    inside 'LD_LIBRARY_PATH=/image/lib LD_PRELOAD=/no/such.so srun --overlap sh -c '\''echo "$LD_LIBRARY_PATH $LD_PRELOAD"'\''; LD_PRELOAD=/no/such.so squeue -h -o %u'
    ran 0
    printed $'/image/lib /no/such.so\nalice'
    [ -z "$stderr" ] || saw
}

@test "a directory of the image is not the node's of the same name: the command runs in the home directory and says so" {
    inside 'cd /usr/bin; srun --overlap --container=none pwd'
    ran 0
    printed /home/alice
    grep -q 'dunnage: srun: the working directory /usr/bin is not the node' <<< "$stderr" || saw
}

@test "a directory of the image that the node lacks: the command runs in the home directory and says so" {
    inside 'cd /.singularity.d; srun --overlap pwd'
    ran 0
    grep -q 'dunnage: srun: the working directory /.singularity.d is not the node' <<< "$stderr" || saw
}

@test "sbatch from inside queues a job that starts outside" {
    inside 'sbatch --parsable -W -o /home/alice/inner.out --wrap ". /etc/os-release; echo \$ID"'
    ran 0
    [ "$(alice cat inner.out)" = debian ] || { alice cat inner.out; false; }
    alice sh -c 'printf "#!/bin/sh\n#SBATCH --container=/shared/images/hello.sif\nwhich-image\n" > inner.sh'
    inside 'sbatch --parsable -W -o /home/alice/inner.out inner.sh'
    ran 0
    [ "$(alice cat inner.out)" = 'image hello' ] || { alice cat inner.out; false; }
}

@test "salloc from inside" {
    inside 'salloc -Q -n1 srun --container=none hostname < /dev/null'
    ran 0
    printed_line '^node[0-9]$'
}

@test "a terminal: inner steps have it, with its size" {
    run --separate-stderr alice script -qec "stty rows 33 cols 77; srun -w node0 --pty $HELLO sh -c 'tty > /dev/null && srun --overlap --pty sh -c \"stty size; test -t 0 && test -t 1 && echo terminal\"'" /dev/null
    ran 0
    printed_line '33 77'
    printed_line '^terminal'
}

@test "a change of the terminal's size reaches the inner step" {
    run --separate-stderr alice python3 - <<'PY'
import fcntl, os, pty, select, struct, sys, termios, time
pid, fd = pty.fork()
if pid == 0:
    os.execvp("srun", ["srun", "-w", "node0", "--pty", "--container=/shared/images/hello.sif", "sh", "-c",
                       "srun --overlap --pty sh -c 'trap \"stty size; exit 0\" WINCH; echo ready; i=0; while [ $i -lt 100 ]; do sleep 0.1; i=$((i+1)); done'"])
seen, sent, end = b"", False, time.time() + 30
while time.time() < end:
    if select.select([fd], [], [], 1)[0]:
        try: data = os.read(fd, 4096)
        except OSError: break
        seen += data
    if b"ready" in seen and not sent:
        sent = True
        fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 41, 99, 0, 0))
sys.stdout.write(seen.decode())
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
PY
    ran 0
    printed_line '^41 99'
}

@test "an interrupt from the terminal reaches the inner command" {
    run --separate-stderr alice python3 - <<'PY'
import os, pty, select, sys, time
pid, fd = pty.fork()
if pid == 0:
    os.execvp("srun", ["srun", "-w", "node0", "--pty", "--container=/shared/images/hello.sif", "sh", "-c",
                       "trap '' INT; echo begin; (trap - INT; exec srun --overlap sh -c 'echo ready; sleep 50'); echo after"])
seen, sent, end = b"", 0, time.time() + 40
while time.time() < end:
    if select.select([fd], [], [], 1)[0]:
        try: data = os.read(fd, 4096)
        except OSError: break
        seen += data
    if b"ready" in seen and sent < 2:
        time.sleep(0.3)
        os.write(fd, b"\x03")
        sent += 1
sys.stdout.write(seen.decode())
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) if b"after" in seen else 99)
PY
    ran 0
    printed_line after
}

@test "signals to the client reach the command" {
    inside 'srun --overlap sh -c '\''trap "echo got; exit 5" USR1; echo ready > up; while :; do sleep 0.1; done'\'' & c=$!
            while [ ! -e up ]; do sleep 0.1; done; rm up; kill -USR1 $c; wait $c; echo "status $?"'
    ran 0
    printed $'got\nstatus 5'
    inside 'sleep 0.1; srun --overlap sleep 50 & c=$!; sleep 1; kill -TERM $c; wait $c; echo "ended $?"'
    ran 0
    printed_line '^ended [1-9]'
}

@test "kill -9 of the client ends the command" {
    inside 'srun --overlap ender stay & c=$!; while ! pidof ender > /dev/null; do sleep 0.1; done
            kill -KILL $c; wait $c; i=0; while pidof ender > /dev/null && [ $i -lt 100 ]; do i=$((i+1)); sleep 0.1; done; pidof ender || echo gone'
    ran 0
    printed_line '^gone$'
}

@test "kill -9 of the helper: the command ends, its client and later ones say why" {
    background 'srun --overlap ender stay & wait $!; echo "status $?"; squeue; echo "status $?"'
    retry 100 0.1 node 0 pgrep -x ender
    node 0 pkill -KILL -o -x dunnage-slurm-h
    wait_for_background
    ran 0
    [ "$(grep '^status' <<< "$output")" = $'status 1\nstatus 1' ] || saw
    [ "$(grep -c 'dunnage: srun: the step.s helper for Slurm commands was ended' <<< "$stderr")" = 1 ] || saw
    [ "$(grep -c 'dunnage: squeue: this container offers no Slurm commands any more' <<< "$stderr")" = 1 ] || saw
    nodes_idle
}

@test "only the commands that the site offers" {
    inside "mkdir -p bin; for n in sh sudo reboot; do ln -sf $CLIENT/dunnage-slurm bin/\$n; bin/\$n -c id; echo \$?; done; ln -sf $CLIENT/dunnage-slurm bin/..x; exec -a ../../bin/id $CLIENT/dunnage-slurm"
    [ "$status" -ne 0 ] || saw
    printed $'1\n1\n1'
    [ "$(grep -c 'is not among the Slurm commands that this site offers inside containers (slurm-commands in dunnage.yaml): sacct, ' <<< "$stderr")" = 4 ] || saw
}

@test "nobody else may talk to a step's helper, not even root" {
    start_step "$DEBIAN"
    run node 0 nsenter -t "$rank" -m setpriv --reuid=2002 --regid=2002 --clear-groups "$CLIENT/squeue"
    ran 1
    [[ "$output" == *'dunnage: squeue: this container offers no Slurm commands'* ]] || saw
    run node 0 nsenter -t "$rank" -m "$CLIENT/squeue"
    ran 1
    [[ "$output" == *'dunnage: squeue: the step'*'helper'* ]] || saw
}

@test "the helper is the user, without rights, in the step's cgroups, with no descriptor of others" {
    start_step
    local helper status_of
    helper=$(node 0 pgrep -u alice -x dunnage-slurm-h)
    [ "$(wc -w <<< "$helper")" = 1 ]
    [ "$(node 0 cat "/proc/$helper/cgroup")" = "$(node 0 cat "/proc/$rank/cgroup")" ]
    status_of=$(node 0 cat "/proc/$helper/status")
    grep -qP '^Uid:\t2001\t2001\t2001\t2001$' <<< "$status_of" || { echo "$status_of"; false; }
    grep -qP '^NoNewPrivs:\t1$' <<< "$status_of"
    [ "$(grep -cP '^Cap(Inh|Prm|Eff|Bnd|Amb):\t0000000000000000$' <<< "$status_of")" = 5 ] || { echo "$status_of"; false; }
    [ "$(node 0 sh -c "ls /proc/$helper/fd | tr '\n' ' '")" = '0 1 2 3 4 ' ]
    [ "$(node 0 readlink "/proc/$helper/ns/mnt")" != "$(node 0 readlink "/proc/$rank/ns/mnt")" ]
    node 0 sh -c "tr '\0' '\n' < /proc/$helper/environ" | grep -qx 'LANG=C.UTF-8'
}

@test "one helper per step and node, gone with the step however it ends" {
    alice srun -N2 -n4 -O "$HELLO" ender stay > /dev/null 2>&1 &
    retry 100 0.1 helpers_are 2
    retry 100 0.1 test "$(everywhere pgrep -c -x ender | paste -sd+ | bc)" = 4
    alice scancel -u alice
    wait
    retry 50 0.1 no_helpers
    inside true
    ran 0
    no_helpers
    start_step
    node 0 pkill -KILL -x ender
    wait
    retry 50 0.1 no_helpers
    nodes_idle
}
helpers_are() { [ "$(everywhere pgrep -x dunnage-slurm-h | wc -l)" = "$1" ]; }

@test "what a rank leaves running by srun ends with the step" {
    inside 'srun --overlap ender stay > /dev/null 2>&1 & while ! pidof ender > /dev/null; do sleep 0.1; done; echo left'
    printed left
    retry 100 0.1 no_enders
    retry 50 0.1 no_helpers
}
no_enders() { ! everywhere pgrep -x ender > /dev/null; }

@test "slurm-commands in dunnage.yaml: a shorter list, and none" {
    printf 'version: 1\nslurm-commands: [squeue]\n' > "$BATS_TEST_TMPDIR/dunnage.yaml"
    site "$BATS_TEST_TMPDIR/dunnage.yaml"
    inside "ls $CLIENT; squeue -h -o %u; srun true; echo \$?"
    ran 0
    printed $'dunnage-slurm\nsqueue\nalice\n127'
    printf 'version: 1\nslurm-commands: []\n' > "$BATS_TEST_TMPDIR/dunnage.yaml"
    site "$BATS_TEST_TMPDIR/dunnage.yaml"
    inside 'echo "$PATH"; ls -d /.dunnage; ps'
    ran 0
    printed_no 'dunnage/bin:|^/.dunnage'
    printed_no 'dunnage-slurm-h'
    printf 'version: 1\nslurm-commands: [/usr/bin/srun]\n' > "$BATS_TEST_TMPDIR/dunnage.yaml"
    site "$BATS_TEST_TMPDIR/dunnage.yaml"
    "$CLUSTER" agent stop 0    # a running agent would keep to the settings that it has
    inside true
    site
    "$CLUSTER" agent start 0
    refused 'dunnage.yaml:2' '/usr/bin/srun' 'no name of a command'
}
