# Faults of node 0, for tests/e2e/faults.bats: what goes wrong, at which point of the launch, and how all is put right.
# shellcheck shell=bash
# shellcheck disable=SC2016,SC2034,SC2154,SC2317  # some text is for the node's shell; the functions are named in the table

FAULTS=/shared/faults    # programs that misbehave, in the node
healers=()

# ---- before the step. Each names what puts it right, in the reverse order.
heals() { healers=("$*" "${healers[@]}"); }
heal() {
    local each
    for each in "${healers[@]}"; do eval "$each" > /dev/null 2>&1 || true; done
    healers=()
}

# make_faults: the programs, once
make_faults() {
    node 0 sh -ec 'mkdir -p '$FAULTS'; cd '$FAULTS'
        program() { printf "#!/bin/sh\n%s\n" "$2" > "$1"; chmod 755 "$1"; }
        program java-fails "echo no heap today >&2; exit 3"
        program java-killed "kill -KILL \$\$"
        program java-silent "exit 0"
        program java-garbage "echo HTTP/1.1 200 OK; exec 1>&-; exec sleep 1"
        program java-hangs "exec sleep 987"
        # one process, which ends with its parent
        printf "#!/usr/bin/perl\nsleep 1; exec q(/usr/bin/java), @ARGV;\n" > java-slow; chmod 755 java-slow
        program fuse-fails "echo no squashfs here >&2; exit 2"
        program fuse-crashes "kill -SEGV \$\$"
        program fuse-hangs "exec sleep 987"
        program env-fails "exit 3"
        program env-killed "kill -KILL \$\$"
        program env-slow "sleep 987"
        echo no program > not-executable; chmod 644 not-executable'
}

# plugin WORD...: arguments of the plugin on node 0
plugin() {
    node 0 sed -i "s|spank_dunnage.so.*|spank_dunnage.so $*|" /etc/slurm/plugstack.conf
    heals "node 0 sed -i 's|spank_dunnage.so.*|spank_dunnage.so|' /etc/slurm/plugstack.conf"
}
# alone WORD...: no agent is asked
alone() { plugin "agent_socket=/run/no-agent.sock" "$@"; }
nothing() { :; }
# limited OPTION NUMBER: a limit of the user's shell, which srun carries over
limited() { ulimits="$*"; heals ulimits=; }

agent_killed() { "$CLUSTER" agent kill 0; heals agents_on; }
agent_stopped() { node 0 pkill -STOP -u dunnage java; heals node 0 pkill -CONT -u dunnage java; plugin "$@"; }
# agent_dies: stopped, and killed a second later
agent_dies() { agent_stopped "$@"; (sleep 1; "$CLUSTER" agent kill 0) & heals agents_on; }
# impostor HOW: another program of the agent's account answers
impostor() {
    node 0 setsid setpriv --reuid=dunnage --regid=dunnage --init-groups /shared/bin/impostor /run/dunnage/odd.sock "$1" \
        > /dev/null 2>&1 < /dev/null &
    heals "node 0 pkill -KILL -x impostor; node 0 rm -f /run/dunnage/odd.sock"
    retry 50 0.05 node 0 test -S /run/dunnage/odd.sock
    plugin agent_socket=/run/dunnage/odd.sock timeout=2
}
# socket_is KIND: something else lies where the socket should be
socket_is() {
    case $1 in
        file) node 0 touch /run/dunnage/odd.sock ;;
        directory) node 0 mkdir /run/dunnage/odd.sock ;;
        loop) node 0 ln -s odd.sock /run/dunnage/odd.sock ;;
    esac
    heals node 0 rm -rf /run/dunnage/odd.sock
    plugin agent_socket=/run/dunnage/odd.sock
}

# without GLOB...: a /dev that lacks these
without() {
    node 0 sh -ec 'mkdir -p /run/devs; mount -t tmpfs -o mode=755 devs /run/devs; cp -a /dev/[!ps]* /dev/stdin /dev/stdout /dev/stderr /run/devs/ 2>/dev/null || true
        mkdir -p /run/devs/pts /run/devs/shm; ln -sf pts/ptmx /run/devs/ptmx; cd /run/devs; rm -f "$@"
        mount --rbind /dev/pts pts; mount --rbind /dev/shm shm; mount --rbind /run/devs /dev' -- "$@"
    heals "node 0 sh -c 'umount -l /dev; umount -l /run/devs; rmdir /run/devs'"
}
covered() { node 0 mount --bind "$1" "$2"; heals node 0 umount -l "$2"; }

