#!/bin/bash
# Real mounts on this machine: both drivers, hostile images, killed builders. Runs in a mount namespace of its own.
#   it_container.sh TARGET      TARGET holds it_container and dunnage-envdump
# shellcheck disable=SC2016  # the single-quoted programs are for the shell in the container
set -u
here=$(cd "$(dirname "$0")" && pwd)
target=$(cd "$1" && pwd)
if [ "$(id -u)" != 0 ]; then echo "SKIPPED: real mounts need root"; exit 0; fi
for need in mksquashfs squashfuse_ll unshare; do
	command -v $need >/dev/null || { echo "SKIPPED: $need is missing"; exit 0; }
done
busybox=$(command -v busybox) || { echo "SKIPPED: busybox-static is missing"; exit 0; }
for dev in /dev/loop-control /dev/fuse; do
	[ -e $dev ] || { echo "SKIPPED: $dev is missing"; exit 0; }
done
if [ -z "${DN_IT_INSIDE:-}" ]; then
	DN_IT_INSIDE=1 exec unshare -m --propagation private "$0" "$target"
fi

work=$(mktemp -d /tmp/dunnage-it.XXXXXX)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"

# Users of this machine may be kept from /dev/fuse: here, in a mount namespace of its own, it is as on a node.
open_fuse() {
	mkdir "$work/dev" && mount -t tmpfs -o mode=755 fuse "$work/dev" && mknod "$work/dev/fuse" c 10 229 && chmod 666 "$work/dev/fuse" &&
		mount --bind "$work/dev/fuse" /dev/fuse && umount -l "$work/dev"
}
open_fuse || { echo "SKIPPED: cannot make a /dev/fuse that users may open"; exit 0; }
failed=0 passed=0 uid=23456 gid=23457
loops_before=$(losetup -a | wc -l)

ok() { passed=$((passed + 1)); echo "ok    $1"; }
bad() { failed=$((failed + 1)); echo "FAIL  $1"; [ -z "${2:-}" ] || printf '      %s\n' "$2"; }
# expect NAME PATTERN TEXT: the text holds the pattern (grep -E)
# check NAME COMMAND...
check() { local name=$1; shift; if "$@"; then ok "$name"; else bad "$name"; fi; }
expect() { if grep -Eq -- "$2" <<<"$3"; then ok "$1"; else bad "$1" "wanted /$2/, got: $3"; fi; }
refute() { if grep -Eq -- "$2" <<<"$3"; then bad "$1" "unwanted /$2/ in: $3"; else ok "$1"; fi; }

tree() { # tree DIR: a tiny root
	mkdir -p "$1/bin" "$1/etc" "$1/var"
	cp "$busybox" "$1/bin/busybox"
	local a
	for a in sh ls cat id grep head touch mknod stat wc env sleep echo readlink mount printf; do ln -s busybox "$1/bin/$a"; done
	printf 'root:x:0:0::/root:/bin/sh\n' >"$1/etc/passwd"
	printf 'root:x:0:' >"$1/etc/group"
}
pack() { # pack DIR NAME: NAME.sif, root file system at byte 12288, as root made it
	mksquashfs "$1" "$work/$2.sqfs" -noappend -quiet -no-progress >/dev/null || exit 1
	head -c 12288 /dev/zero >"$work/$2.sif"
	cat "$work/$2.sqfs" >>"$work/$2.sif"
	stat -c %s "$work/$2.sqfs" >"$work/$2.size"
	rm "$work/$2.sqfs"
	chmod 644 "$work/$2.sif"
}
run() { # run IMAGE [KEY=VALUE]... -- PROGRAM...
	local name=$1
	shift
	"$target/it_container" image="$work/$name.sif" offset=12288 size="$(cat "$work/$name.size")" uid=$uid gid=$gid "$@" 2>&1
}
alive() { pgrep -u $uid -x "$1" | while read -r p; do [ "$(ps -o stat= -p "$p" | cut -c1)" = Z ] || echo "$p"; done; }
servers() { alive squashfuse_ll; }
nothing_left() { # nothing_left NAME: no loop device, no server within 10 s
	local i
	for i in $(seq 200); do
		if [ "$(losetup -a | wc -l)" -le "$loops_before" ] && [ -z "$(servers)" ]; then ok "$1: nothing is left"; return; fi
		sleep 0.05
	done
	bad "$1: something is left" "$(losetup -a) servers: $(servers)"
}

