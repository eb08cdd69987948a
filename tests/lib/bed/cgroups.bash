# cgroup v1 groups of the virtual nodes: one group per node in each hierarchy, below the group that
# this script runs in. Without usable v1 hierarchies the nodes run without cgroups.
# shellcheck shell=bash

CONTROLLERS="memory cpuset devices freezer cpuacct cpu pids blkio"

# the group in hierarchy $1 that new groups are made in; a node's own group is left out, so that
# `cluster` works when it is called from within one
cgroup_parent() {
    local path
    path=$(awk -F: -v c="$1" '$2 == c { print $3 }' /proc/self/cgroup)
    path=${path%/dunnage-bed*}
    printf '/sys/fs/cgroup/%s%s\n' "$1" "${path%/}"
}

cgroups_usable() {
    local c parent probe
    for c in $CONTROLLERS; do
        parent=$(cgroup_parent "$c")
        probe=$parent/dunnage-bed-probe.$$
        [ -e "$parent/cgroup.procs" ] && mkdir "$probe" 2>/dev/null || return 1
        rmdir "$probe"
    done
}

# cgroups_make NODE_DIR: makes the groups and lists them in NODE_DIR/cgroups
cgroups_make() {
    local c group
    for c in $CONTROLLERS; do
        group=$(cgroup_parent "$c")/dunnage-bed-$(bed_name)-${1##*/}
        mkdir -p "$group"
        printf '%s\n' "$group" >> "$1/cgroups"
        # an empty cpuset accepts no process
        if [ "$c" = cpuset ]; then
            cat "${group%/*}/cpuset.cpus" > "$group/cpuset.cpus"
            cat "${group%/*}/cpuset.mems" > "$group/cpuset.mems"
        fi
    done
}

# cgroups_enter NODE_DIR: moves the calling subshell into the node's groups
cgroups_enter() {
    local group
    [ -e "$1/cgroups" ] || return 0
    while read -r group; do echo "$BASHPID" > "$group/cgroup.procs"; done < "$1/cgroups"
}

cgroups_remove_once() {
    local group left=0
    while read -r group; do
        [ ! -d "$group" ] || find "$group" -depth -type d -exec rmdir {} \; 2>/dev/null || true
        [ ! -d "$group" ] || left=1
    done < "$1/cgroups"
    return "$left"
}

# cgroups_remove NODE_DIR: the kernel frees a group a moment after its last process
cgroups_remove() {
    [ -e "$1/cgroups" ] || return 0
    retry 50 0.1 cgroups_remove_once "$1"
}

cgroups_left() { find /sys/fs/cgroup -type d -name "dunnage-bed-$(bed_name)-*" 2>/dev/null || true; }
