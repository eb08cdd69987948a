# What a plan grants and forbids. The probe makes user namespaces in each way that there is. Part of it_container.sh, whose tree "plain" it packs anew.
# shellcheck shell=bash disable=SC2016,SC2154
cat >"$work/probe.c" <<'PROBE'
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/sched.h>
static void say(const char *what, long rc) { printf("%s=%s\n", what, rc >= 0 ? "done" : strerrorname_np(errno)); fflush(stdout); }
static void child(const char *what, long pid) { if (pid == 0) _exit(0); say(what, pid); if (pid > 0) waitpid((pid_t)pid, NULL, 0); }
int main(int argc, char **argv)
{
	struct clone_args args = { .flags = CLONE_NEWUSER, .exit_signal = SIGCHLD }, plain = { .exit_signal = SIGCHLD };
	int other = argc > 1 ? open(argv[1], O_RDONLY) : -1;
	child("clone", syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0));
	child("clone3", syscall(SYS_clone3, &args, sizeof(args)));
	child("clone3-plain", syscall(SYS_clone3, &plain, sizeof(plain)));
	child("fork", fork());
	if (other >= 0) { say("setns", setns(other, CLONE_NEWUSER)); say("setns-any", setns(other, 0)); }
#ifdef __x86_64__
	if (fork() == 0) { /* i386's unshare */
		long rc;
		__asm__ volatile("int $0x80" : "=a"(rc) : "a"(310), "b"(CLONE_NEWUSER) : "memory");
		printf("unshare-i386=%s\n", rc == 0 ? "done" : strerrorname_np((int)-rc));
		exit(0);
	}
	wait(NULL);
	if (fork() == 0) {
		say("unshare-x32", syscall(0x40000000 + 272, CLONE_NEWUSER));
		exit(0);
	}
	wait(NULL);
#endif
	say("unshare", unshare(CLONE_NEWUSER));
	say("socket", socket(AF_INET, SOCK_STREAM, 0));
	return 0;
}
PROBE
gcc -O1 -static -o "$plain/bin/probe" "$work/probe.c" || bad "the probe compiles"
mkdir -p "$plain/.singularity.d"
cat >"$plain/.singularity.d/runscript" <<'RUNSCRIPT'
#!/bin/sh
for word; do printf '<%s>' "$word"; done
echo " ${DUNNAGE_ENTRYPOINT_PROGRAM-unset}"
RUNSCRIPT
chmod 755 "$plain/.singularity.d/runscript"
pack "$plain" granted
rm -r "$plain/.singularity.d"
out=$(run granted -- /bin/probe)
expect "user namespaces: allowed unless barred" 'unshare=done' "$out"
unshare -U -r setpriv --reuid=0 true 2>/dev/null
setpriv --reuid="$uid" --regid="$gid" --clear-groups unshare -U sleep 60 & holder=$!
sleep 0.3
for joined in 0 1; do
	out=$(run granted userns=1 join=$joined -- /bin/probe "/proc/$holder/ns/user")
	for way in clone=EPERM clone3=ENOSYS clone3-plain=ENOSYS fork=done setns=EPERM setns-any=EPERM unshare=EPERM; do
		expect "user namespaces barred, joined $joined: $way" "^$way$" "$out"
	done
	refute "user namespaces barred, joined $joined: no other way of calling" '(i386|x32)=done' "$out"
done
kill $holder
wait $holder 2>/dev/null
out=$(run granted userns=1 -- /bin/sh -c 'cat /proc/self/status')
expect "user namespaces barred: a filter is on" '^Seccomp:.2$' "$out"

for joined in 0 1; do
	out=$(run granted caps=$((1 << 13 | 1 << 10)) join=$joined -- /bin/sh -c 'grep -E "Cap|NoNew" /proc/self/status; /bin/sh -c "grep CapEff /proc/self/status"')
	for set in Inh Prm Eff Bnd Amb; do expect "capabilities, joined $joined: $set" "^Cap$set:.0000000000002400$" "$out"; done
	expect "capabilities, joined $joined: no_new_privs all the same" 'NoNewPrivs:.1' "$out"
