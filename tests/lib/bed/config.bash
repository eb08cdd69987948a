# Configuration that all nodes share: munge key, hosts, slurm.conf and its companions, under $BED/etc.
# shellcheck shell=bash

write_config() {
    mkdir -p "$BED/etc"
    (umask 077; head -c 1024 /dev/urandom > "$BED/etc/munge.key")
    write_hosts > "$BED/etc/hosts"
    { write_slurm_conf; [ -z "${DUNNAGE_BED_CONF:-}" ] || cat "$DUNNAGE_BED_CONF"; } > "$BED/etc/slurm.conf"
    write_cgroup_conf > "$BED/etc/cgroup.conf"
    if [ -n "$PLUGIN" ]; then
        printf 'required %s %s\n' "$PLUGIN" "${DUNNAGE_PLUGIN_ARGS:-}" > "$BED/etc/plugstack.conf"
    fi
}

write_hosts() {
    local i
    echo "127.0.0.1 localhost"
    for ((i = 0; i < NODES; i++)); do echo "$NET.$((10 + i)) node$i"; done
}

# All nodes share the machine's cores and every slurmd counts from core 0, so tasks are not bound to
# cores: busy-polling MPI ranks of several nodes would meet on the first one.
write_slurm_conf() {
    local track=proctrack/cgroup task=task/cgroup
    [ "$CGROUPS" = v1 ] || { track=proctrack/linuxproc; task=task/none; }
    cat << CONF
ClusterName=bed
SlurmctldHost=node0
SlurmUser=root
AuthType=auth/munge
ProctrackType=$track
TaskPlugin=$task
MpiDefault=none
PrologFlags=Alloc
ReturnToService=2
KillWait=5
MessageTimeout=30
SlurmdTimeout=300
MinJobAge=3600
SlurmdParameters=config_overrides
SchedulerParameters=sched_min_interval=100000,batch_sched_delay=0
SlurmctldPidFile=/run/slurmctld.pid
SlurmdPidFile=/run/slurmd.pid
SlurmdSpoolDir=/var/spool/slurmd
StateSaveLocation=/var/spool/slurmctld
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SlurmctldLogFile=/var/log/slurmctld.log
SlurmdLogFile=/var/log/slurmd.log
SlurmctldDebug=verbose
SlurmdDebug=debug
NodeName=node[0-$((NODES - 1))] CPUs=2 RealMemory=4000 State=UNKNOWN
PartitionName=debug Nodes=ALL Default=YES MaxTime=INFINITE State=UP
PartitionName=second Nodes=ALL MaxTime=INFINITE State=UP
CONF
}

write_cgroup_conf() {
    [ "$CGROUPS" = v1 ] || return 0
    # named outright, since Slurm's own detection may pick the other version; Slurm 20.11 has no such plugin and no such word
    if compgen -G "${DUNNAGE_BED_ROOT:-}/usr/lib/*/slurm*/cgroup_v1.so" > /dev/null; then echo CgroupPlugin=cgroup/v1; fi
    cat << CONF
CgroupMountpoint=/sys/fs/cgroup
ConstrainCores=no
ConstrainRAMSpace=yes
ConstrainDevices=yes
CONF
}