plain=$work/plain
tree "$plain"
cp "$busybox" "$plain/bin/suid"
chmod 4755 "$plain/bin/suid"
mknod "$plain/rawnull" c 1 3
chmod 666 "$plain/rawnull"
mkdir -p "$plain/.singularity.d/env" "$plain/data" "$plain/inimage"
echo 'export FROM_IMAGE="a b"; export PATH=/opt/x:$PATH; echo to-stdout' >"$plain/.singularity.d/env/10-first.sh"
printf 'export MULTI="one\ntwo"; LOCAL=hidden; unset FROM_CALLER_2' >"$plain/.singularity.d/env/90-last.sh"
echo file >"$plain/afile"
pack "$plain" plain
cp "$work/plain.sif" "$work/users.sif"
cp "$work/plain.size" "$work/users.size"
chown $uid:$gid "$work/users.sif"
chmod 600 "$work/users.sif"
mounts_before=$(cat /proc/self/mountinfo)

for driver in kernel fuse; do
	image=plain
	[ $driver = fuse ] && image=users
	out=$(run $image driver=$driver groups=5,7 -- /bin/sh -c 'id; cat /proc/self/mountinfo; cat /etc/passwd /etc/group; grep -E "Cap|NoNew" /proc/self/status; readlink /proc/self/cwd')
	expect "$driver: identity" "uid=$uid\(ada\) gid=$gid groups=5,7" "$out"
	expect "$driver: root is read-only, nosuid, nodev" ' / / ro,nosuid,nodev' "$out"
	refute "$driver: no mount without nosuid" '^[0-9]+ [0-9]+ [0-9:]+ [^ ]+ [^ ]+ (rw|ro)(,noexec|,nodev|,relatime|,noatime)* - ' "$out"
	expect "$driver: /tmp is nosuid,nodev" ' /tmp rw,nosuid,nodev' "$out"
	expect "$driver: /dev keeps devices" ' /dev rw,nosuid,relatime' "$out"
	refute "$driver: the host's tree is gone" ' /(host|oldroot|mnt) ' "$out"
	expect "$driver: user entry" '^ada:x:23456:23457:Ada:/nonexistent:/bin/sh$' "$out"
	expect "$driver: bounding set is empty" 'CapBnd:.0000000000000000' "$out"
	expect "$driver: no_new_privs" 'NoNewPrivs:.1' "$out"
	nothing_left "$driver: after the step"
	out=$(run $image driver=$driver -- /bin/suid id -u)
	refute "$driver: setuid program does not become root" '^0$' "$out"
	out=$(run $image driver=$driver -- /bin/sh -c 'head -c 1 /rawnull; echo x >/rawnull')
	expect "$driver: device of the image is dead" 'Permission denied' "$out"
	out=$(run $image driver=$driver -- /bin/sh -c 'touch /x; touch /etc/passwd')
	expect "$driver: image is read-only" 'Read-only file system' "$out"
	out=$(run $image driver=$driver join=1 groups=5 -- /bin/sh -c 'id; ls /; grep -c . /proc/self/mountinfo; readlink /proc/self/cwd')
	expect "$driver: joined rank, same user" "uid=$uid\(ada\) gid=$gid groups=5" "$out"
	expect "$driver: joined rank sees the image" '^inimage$' "$out"
	nothing_left "$driver: after the joined step"
	out=$(run $image driver=$driver dump="$target/dunnage-envdump" -- x)
	expect "$driver: image environment" '^FROM_IMAGE=a b$' "$out"
	expect "$driver: image environment builds on ours" '^PATH=/opt/x:/bin:/usr/bin$' "$out"
	expect "$driver: variable with a newline" '^two$' "$out"
	expect "$driver: our PWD stays" '^PWD=/callers$' "$out"
	refute "$driver: unexported and helper variables stay away" 'LOCAL=|__dunnage|SHLVL=|^_=' "$out"
done