# full DIRECTORY OWNER: a file system without room there
full() {
    node 0 sh -c 'mkdir -p "$1"; mount -t tmpfs -o size=16k,mode=700 full "$1"; chown "$2" "$1"; head -c 1M /dev/zero > "$1/fill" 2>/dev/null; chown "$2" "$1/fill"; true' -- "$@"
    heals node 0 umount -l "$1"
}
full_run() {
    node 0 sh -c 'mount -o remount,size=$(($(df --output=used -k /run | tail -1) + 8))k /run; head -c 1M /dev/zero > /run/fill 2>/dev/null; true'
    heals "node 0 sh -c 'rm -f /run/fill; mount -o remount,size=50% /run'"
}
# store MODE [OWNER]: another store, with these rights
store() {
    node 0 install -d -m "$1" -o "${2:-dunnage}" /run/odd-store
    heals node 0 rm -rf /run/odd-store
    alone store=/run/odd-store
}

# policy HOW
policy() {
    node 0 sh -c 'cp -a /etc/dunnage /run/dunnage-etc; mount --bind /run/dunnage-etc /etc/dunnage; cd /etc/dunnage; case $1 in
        absent) rm policy.yaml ;;
        broken) echo "ecl: {" >> policy.yaml ;;
        unknown) echo "surprise: 1" >> policy.yaml ;;
        empty) : > policy.yaml ;;
        open) chmod 666 policy.yaml ;;
        foreign) chown bob policy.yaml ;;
        directory) rm policy.yaml; mkdir policy.yaml ;;
        keyless) rm -f keys/* ;;
        key) echo garbage > keys/demo.asc ;;
        site) echo "version: 7" > dunnage.yaml ;;
        esac' -- "$1"
    heals "node 0 sh -c 'umount -l /etc/dunnage; rm -rf /run/dunnage-etc'"
    alone
}

# image HOW: /shared/open/fault.sif
image() {
    local at=/shared/open/fault.sif good=/shared/open/hello.sif
    heals node 0 rm -f $at
    case $1 in
        cut) node 0 sh -c "head -c 40000 $good > $at" ;;
        header) node 0 sh -c "head -c 100 $good > $at" ;;
        random) node 0 sh -c "head -c 100000 /dev/urandom > $at" ;;
        holes) node 0 sh -c "cp $good $at; dd if=/dev/zero of=$at bs=4096 seek=8 count=20 conv=notrunc status=none" ;;
        tail) node 0 sh -c "head -c -70000 $good > $at" ;;
        loop) node 0 ln -s fault.sif $at ;;
        closed) node 0 sh -c "cp $good $at; chmod 600 $at" ;;
        own) node 0 sh -c "cp $good $at; chown alice $at" ;;
    esac
}
# fuse_mount SIGNAL: a FUSE file system at /run/theirs whose server has got it
fuse_mount() {
    local offset
    offset=$(grep -abom1 hsqs "$BED/shared/open/hello.sif" | head -1 | cut -d: -f1)
    node 0 mkdir -p /run/theirs
    node 0 setsid squashfuse_ll -f -o "allow_other,offset=$offset" /shared/open/hello.sif /run/theirs > /dev/null 2>&1 < /dev/null &
    heals "node 0 pkill -KILL -f theirs; node 0 umount -l /run/theirs; node 0 rmdir /run/theirs"
    retry 50 0.1 node 0 test -e /run/theirs/bin
    node 0 pkill "-$1" -f theirs
}

# ---- while the step starts or runs: WAIT until a point is reached, then ACT
at_plan() { retry 80 0.05 node 0 pgrep -f "$FAULTS/java-|sleep 987" > /dev/null; }
at_mount() { retry 80 0.05 node 0 pgrep -u alice -f "sleep 987" > /dev/null; }
at_scripts() { at_mount; }
at_run() { retry 160 0.05 node 0 pgrep -u alice -x ender > /dev/null; }
at_once() { retry 200 0.01 job_is_there; }
job_is_there() { [ -n "$(job_of)" ]; }
later() { sleep 0.15; }

job_of() { alice squeue -h -o %i | head -1; }
cancel() { alice scancel -u alice; }
# the step's cgroups are slurmstepd's to remove, with or without a container; nobody ends its ranks
kill_stepd() {
    node 0 pkill -KILL -f 'slurmstepd: \[.*\.0\]'
    cancel
    heals retry 40 0.25 groups_gone 0
    heals "node 0 pkill -KILL -x ender; node 0 pkill -KILL -f \"sleep 987\""
}
# the rank that builds: a child of slurmstepd, still under its name
kill_builder() { node 0 sh -c 'for p in $(pgrep -f "slurmstepd: \[.*\.0\]"); do pgrep -P $p; done | head -1 | xargs -r kill -KILL'; }
kill_ranks() { node 0 pkill -KILL -u alice -x ender; }
kill_server() { node 0 pkill -KILL squashfuse; }
kill_server_then_ranks() { kill_server; kill_ranks; }
kill_helper() { node 0 pkill -KILL -f dunnage-slurm-hel; cancel; }
kill_agent() { "$CLUSTER" agent kill 0; heals agents_on; cancel; }
kill_java() { node 0 pkill -KILL -u dunnage -f "sleep 987"; }
# the shell that runs them
kill_scripts() { node 0 sh -c 'for p in $(pgrep -u alice -f "sleep 987"); do ps -o ppid= -p "$p" | xargs kill -KILL; done; pkill -KILL -u alice -f "sleep 987"'; }
remove_image() { node 0 rm -f /shared/open/fault.sif; cancel; }
cut_image() { node 0 truncate -s 8192 /shared/open/fault.sif; node 0 sh -c 'echo 3 > /proc/sys/vm/drop_caches' || true; cancel; }
wait_it_out() { :; }

# shellcheck source=tests/lib/leftovers.bash
. "$(dirname "${BASH_SOURCE[0]}")/leftovers.bash"
# $before: as it was
rested() { [ "$(inventory 0)" = "$before" ]; }

# ---- one row
# row NAME BEFORE STEP DURING STATUS MESSAGE: answers 1 and says why when anything is not as the row says.
#   STEP     arguments of srun on node 0; K: signed image, kernel; F: open image, FUSE
#   DURING   POINT:ACT, or -         STATUS   number, !0, or * for any
#   MESSAGE  words of our one line, '-' for no line of ours, '?' for any or none, 'out WORDS' of the output, 'any WORDS' of either
row() {
    local name=$1 before_it=$2 step=$3 during=$4 want=$5 message=$6 out=$BATS_TEST_TMPDIR/out errors=$BATS_TEST_TMPDIR/errors
    local pid rc=0 ours problem=
    step=$(sed -E 's#(^| )K #\1--container=/shared/images/hello.sif #; s#(^| )F #\1--container=/shared/open/hello.sif #' <<< "$step")
    eval "$before_it"
    # shellcheck disable=SC2086  # words
    # through pipes, since some limits are about files
    (
        LIMIT=50
        set -o pipefail
        eval "set -- $step"
        { alice bash -c 'ulimit $0; exec srun -w node0 "$@"' "${ulimits:--c 0}" "$@" 2>&3 | cat > "$out"; } 3>&1 | cat > "$errors"
    ) &
    pid=$!
    if [ "$during" != - ]; then "${during%%:*}" || problem="the point ${during%%:*} was not reached;"; "${during#*:}" || true; fi
    wait $pid || rc=$?
    heal
    case $want in
        '*') ;;
        '!0') [ $rc -ne 0 ] || problem+=" ended with status 0;" ;;
        *) [ $rc = "$want" ] || problem+=" ended with status $rc, not $want;" ;;
    esac
    [ $rc != 124 ] || problem+=" hung;"
    ours=$(grep -E '(^|[^a-z/])dunnage: ' "$errors" || true)
    case $message in
        '?') ;;
        -) [ -z "$ours" ] || problem+=" unexpected line: $ours;" ;;
        'out '*) grep -qE -- "${message#out }" "$out" || problem+=" the output lacks '${message#out }';" ;;
        'any '*) cat "$out" "$errors" | grep -qE -- "${message#any }" || problem+=" nothing says '${message#any }';" ;;
        *)
            [ "$(grep -c . <<< "$ours")" = 1 ] || problem+=" not one line of ours;"
            grep -qE -- "$message" <<< "$ours" || problem+=" the line lacks '$message';"
            ;;
    esac
    retry 60 0.25 rested || problem+=" left behind: $(diff <(echo "$before") <(inventory 0) | tr '\n' ' ');"
    [ -n "$problem" ] || return 0
    printf '%s:%s\n  output: %s\n  errors: %s\n' "$name" "$problem" "$(head -c 300 "$out")" "$(head -c 900 "$errors")"
    return 1
}