done
out=$(run granted caps=$((1 << 13)) uid=0 gid=0 -- /bin/sh -c 'grep Cap /proc/self/status')
expect "capabilities: root has the granted ones" '^CapEff:.0000000000002000$' "$out"
out=$(run granted uid=0 gid=0 -- /bin/sh -c 'grep Cap /proc/self/status')
expect "capabilities: root has none by default" '^CapEff:.0000000000000000$' "$out"
out=$(run granted -- /bin/sh -c 'grep -E "Cap|Seccomp:" /proc/self/status')
for set in Inh Prm Eff Bnd Amb; do expect "nothing granted: $set" "^Cap$set:.0000000000000000$" "$out"; done
expect "nothing barred: no filter" '^Seccomp:.0$' "$out"
expect "capabilities: an unknown one is refused" 'refused 6: .*does not know' "$(run granted caps=$((1 << 60)) -- /bin/true)"

for joined in 0 1; do
	out=$(run granted network=1 join=$joined -- /bin/sh -c 'cat /proc/net/dev; busybox ping -c1 -w2 127.0.0.1 2>&1; cat /proc/net/route | wc -l')
	expect "network none, joined $joined: loopback is there" '^ +lo:' "$out"
	refute "network none, joined $joined: nothing else" '^ +(eth|en|v|br|docker|ens)[^:]*:' "$out"
	expect "network none, joined $joined: no route" '^1$' "$out"
done
for joined in 0 1; do
	out=$(run granted unshare=1 hostname=box-1 join=$joined -- /bin/sh -c 'busybox hostname; readlink /proc/self/ns/ipc /proc/self/ns/uts')
	expect "own IPC and host name, joined $joined: the name" '^box-1$' "$out"
	refute "own IPC and host name, joined $joined: not the machine's" "$(readlink /proc/self/ns/ipc | tr -d '[]')|$(readlink /proc/self/ns/uts | tr -d '[]')|refused" "$(tr -d '[]' <<<"$out")"
done
refute "own IPC and host name: this machine keeps its own" '^box-1$' "$(cat /proc/sys/kernel/hostname)"
out=$(run granted hostname='a b' -- /bin/sh -c 'echo ran')
expect "a bad host name is refused where it is set" "^refused 5: --hostname=a b: give a name" "$out"
out=$(DUNNAGE_ENTRYPOINT_PROGRAM='one two' run granted entrypoint=1 -- /.dunnage/entrypoint 'a  b' c)
expect "entry point: the runscript gets program and arguments" '^<one two><a  b><c> unset$' "$out"
check "network none: this machine keeps its own" grep -q lo: /proc/net/dev
out=$(run granted network=1 -- /bin/sh -c 'busybox nc -l -p 7777 >/tmp/dn-nc-out & sleep 0.3; echo over-loopback | busybox nc -w 1 127.0.0.1 7777; wait; cat /tmp/dn-nc-out; rm -f /tmp/dn-nc-out')
expect "network none: loopback is up" over-loopback "$out"

out=$(run granted view=$((511 - 4)) -- /bin/sh -c 'ls -l /dev; head -c2 /dev/zero | wc -c; head -c 1 /dev/urandom | wc -c; echo x >/dev/null && echo null-works; echo x >/dev/full; touch /dev/new; echo shm >/dev/shm/dn-it && cat /dev/shm/dn-it; rm -f /dev/shm/dn-it; grep " /dev" /proc/self/mountinfo; mknod /dev/x c 1 3')
for name in null zero full random urandom; do expect "own /dev: $name" "^c.* $name$" "$out"; done
expect "own /dev: standard streams" 'stdout -> /proc/self/fd/1' "$out"
expect "own /dev: devices work" null-works "$out"
expect "own /dev: zero gives bytes" '^2$' "$out"
expect "own /dev: full is full" 'No space left' "$out"
expect "own /dev: shared memory is the host's" '^shm$' "$out"
expect "own /dev: nothing can be made" '/dev/new: Read-only file system' "$out"
refute "own /dev: no other device" ' (fuse|kmsg|mem|sda|loop-control|loop0|net|kvm)$' "$out"
expect "own /dev: nosuid, noexec" ' /dev ro,nosuid,noexec' "$out"
out=$(run granted view=$((511 - 4)) device=/dev/fuse device=/dev/net/tun device=/dev/no/such device=/dev/net -- /bin/sh -c 'ls -l /dev /dev/net')
expect "own /dev: a granted device" '^c.* fuse$' "$out"
expect "own /dev: a granted device in a directory" '^c.* tun$' "$out"
refute "own /dev: nothing beside it" ' loop-control$' "$out"
expect "own /dev: a device elsewhere is refused" 'refused 4: .*beneath /dev' "$(run granted view=$((511 - 4)) device=/dev/../etc/shadow -- /bin/true)"
expect "own /dev: no way out" 'refused 4: .*beneath /dev' "$(run granted view=$((511 - 4)) device=/etc/shadow -- /bin/true; run granted view=$((511 - 4)) device=/dev/net/.. -- /bin/true)"
expect "own /dev: a file is no device" 'refused 6: .*no device' "$(echo x >/dev/shm/dn-it-file; run granted view=$((511 - 4)) device=/dev/shm/dn-it-file -- /bin/true; rm -f /dev/shm/dn-it-file)"