# Binds and the view.
mkdir -p "$work/open/sub" "$work/secret/inner" "$work/home/ada" "$work/spool/pmix.1.0" "$work/spool/job1"
echo hello >"$work/open/f"
echo s >"$work/secret/inner/f"
chmod 700 "$work/secret"
chmod 777 "$work/open" "$work/open/sub"
chown $uid:$gid "$work/home/ada" "$work/spool/pmix.1.0"
mknod "$work/open/null" c 1 3
chmod 666 "$work/open/null"
out=$(run plain bind="0:$work/open:/new/deep/place" bind="1:$work/open:/data" bind="0:$work/open/f:/afile" bind="0:$work/open/f:/newfile" -- \
	/bin/sh -c 'cat /new/deep/place/f /afile /newfile; touch /new/deep/place/w && echo written; touch /data/x; head -c1 /data/null; ls -la /')
expect "bind: directory, file, new places" 'hello.*hello.*hello.*written' "$(tr '\n' ' ' <<<"$out")"
expect "bind: read-only" '/data/x: Read-only file system' "$out"
expect "bind: device beneath it is dead" '/data/null: Permission denied' "$out"
expect "bind: absent source is refused by name" "refused 5: --container-mounts: source '/no/such' .*does not exist" "$(run plain bind=0:/no/such:/x -- /bin/true)"
expect "bind: absent optional source is left out" '^in$' "$(run plain bind=2:/no/such:/x -- /bin/echo in)"
expect "bind: source that the user may not see" 'refused 5: .*not accessible to ada: permission denied' "$(run plain bind="0:$work/secret/inner:/x" -- /bin/true)"
out=$(run plain bind="0:$work/secret:/x" -- /bin/ls /x)
expect "bind: a closed directory stays closed" "Permission denied" "$out"
expect "bind: optional does not hide a denial" 'refused 5: .*permission denied' "$(run plain bind="2:$work/secret/inner:/x" -- /bin/true)"
ln -s open "$work/link"
mkdir "$work/linked"
ln -s ../open "$work/linked/dir"
expect "bind: as named, real path" '^hello$' "$(run plain bind="4:$work/open:/x" -- /bin/cat /x/f)"
expect "bind: as named, the last name is a link" "refused 1: --container-mounts: source '$work/link' leads to '$work/open' through a link.*write that path" "$(run plain bind="4:$work/link:/x" -- /bin/true)"
expect "bind: as named, a link above" "refused 1: .*leads to '$work/open/sub' through a link" "$(run plain bind="5:$work/linked/dir/sub:/x" -- /bin/true)"
expect "bind: as named, a file behind a link" "refused 1: .*leads to '$work/open/f'" "$(run plain bind="4:$work/link/f:/afile" -- /bin/true)"
expect "bind: as named, not spelled plainly" 'refused 1: .*write that path' "$(run plain bind="4:$work/open/../open:/x" -- /bin/true)"
expect "bind: as named, optional and absent" '^in$' "$(run plain bind=6:/no/such:/x -- /bin/echo in)"
expect "bind: without that, a link is followed" '^hello$' "$(run plain bind="0:$work/link:/x" -- /bin/cat /x/f)"
rm -r "$work/link" "$work/linked"
expect "bind: directory on file" 'refused 5: .*/afile is a file in the container, the source is a directory' "$(run plain bind="0:$work/open:/afile" -- /bin/true)"
expect "bind: on the root" "refused 5: .*container's root" "$(run plain bind="0:$work/open:/" -- /bin/true)"
expect "bind: on the root, disguised" "refused 5: .*container's root" "$(run plain bind="0:$work/open:/./data/../." -- /bin/true; run plain bind="0:$work/open://." -- /bin/true)"
expect "bind: no .." "refused 5: .*without '..'" "$(run plain bind="0:$work/open:/a/../../b" -- /bin/true)"
expect "bind: missing place beneath another mount" "refused 5: .*does not exist beneath another mount" "$(run plain bind="0:$work/open:/data" bind="0:$work/open:/data/none" -- /bin/true)"
check "bind: nothing is made on the host" test ! -e "$work/open/none"
expect "bind: through /proc's links" 'refused [56]: .*' "$(run plain bind="0:$work/open:/proc/self/root/data" -- /bin/true)"
out=$(run plain view=$((511 - 8)) home="$work/home/ada" cwd="$work/open/sub" pmix="$work/spool/pmix.1.0" script="$work/spool/job1" -- \
	/bin/sh -c "touch $work/home/ada/h && touch $work/spool/pmix.1.0/p && touch $work/open/sub/c && echo three; touch $work/spool/job1/s; readlink /proc/self/cwd")
