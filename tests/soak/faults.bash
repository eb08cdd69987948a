# The faults of tests/soak/run: what happens to one step on one node, and what puts the node right again.
# shellcheck shell=bash
# shellcheck disable=SC2016,SC2034,SC2154,SC2317  # some text is for the shell of a node; faults are called by their name

# a fault that steps must survive, and those that may end them
SOAK_FAULTS=(kill_agent stop_agent stop_stepd stop_fuse full_run
    kill_starter kill_stepd kill_ranks kill_helper kill_fuse kill_java cancel full_cache requeue)
survived() { case $1 in nothing | kill_agent | stop_agent | stop_stepd | stop_fuse | full_run) true ;; *) false ;; esac; }

prepare() {
    agents_on
    alice sh -c 'umask 077; cp /shared/images/hello.sif own.sif
        printf "#!/bin/sh\nwhich-image; sleep 1\n" > soak.sh; chmod 755 soak.sh'
    local image
    for image in images/hello.sif open/hello.sif; do alice srun -N"$NODES" --container="/shared/$image" true; done
    alice srun -N"$NODES" --container=/home/alice/own.sif true
}

# job_on NODE: alice's job there; on a node there is one at a time
job_on() { alice squeue -h -w "node$1" -o %A | head -1; }
# on NODE TEXT: run in the node, whatever comes of it
on() { node "$1" sh -c "$2" > /dev/null 2>&1 || true; }
stepd='pgrep -f "^slurmstepd: \[[0-9]*\.(0|batch)\]"'

nothing() { :; }
cancel() { alice scancel -u alice -w "node$1"; }
kill_agent() { "$CLUSTER" agent kill "$1"; }
stop_agent() { on "$1" 'pkill -STOP -u dunnage java; sleep 0.5; pkill -CONT -u dunnage java'; }
kill_java() { on "$1" 'pkill -STOP -u dunnage java; sleep 0.2; pkill -KILL -u dunnage java'; }
stop_stepd() { on "$1" "p=\$($stepd); kill -STOP \$p; sleep 0.5; kill -CONT \$p"; }
stop_fuse() { on "$1" 'pkill -STOP squashfuse; sleep 0.5; pkill -CONT squashfuse'; }
kill_fuse() { on "$1" 'pkill -KILL squashfuse'; }
kill_helper() { on "$1" 'pkill -KILL -f dunnage-slurm-hel'; }
# the rank that builds is a child of slurmstepd, still under its name
kill_starter() { on "$1" "for p in \$($stepd); do pgrep -P \$p; done | head -1 | xargs -r kill -KILL"; }
kill_ranks() { on "$1" "for p in \$($stepd); do pgrep -P \$p; done | xargs -r kill -KILL"; }
# nobody ends its ranks and nobody removes its cgroups then, with or without a container; what is ours must end by itself
kill_stepd() {
    on "$1" "kill -KILL \$($stepd)"
    cancel "$1"
    retry 20 0.1 orphans_ended "$1"
}
orphans_ended() {
    node "$1" sh -c 'g="/sys/fs/cgroup/*/slurm_$(hostname)/uid_2001/job_*"
        for p in $(cat $g/cgroup.procs $g/*/cgroup.procs $g/*/*/cgroup.procs 2>/dev/null | sort -un); do
            tr "\0" " " < /proc/$p/cmdline 2>/dev/null | grep -qE "squashfuse|dunnage-slurm-hel|^slurmstepd" || kill -KILL $p
        done
        pgrep -f "^slurmstepd: \[[0-9]*\.(0|batch)\]" > /dev/null || find /sys/fs/cgroup -depth -type d -path "*/uid_2001/job_*" -exec rmdir {} + 2>/dev/null
        ! find /sys/fs/cgroup -type d -name "job_*" | grep -q .' > /dev/null 2>&1
}
full_run() {
    on "$1" 'mount -o remount,size=$(($(df --output=used -k /run | tail -1) + 8))k /run; head -c 1M /dev/zero > /run/fill 2>/dev/null; sleep 0.4'
    on "$1" 'rm -f /run/fill; mount -o remount,size=50% /run'
}
full_cache() {
    on "$1" 's=/var/cache/dunnage/images; mount -t tmpfs -o size=16k,mode=700 full $s; head -c 1M /dev/zero > $s/fill; chown -R dunnage $s; sleep 0.5; umount -l $s'
}
requeue() {
    local job
    job=$(job_on "$1")
    [ -n "$job" ] || return 0
    node 0 scontrol requeue "$job" > /dev/null 2>&1
    retry 20 0.1 waits "$job"
    node 0 scontrol update JobId="$job" StartTime=now > /dev/null 2>&1
    sleep 0.5
    alice scancel "$job"
}
waits() { [ "$(alice squeue -h -j "$1" -o %T)" = PENDING ]; }

# program WORD: what srun starts in the container
program() {
    case $1 in
        short) words=(sh -c 'which-image') ;;
        busy) words=(sh -c 'which-image; squeue -h > /dev/null; i=0; while [ $i -lt 4 ]; do ls -l /bin > /dev/null; sleep 0.1; i=$((i+1)); done') ;;
        ranks) words=(-n2 -O sh -c 'which-image; sleep 0.3; ls /bin > /dev/null') ;;
    esac
}

# soak_step NUMBER NODE IMAGE PROGRAM FAULT MILLISECONDS
soak_step() {
    local i=$1 n=$2 image=$3 what=$4 fault=$5 ms=$6 rc=0 pid out=$WORK/out.$2 words t0=$SECONDS ours
    case $image in
        K) image=/shared/images/hello.sif ;;
        F) image=/shared/open/hello.sif ;;
        own) image=/home/alice/own.sif ;;
    esac
    if [ "$what" = batch ]; then
        alice sbatch -Q -W --requeue --open-mode=append -o /dev/null -w "node$n" --container="$image" soak.sh > "$out" 2>&1 &
    else
        program "$what"
        alice srun -w "node$n" --container="$image" "${words[@]}" > "$out" 2>&1 &
    fi
    pid=$!
    sleep "$((ms / 1000)).$(printf %03d $((ms % 1000)))"
    "$fault" "$n"
    wait $pid || rc=$?
    case $fault in
        kill_stepd) retry 60 0.25 orphans_ended "$n" || found "step $i: cgroups of node$n stay" ;;
        kill_agent | kill_java) "$CLUSTER" agent kill "$n"; "$CLUSTER" agent start "$n" || found "step $i: no agent starts on node$n" ;;
    esac
    ours=$(grep -cE '(^|[^a-z/])dunnage: ' "$out")
    printf '%s\t%s\t%s s\tstatus %s\tlines of ours %s\n' "$i" "$*" $((SECONDS - t0)) "$rc" "$ours" >> "$WORK/log"
    [ "$rc" != 124 ] || found "step $*: hung"
    if survived "$fault"; then
        { [ "$rc" = 0 ] && grep -q '^image hello' "$out"; } || found "step $*: status $rc, $(head -c 400 "$out" | tr '\n' ' ')"
    fi
    [ "$ours" -le 1 ] || found "step $*: $ours lines of ours, $(head -c 600 "$out" | tr '\n' ' ')"
}
