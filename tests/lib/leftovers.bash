# What steps have left on a node of the cluster, counted, for tests that compare before and after.
# shellcheck shell=bash
# shellcheck disable=SC2016  # the text is for the node's shell

# inventory N: mounts of all mount namespaces, processes, cgroups, files, sockets, loop devices and Slurm's opinion of the node. Zombies
# without a parent here are those of a test's own programs, which somebody outside of the node has to reap.
inventory() {
    node "$1" sh -c '
        set -- $(stat -L -c "%i %n" /proc/[0-9]*/ns/mnt 2>/dev/null | sort -u -n -k1,1 | cut -d" " -f2)
        echo "mounts $(for ns; do cat "${ns%/ns/mnt}/mountinfo"; done 2>/dev/null | wc -l) namespaces $#"
        all=$(ps -eo stat=,user=,args=)
        count() { printf "%s\n" "$all" | grep -cE "$@"; }
        echo "processes: fuse $(count "^[^Z].*squashfus[e]") helpers $(count "^[^Z].*(dunnage-slurm-hel[p]|slurmstep[d]|fault[s]/|sleep 98[7]|OneSho[t])") of users $(count "^[^Z][^ ]* +alice ") zombies $(ps -eo stat=,ppid=,comm= | grep "^Z[^ ]* *[1-9]" | tr "\n" " ")"
        echo "cgroups $(find /sys/fs/cgroup -type d \( -name "job_*" -o -name "dunnage_*" \) 2>/dev/null | wc -l)"
        echo "files $(find /run/dunnage /run/dunnage-jobs /run/dunnage-networks ! -name agent.sock 2>/dev/null | wc -l) temporary $(ls -A /tmp | grep -c dunnage) of the store $(find /var/cache/dunnage -name ".copy-*" -o -name ".draft-*" | wc -l)"
        echo "sockets $(ss -xlH | grep -c slurm.sock)"
        echo "loops $(cat /sys/block/loop*/loop/backing_file 2>/dev/null | grep -cE "shared|dunnage|alice|fault")"
        sinfo -h -N -n "$(hostname)" -o "%N %T" | sort -u'
}
inventories() { local n; for n in $(all_nodes); do inventory "$n"; done; }

# rest: fills $before when nothing changes any more and nothing runs; leftovers: what is other than it was
rest() { retry 60 0.25 at_rest || { echo "not at rest:"; inventories; return 1; }; }
at_rest() {
    before=$(inventories)
    ! grep -qE 'fuse [1-9]|helpers [1-9]|users [1-9]|cgroups [1-9]' <<< "$before" && sleep 0.5 && as_before
}
as_before() { [ "$(inventories)" = "$before" ]; }
clean() { retry 60 0.5 as_before || { diff <(echo "$before") <(inventories); return 1; }; }