expect "view: home, working and PMIx directory are writable" '^three$' "$out"
expect "view: script directory is read-only" 'job1/s: Read-only' "$out"
expect "view: home is where a rank without a directory starts" "^$work/home/ada$" "$out"
out=$(run plain view=$((511 - 8)) cwd=/inimage home=/no/home -- /bin/ls -d /inimage /no)
expect "view: the image's own directory wins over the working directory" '^/inimage$' "$out"
out=$(run plain view=0 -- /bin/ls /)
refute "view: empty" '^(proc|sys|tmp)$' "$out"
mkdir "$work/spool/pmix.1.1"
chown $uid:$gid "$work/spool/pmix.1.1"
for image in plain users; do
	driver=kernel
	[ $image = users ] && driver=fuse
	out=$(run $image driver=$driver join=1 lasting=1 spool="$work/spool" pmix="$work/spool/pmix.1.0" script="$work/spool/job1" own_pmix="$work/spool/pmix.1.1" -- \
		/bin/sh -c "touch $work/spool/pmix.1.1/q $work/spool/pmix.1.0/r && echo both; ls $work/spool; touch $work/spool/x; grep -c pmix.1.1 /proc/self/mountinfo")
	expect "$driver, a step that joins: its PMIx directory beside the builder's" '^both$' "$out"
	expect "$driver, a step that joins: nothing else is there" '^job1 pmix.1.0 pmix.1.1$' "$(grep -E '^(job|pmix)' <<<"$out" | tr '\n' ' ' | sed 's/ $//')"
	expect "$driver, a step that joins: the place itself is root's" 'spool/x: Permission denied' "$out"
	expect "$driver, a step that joins: one mount while it lasts" '^1$' "$out"
	expect "$driver, a step that joins: and none afterwards" '^afterwards: gone$' "$out"
done
check "a step that joins: the host's directory was meant" test -e "$work/spool/pmix.1.1/q"
refute "PMIx directory that is not there" '^in$' "$(run plain pmix=/no/pmix -- /bin/echo in)"

# shellcheck source-path=SCRIPTDIR source=it_grants.bash
. "$here/it_grants.bash"

# Hostile images.
evil=$work/evil
tree "$evil"
mkdir -p "$evil/root" "$evil/var"
ln -s /etc "$evil/tmp"
ln -s .. "$evil/proc"
ln -s ../../../../../../../.. "$evil/sys"
ln -s /root "$evil/home"
ln -s /proc/self/root "$evil/dev"
ln -s /tmp "$evil/var/tmp"
ln -s /nowhere/at/all "$evil/dangling"
rm "$evil/etc/passwd"
ln -s ../../../../../../../../../../etc/shadow "$evil/etc/passwd"
ln -s /proc/1/root/etc/hosts "$evil/etc/hosts"
pack "$evil" evil
cp "$work/evil.sif" "$work/evilfuse.sif"
cp "$work/evil.size" "$work/evilfuse.size"
chown $uid "$work/evilfuse.sif"
host_files() { cat /etc/passwd /etc/group /etc/hosts /etc/resolv.conf /etc/localtime 2>/dev/null | sha256sum; ls -d /root/x /root/ada /nowhere /dangling /tmp/passwd /etc/ada 2>/dev/null; }
sum=$(host_files)
for image in evil evilfuse; do
	driver=kernel
	[ $image = evilfuse ] && driver=fuse
	out=$(run $image driver=$driver home=/home/ada bind="0:$work/open:/dangling" bind="0:$work/open:/home/x" -- /bin/sh -c 'ls -ld /tmp /proc /sys /dev /var/tmp; cat /etc/passwd; cat /dangling/f /root/x/f; cat /proc/self/mountinfo')
	expect "$driver, hostile links: view points are at their places" ' /proc rw.* - proc' "$out"
	expect "$driver, hostile links: /tmp is /tmp" ' /tmp rw,nosuid,nodev' "$out"
	refute "$driver, hostile links: no shadow" '^root:(\*|!|\$)' "$out"
	expect "$driver, hostile links: own account file" '^ada:x:23456' "$out"
	expect "$driver, hostile links: dangling link gives way, others stay beneath the root" '^hello hello' "$(grep -x hello <<<"$out" | tr '\n' ' ')"
	nothing_left "$driver, hostile image"
