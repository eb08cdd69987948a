# Loaded by tests/e2e/*.bats: commands in the cluster, and checks that say what they saw.
# shellcheck shell=bash
# shellcheck disable=SC2154  # status, output, stderr and lines are set by run

bats_require_minimum_version 1.5.0
# shellcheck source=tests/lib/common.bash
. "$(dirname "${BASH_SOURCE[0]}")/common.bash"

# shellcheck disable=SC2034  # for the tests
IMG=/shared/images    # root's directory of signed images
# shellcheck disable=SC2034
BAD=/shared/bad       # images that must be refused
# shellcheck disable=SC2034
OPEN=/shared/open     # anything may run from here, under squashfuse
NODES=$(cat "$BED/nodes" 2>/dev/null || echo 0)

[ "$NODES" -gt 0 ] || { echo "the cluster is down: start it with tests/run, or tests/lib/cluster up and tests/lib/fixtures install" >&2; exit 1; }

all_nodes() { seq 0 $((NODES - 1)); }

# ---- commands. Nothing may hang a run: LIMIT seconds each.
as() { timeout -k 5 "${LIMIT:-60}" "$CLUSTER" user "$@"; }
alice() { as 0 alice "$@"; }
bob() { as 0 bob "$@"; }
node() { timeout -k 5 "${LIMIT:-60}" "$CLUSTER" exec "$@"; }
everywhere() { local n; for n in $(all_nodes); do node "$n" "$@"; done; }

# on_each CMD...: CMD N for all nodes at the same time
on_each() {
    local n pids=() rc=0
    for n in $(all_nodes); do "$@" "$n" & pids+=($!); done
    for n in "${pids[@]}"; do wait "$n" || rc=1; done
    return "$rc"
}

agents() { on_each "$CLUSTER" agent "$1"; }
agents_on() { on_each agent_on; }
agent_on() {
    if agent_is_known "$1"; then return 0; fi
    # one that a test has left behind would answer in the place of the one that tests stop and start
    node "$1" pkill -KILL -u dunnage -x java || true
    "$CLUSTER" agent start "$1"
}
agent_is_known() {
    local pid
    pid=$(node "$1" cat /run/dunnage-agent.pid 2> /dev/null) && [ -n "$pid" ] && [ "$(node "$1" pgrep -u dunnage -x java)" = "$pid" ]
}

# site FILE...: the cluster's site files, with these files in place of the standard ones
site() {
    local d=$BATS_TEST_TMPDIR/site f
    rm -rf "$d"
    cp -r "$FIXTURES/site" "$d"
    for f in "$@"; do cp "$f" "$d/"; done
    "$CLUSTER" site "$d"
}

# shellcheck source=tests/lib/checks.bash
. "$(dirname "${BASH_SOURCE[0]}")/checks.bash"

# whole_job ARGUMENT...: as "sbatch --parsable -W" of alice's, which looks for the job's end ever more rarely
whole_job() {
    local id job t0=$SECONDS
    id=$(alice sbatch --parsable "$@") || return 1
    echo "$id"
    until job=$(node 0 scontrol -o show job "$id") && ! grep -qE 'JobState=(PENDING|CONFIGURING|RUNNING|SUSPENDED|COMPLETING)' <<< "$job"; do
        [ $((SECONDS - t0)) -lt "${LIMIT:-60}" ] || return 124
        sleep 0.1
    done
    grep -q ' ExitCode=[0-9]*:0 ' <<< "$job" || return 1    # a signal
    return "$(sed -n 's/.* ExitCode=\([0-9]*\):.*/\1/p' <<< "$job" | head -n 1)"
}

# slurmd_anew N [VARIABLE=VALUE...]: the node's slurmd is ended and started again, with these variables
slurmd_anew() {
    local n=$1
    shift
    # shellcheck disable=SC2016  # for the node's shell
    node "$n" env "$@" sh -ec 'pid=$(cat /run/slurmd.pid); env -u LD_PRELOAD kill "$pid"
        for i in $(seq 100); do kill -0 "$pid" 2>/dev/null || break; env -u LD_PRELOAD sleep 0.1; done
        slurmd' < /dev/null
    retry 100 0.1 slurmd_answers "$n"
}
slurmd_answers() { node "$1" scontrol show slurmd > /dev/null 2>&1; }

# ---- state of the cluster
states() { node 0 sinfo -h -N -o '%N %T' | sort -u; }
all_are_idle() { [ "$(states | grep -c ' idle$')" = "$NODES" ]; }
nodes_idle() { retry 100 0.1 all_are_idle || { states; node 0 sinfo -R; return 1; }; }

# marker NAME: a program on the host and in all views that leaves a trace when it runs
marker() {
    node 0 rm -f "$OPEN/ran-$1"
    node 0 sh -c "printf '#!/bin/sh\ntouch $OPEN/ran-$1\n' > $OPEN/mark-$1 && chmod 755 $OPEN/mark-$1"
    echo "$OPEN/mark-$1"
}
marker_silent() { ! node 0 test -e "$OPEN/ran-$1" || { echo "the program ran though the image was refused"; return 1; }; }

# groups_gone NODE: removes what a killed slurmstepd has left of alice's jobs in the cgroups, which nobody else does; no job has a group then
groups_gone() {
    node "$1" sh -c 'find /sys/fs/cgroup -depth -type d -path "*/uid_2001/job_*" -exec rmdir {} + 2> /dev/null
        ! find /sys/fs/cgroup -type d -name "job_*" | grep -q .'
}

# slurm_lines [LINE...]: these lines more in the configuration, in place of earlier ones
# shellcheck disable=SC2016  # for the node's shell
slurm_lines() {
    local n
    for n in $(all_nodes); do
        node "$n" sh -c 'sed -i "/^# added/,\$d" /etc/slurm/slurm.conf; echo "# added" >> /etc/slurm/slurm.conf'
        printf '%s\n' "$@" | node "$n" sh -c 'cat >> /etc/slurm/slurm.conf'
    done
}

# slurm_conf [LINE...]: the cluster's configuration with these lines more
slurm_conf() {
    slurm_lines "$@"
    node 0 scontrol reconfigure
    sleep 1.5
}

# slurm_anew [LINE...]: the same for what Slurm reads at its start alone
slurm_anew() {
    local n
    slurm_lines "$@"
    # shellcheck disable=SC2016  # for the node's shell
    node 0 sh -ec 'pid=$(cat /run/slurmctld.pid); kill "$pid"; for i in $(seq 100); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done; slurmctld' < /dev/null
    for n in $(all_nodes); do slurmd_anew "$n"; done
    nodes_idle
}