# Limits, where this machine has the controller as version 1: a group of ours, since no Slurm made one.
pids_group=/sys/fs/cgroup/pids$(awk -F: '$2 == "pids" { print $3 }' /proc/self/cgroup)
if [ -e "$pids_group/cgroup.procs" ]; then
	out=$(run granted pids=6 job=4711 step=3 -- /bin/sh -c 'i=0; while [ $i -lt 12 ]; do sleep 1 & i=$((i + 1)); done; wait; echo end')
	expect "limits: no more processes than granted" "can't fork" "$out"
	check "limits: in a group of ours" test -d "${pids_group%/}/dunnage_4711.3"
	expect "limits: the group has the limit" '^6$' "$(cat "${pids_group%/}/dunnage_4711.3/pids.max")"
	rmdir "${pids_group%/}/dunnage_4711.3"
else
	echo "SKIPPED: limits of processes: no cgroup v1 hierarchy for pids here"
fi

# A filter of the site's: the call socket answers ENETDOWN (100), everything else is allowed.
# shellcheck disable=SC2059  # the escapes are the point
filter_bytes() { # CODE JT JF K
	local code=$1 jt=$2 jf=$3 k=$4 i
	printf "\\x$(printf %02x $((code & 255)))\\x$(printf %02x $((code >> 8)))\\x$(printf %02x "$jt")\\x$(printf %02x "$jf")"
	for i in 0 8 16 24; do printf "\\x$(printf %02x $(((k >> i) & 255)))"; done
}
mkdir -p "$work/site/seccomp"
case $(uname -m) in x86_64) socket_nr=41 ;; *) socket_nr=198 ;; esac
{ filter_bytes 32 0 0 0; filter_bytes 21 0 1 $socket_nr; filter_bytes 6 0 0 $((0x50000 + 100)); filter_bytes 6 0 0 $((0x7fff0000)); } >"$work/site/seccomp/nonet.bpf"
with_filter() { run granted policy="$work/site/policy.yaml" "$@" -- /bin/probe; }
for joined in 0 1; do
	out=$(with_filter seccomp=nonet join=$joined)
	expect "seccomp, joined $joined: the call is denied as the filter says" '^socket=ENETDOWN$' "$out"
	expect "seccomp, joined $joined: other calls are not" '^unshare=done$' "$out"
done
out=$(with_filter seccomp=nonet userns=1)
expect "seccomp: beside the barring of namespaces" '^socket=ENETDOWN$' "$out"
expect "seccomp: namespaces barred beside it" '^unshare=EPERM$' "$out"
expect "seccomp: no such filter" "refused 4: .*'absent'.*absent.bpf" "$(with_filter seccomp=absent)"
head -c 7 /dev/zero >"$work/site/seccomp/odd.bpf"
: >"$work/site/seccomp/empty.bpf"
head -c $((4097 * 8)) /dev/zero >"$work/site/seccomp/long.bpf"
for name in odd empty long; do expect "seccomp: $name file" 'refused 4: .*no compiled filter' "$(with_filter seccomp=$name)"; done
head -c 64 /dev/urandom >"$work/site/seccomp/junk.bpf"
expect "seccomp: junk is refused by the kernel" 'refused 6: .*does not take' "$(with_filter seccomp=junk)"
cp "$work/site/seccomp/nonet.bpf" "$work/site/seccomp/users.bpf"
chown "$uid" "$work/site/seccomp/users.bpf"
expect "seccomp: a user's file" 'refused 4: .*belong to root' "$(with_filter seccomp=users)"
cp "$work/site/seccomp/nonet.bpf" "$work/site/seccomp/open.bpf"
chmod 666 "$work/site/seccomp/open.bpf"
expect "seccomp: a file that others can write" 'refused 4: .*belong to root' "$(with_filter seccomp=open)"
ln -s nonet.bpf "$work/site/seccomp/link.bpf"
expect "seccomp: a link" 'refused 4: ' "$(with_filter seccomp=link)"
chmod 777 "$work/site/seccomp"
expect "seccomp: a directory that others can write" 'refused 4: .*belong to root' "$(with_filter seccomp=nonet)"
chmod 755 "$work/site/seccomp"