done
check "hostile links: the host is untouched" test "$sum" = "$(host_files)"
noetc=$work/noetc
tree "$noetc"
rm -r "${noetc:?}/etc"
ln -s ../../../var "$noetc/etc"
pack "$noetc" noetc
expect "/etc is a link in the image" '^ada:' "$(run noetc -- /bin/cat /var/passwd)"
rm "${noetc:?}/etc"
pack "$noetc" noetc
expect "/etc is missing in the image" '^ada:' "$(run noetc -- /bin/cat /etc/passwd)"

# Refusals of images.
cp "$work/plain.sif" "$work/held.sif"
cp "$work/plain.size" "$work/held.size"
for how in '<>' '>>'; do
	eval "exec 7$how\"$work/held.sif\""
	expect "an image that somebody has open for writing ($how)" 'refused 2: .*open for writing' "$(run held -- /bin/true)"
	exec 7>&-
	expect "the same when it is closed" '^in$' "$(run held -- /bin/echo in)"
done
exec 7<"$work/held.sif"
expect "readers do no harm" '^in$' "$(run held -- /bin/echo in)"
exec 7<&-
expect "user's image never reaches the kernel" 'refused 6: .*users can change' "$(run users driver=kernel -- /bin/true)"
cp "$work/plain.sif" "$work/gw.sif"
cp "$work/plain.size" "$work/gw.size"
chmod 664 "$work/gw.sif"
expect "group-writable image never reaches the kernel" 'refused 6: .*users can change' "$(run gw driver=kernel -- /bin/true)"
expect "offset that is no sector" 'refused 2: .*multiple of 512' "$(run plain offset=12289 size=1000 -- /bin/true)"
expect "size behind the end" 'refused 2: .*does not lie within' "$(run plain size=999999999999 -- /bin/true)"
expect "offset that overflows" 'refused 2: .*does not lie within' "$(run plain offset=18446744073709551615 size=2 driver=fuse -- /bin/true)"
expect "no squashfs there, kernel" 'refused 6: cannot mount the image: .*squashfs' "$(run plain offset=8192 -- /bin/true)"
expect "no squashfs there, fuse" 'refused 2: the image cannot be served by squashfuse: ' "$(run users driver=fuse offset=8192 -- /bin/true)"
expect "squashfuse is missing" "refused 6: cannot start /no/squashfuse.*install the package 'squashfuse'" "$(run users driver=fuse squashfuse=/no/squashfuse -- /bin/true)"
expect "image of another user" 'refused 3: .*permission denied' "$(run users uid=4242 driver=fuse -- /bin/true)"
mkdir -m 755 "$work/store"
digest=$(sha256sum "$work/plain.sif" | cut -d' ' -f1)
expect "store: no copy" 'refused 6: cannot open the copy' "$(run users source=store digest="$digest" store="$work/store" -- /bin/true)"
cp "$work/plain.sif" "$work/store/$digest.sif"
chmod 444 "$work/store/$digest.sif"
expect "store: served by the kernel" '^in$' "$(run users source=store digest="$digest" store="$work/store" -- /bin/echo in)"
chmod 666 "$work/store/$digest.sif"
expect "store: copy that others can write" 'refused 4: .*without write bits' "$(run users source=store digest="$digest" store="$work/store" -- /bin/true)"
chmod 444 "$work/store/$digest.sif"
chmod 777 "$work/store"
expect "store: directory that others can write" 'refused 4: image store' "$(run users source=store digest="$digest" store="$work/store" -- /bin/true)"
chmod 755 "$work/store"
mv "$work/store/$digest.sif" "$work/real"
ln -s "$work/real" "$work/store/$digest.sif"
expect "store: a link is no copy" 'refused 6: cannot open the copy' "$(run users source=store digest="$digest" store="$work/store" -- /bin/true)"
nothing_left "after refusals"

# Environment scripts that go wrong.
for case in 'exit 3|failed .exit status 3' 'echo broken >&2; exit 0|exit status 0.: broken' 'if|exit status 2' 'sleep 60|did not end within 3 seconds' 'kill -9 $$|ended by signal 9'; do
	rm -rf "$work/bad" && tree "$work/bad"
	mkdir -p "$work/bad/.singularity.d/env"
	echo "${case%%|*}" >"$work/bad/.singularity.d/env/50.sh"
	pack "$work/bad" badenv
	expect "environment script '${case%%|*}'" "refused 2: .*${case#*|}" "$(run badenv dump="$target/dunnage-envdump" -- x)"
done
echo 'sleep 60 & export LEFT=behind' >"$work/bad/.singularity.d/env/50.sh"
pack "$work/bad" badenv
start=$SECONDS
expect "environment script that leaves a process" '^LEFT=behind$' "$(run badenv dump="$target/dunnage-envdump" -- x)"
check "it is not waited for" test $((SECONDS - start)) -lt 30
# a killed process takes its time on a busy machine
for _ in $(seq 50); do
	[ -n "$(alive sleep)" ] || break
	sleep 0.1
done
check "it is ended" test -z "$(alive sleep)"
rm -r "$work/bad/.singularity.d"
pack "$work/bad" badenv
expect "no scripts" '^no scripts$' "$(run badenv dump="$target/dunnage-envdump" -- x)"

# The server hears no signal that Slurm sends to the whole step; without it the mount fails and never hangs.
out=$(mktemp "$work/out.XXXX")
run users driver=fuse -- /bin/sh -c 'echo up; sleep 1; ls /data && echo still; sleep 1; ls /; cat /inimage/none; echo end' >"$out" &
for _ in $(seq 40); do grep -q up "$out" && break; sleep 0.05; done
servers | xargs -r kill -TERM
sleep 1.4
expect "server outlives SIGTERM to the step" '^still$' "$(cat "$out")"
servers | xargs -r kill -KILL
wait $!
expect "dead server: errors, no hang" 'end|not connected|I/O error|Bus error|aborted' "$(cat "$out")"
nothing_left "after the dead server"

# Builders killed at any point, and while a step runs.
for driver in kernel fuse; do
	image=plain
	[ $driver = fuse ] && image=users
	for i in $(seq 200); do
		"$target/it_container" image="$work/$image.sif" offset=12288 size="$(cat "$work/$image.size")" uid=$uid gid=$gid \
			driver=$driver hold=1 -- x >/dev/null 2>&1 &
		pid=$!
		sleep "0.0$(printf %02d "$i")"
		kill -KILL $pid
		wait $pid 2>/dev/null
	done
	nothing_left "$driver: 40 builders killed at different times"
done
check "no mount is left here" test "$mounts_before" = "$(cat /proc/self/mountinfo)"

# A root that cannot be pivoted.
covered() { "$target/it_container_covered" image="$work/plain.sif" offset=12288 size="$(cat "$work/plain.size")" uid=$uid gid=$gid "$@" 2>&1; }
expect "covered root: the image" '^inimage$' "$(covered -- /bin/ls /)"
expect "covered root: a joined rank" '^inimage$' "$(covered join=1 -- /bin/ls /)"
expect "covered root: no way up" '^inimage$' "$(covered -- /bin/ls /../../..)"
refute "covered root: the host's mounts are not listed" ' /sys/fs/cgroup/none | /var/lib| - ext4 /dev/[a-z]+ .* / ' "$(covered view=3 -- /bin/cat /proc/self/mountinfo)"
nothing_left "covered root"

# Directories that root itself may not enter: a FUSE mount of the user's.
if command -v fusermount3 >/dev/null; then
	mkdir "$work/mine"
	chown 65534 "$work/mine"
	setpriv --reuid 65534 --regid 65534 --clear-groups squashfuse_ll -o offset=12288 "$work/plain.sif" "$work/mine"
	expect "a FUSE mount that root may not enter" 'Permission denied' "$(stat "$work/mine/afile" 2>&1)"
	# The kernel wants all ids of the asker to be the owner's; ours keeps root's as the real one. Refused, and said why.
	expect "bind: from the user's own FUSE mount" 'refused 5: .*not accessible to ada' "$(run plain uid=65534 gid=65534 bind="0:$work/mine:/theirs" -- /bin/true)"
	expect "home on the user's own FUSE mount is left out" '^in$' "$(run plain uid=65534 gid=65534 home="$work/mine/data" cwd="$work/mine/bin" -- /bin/echo in)"
	umount "$work/mine"
else
	echo "SKIPPED: fusermount3 is missing, FUSE mounts of the user are not tested"
fi

# A home behind the host's symbolic links.
mkdir -p "$work/export/ada/run"
ln -s export "$work/people"
chown -R $uid "$work/export"
out=$(run plain view=$((511 - 8)) home="$work/people/ada" cwd="$work/people/ada/run" -- /bin/sh -c "cd $work/people/ada/run && echo by-link; cd $work/export/ada && touch t && echo by-name")
expect "home by its link" 'by-link' "$out"
expect "home by its resolved name" 'by-name' "$out"

# Files of the host in a private directory.
lib=/.dunnage/host/lib
mkdir -p "$work/host/dir" "$work/host/open"
echo of-the-host | tee "$work/host/f" "$work/host/dir/f" "$work/host/users" "$work/host/group" "$work/host/open/f" >/dev/null
chown $uid "$work/host/users" "$work/host/open/f"
chgrp $gid "$work/host/group" && chmod 664 "$work/host/group"
for image in plain users; do
	driver=kernel
	[ $image = users ] && driver=fuse
	out=$(run $image driver=$driver hostfile="1:$work/host/f:$lib/libx.so.1" hostfile="1:$work/host/dir:/usr/lib/x" shim="0:/data/libx.so.1:$lib/libx.so.1" -- \
		/bin/sh -c "cat $lib/libx.so.1 /usr/lib/x/f; (echo x >$lib/libx.so.1) 2>&1; touch $lib/y /usr/lib/x/y 2>&1; head -c 4 /data/libx.so.1; grep -c $lib/libx.so.1 /data/libx.so.1; ls $lib")
	expect "$driver: files of the host are there" 'of-the-host of-the-host' "$(tr "\n" " " <<<"$out")"
	expect "$driver: and cannot be written" "$lib/libx.so.1: Read-only file system.*$lib/y: Read-only file system.*/usr/lib/x/y: Read-only file system" "$(tr "\n" " " <<<"$out")"
	expect "$driver: a library leads to them" 'ELF.* libx.so.1 *$' "$(tr "\n" " " <<<"$out")"
done
for name in users group open; do
	expect "a file of the host that others can change: $name" 'refused 4: .* others than root can change it; correct' "$(run plain hostfile="1:$work/host/$name:$lib/libx.so.1" -- /bin/true)"
done
expect "a file of the host that is gone" 'refused 4: .*/host/none of this node.*No such file' "$(run plain hostfile="1:$work/host/none:$lib/libx.so.1" -- /bin/true)"
expect "a file of the host that is a device" 'refused 4: /dev/null of this node.* neither file nor directory' "$(run plain hostfile="1:/dev/null:$lib/null" -- /bin/true)"
expect "no name above the private directory" "refused 8: '../x' is no name" "$(run plain hostfile="1:$work/host/f:$lib/../x" -- /bin/true)"
expect "no library on the root" "refused 8: '/' is no place for a library" "$(run plain shim="0:/:$lib/x" -- /bin/true)"

# Many at once: they race for loop devices.
for i in $(seq 24); do run plain -- /bin/echo in >"$work/many.$i" & done
wait
expect "24 builders at once" '^24$' "$(cat "$work"/many.* | grep -cx in)"
nothing_left "24 builders at once"

echo "$passed passed, $failed failed"
[ $failed = 0 ]
