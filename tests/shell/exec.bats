#!/usr/bin/env bats
# Containers of a user without root and without Slurm.

setup_file() { load ../lib/shell; nosite; }
setup() { load ../lib/shell; }

@test "exec: the image's files, the user's own identity, home and working directory" {
    run --separate-stderr line "mkdir -p deep && cd deep && dunnage exec $OPEN sh -c 'cat /etc/os-release; id -u; id -un; pwd; echo \$HOME; touch made'"
    ran 0
    printed_line 'Dunnage demo image hello'
    printed_line '^2001$'
    printed_line '^alice$'
    printed_line '^/home/alice/deep$'
    printed_line '^/home/alice$'
    [ -z "$stderr" ] || saw
    run machine stat -c '%U' /home/alice/deep/made
    printed alice
}

@test "exit statuses: the program's, 126, 127 and our own" {
    run --separate-stderr alice dunnage exec "$OPEN" sh -c 'exit 7'
    ran 7
    run --separate-stderr alice dunnage exec "$OPEN" /etc/passwd
    ran 126
    refused 'cannot be run'
    run --separate-stderr alice dunnage exec "$OPEN" no-such-program
    ran 127
    refused no-such-program
    run --separate-stderr alice dunnage exec /no/such.sif true
    ran 5
    refused 'does not exist'
    run --separate-stderr alice dunnage exec "$OPEN" sh -c 'kill -TERM $$'
    ran 143
}

@test "the program is the process: no parent of ours, signals arrive" {
    run --separate-stderr line "dunnage exec $OPEN sleep 55 & p=\$!; sleep 1; tr '\\0' ' ' < /proc/\$p/cmdline; kill -INT \$p; kill -TERM \$p; wait \$p; echo \$?"
    ran 0
    printed_line 'sleep 55'
    printed_line '143$'
    all_gone
}

@test "standard input, large streams and inherited descriptors" {
    run --separate-stderr line "head -c 3000000 /dev/zero | dunnage exec $OPEN cat | wc -c"
    printed 3000000
    run --separate-stderr line "dunnage exec $OPEN cat <(echo from a descriptor)"
    ran 0
    printed 'from a descriptor'
}

@test "a terminal stays a terminal" {
    run line "script -qec 'dunnage exec $OPEN sh -c \"test -t 0 && test -t 1 && echo is a terminal\"' /dev/null"
    printed_line 'is a terminal'
}

@test "run, test, shell" {
    run --separate-stderr alice dunnage run "$OPEN" a 'b c'
    ran 0
    printed 'runscript of the demo image: a b c'
    run --separate-stderr alice dunnage test "$OPEN"
    ran 0
    refused_nothing
    run --separate-stderr line "echo 'echo in \$0 \$PS1' | dunnage shell $OPEN"
    ran 0
    printed_line '^in /bin/sh Dunnage>'
    run --separate-stderr alice dunnage shell --shell /bin/ash "$OPEN" -c 'echo $0'
    printed /bin/ash
}
refused_nothing() { grep -q 'brings no test' <<< "$stderr" || saw; }

@test "the environment: kept, cleaned, set, and the image's own scripts" {
    run --separate-stderr line "MINE=1 APPTAINERENV_A=apptainer SINGULARITYENV_B=singularity DUNNAGEENV_PREPEND_PATH=/first dunnage exec --env C=given,D=too $OPEN env"
    ran 0
    for l in MINE=1 A=apptainer B=singularity C=given D=too 'DEMO_ENV=from the image' DUNNAGE_CONTAINER=$OPEN \
        APPTAINER_CONTAINER=$OPEN 'PATH=/first:/usr/local/sbin:'; do printed_line "^$l"; done
    printed_no '^APPTAINERENV_'
    run --separate-stderr line "MINE=1 http_proxy=p dunnage exec -e $OPEN env"
    printed_no '^MINE='
    printed_line '^http_proxy=p'
    printed_line '^HOME=/home/alice'
    run --separate-stderr line "printf '# c\nexport E=\"from file\"\nF=2\n' > vars; dunnage exec --env-file vars --env F=3 $OPEN env"
    printed_line '^E=from file'
    printed_line '^F=3'
}

@test "binds, read-only binds and --mount" {
    run --separate-stderr line "mkdir -p data; echo given > data/file; dunnage exec -B data:/mnt/a,data/file:/mnt/f:ro --mount type=bind,src=/home/alice/data,dst=/x/y,ro $OPEN sh -c 'cat /mnt/a/file /mnt/f /x/y/file; echo w > /mnt/a/new; echo w > /x/y/no || exit 4'"
    ran 4
    printed $'given\ngiven\ngiven'
    run --separate-stderr line "cat data/new; SINGULARITY_BIND=data:/from/variable dunnage exec $OPEN ls /from/variable"
    ran 0
    printed $'w\nfile\nnew'
}

@test "wrong options are refused in one line" {
    local words
    while IFS='|' read -r status_wanted words; do
        # shellcheck disable=SC2086  # options of one line
        run --separate-stderr alice dunnage exec $words "$OPEN" true
        ran "$status_wanted"
        refused .
    done << 'LINES'
2|--bogus
2|-B data:relative
2|-B data:/x:rx
2|-B /a:/b:ro:x
2|-B /no/such/dir:/x
2|--mount type=tmpfs,dst=/x
2|--mount type=bind,src=/tmp
2|--pwd relative
2|--pwd /no/such/dir
2|--env novalue
2|--env-file /no/such/file
2|--home /no/such/home
2|--home /tmp --no-home
2|--network host
2|--no-mount everything
2|--overlay /no/such/dir
2|--overlay /etc/passwd
2|--overlay /tmp:rx
2|--workdir /tmp
2|--app ../x
2|--app nosuchapp
2|--nvccli
2|--container-require-transport warp
2|--writable
2|--security x
2|--pid
2|-p
2|--hostname a_b
LINES
    run --separate-stderr alice dunnage exec "$OPEN"
    ran 2
    refused 'no program'
    run --separate-stderr alice dunnage exec -B
    ran 2
    refused 'wants a value'
    run --separate-stderr line "APPTAINER_NETWORK=host dunnage exec $OPEN true"
    ran 2
    refused NETWORK
}

@test "homes: another, none, contained, in a work directory" {
    run --separate-stderr line "mkdir -p other; echo o > other/f; dunnage exec -H other:/home/elsewhere $OPEN sh -c 'echo \$HOME; cat \$HOME/f'"
    printed $'/home/elsewhere\no'
    run --separate-stderr line "echo s > secret; cd /tmp; dunnage exec --no-home $OPEN ls /home/alice/secret"
    [ "$status" -ne 0 ] || saw
    run --separate-stderr line "touch /tmp/hosts-tmp; dunnage exec -c $OPEN sh -c 'ls /tmp; ls ~; touch /tmp/a ~/b && echo written; test -e /dev/kmsg || echo own dev'"
    ran 0
    printed $'written\nown dev'
    run --separate-stderr line "mkdir -p work; dunnage exec -C -W work $OPEN sh -c 'touch /tmp/a ~/b'; ls work/tmp work/home"
    printed_line '^a$'
    printed_line '^b$'
}

@test "the image's files are not asked for overlay's marks when nothing is written; their server is in the caller's session" {
    run --separate-stderr line "dunnage exec $OPEN grep ' / / ' /proc/self/mountinfo"
    ran 0
    printed_line ' overlay dunnage '
    printed_no 'userxattr|upperdir'
    run --separate-stderr line "dunnage exec --writable-tmpfs $OPEN grep ' / / ' /proc/self/mountinfo"
    ran 0
    printed_line 'upperdir.*userxattr'
    run --separate-stderr line "export DUNNAGE_KEEP_SECONDS=0; dunnage exec $OPEN sleep 30 & p=\$!
        for i in {1..100}; do pgrep -x squashfuse_ll > /dev/null && break; sleep 0.1; done; ps -o sid= -p \$\$; ps -o sid= -C squashfuse_ll; kill \$p"
    ran 0
    [ "${#lines[@]}" = 2 ] && [ "${lines[0]}" = "${lines[1]}" ] || saw
    all_gone
}

@test "writes to the root: refused, in memory, in an overlay" {
    run --separate-stderr alice dunnage exec "$OPEN" sh -c 'echo x > /new || exit 3'
    ran 3
    run --separate-stderr alice dunnage exec --writable-tmpfs "$OPEN" sh -c 'echo x > /new && cat /new'
    printed x
    run --separate-stderr line "mkdir -p ov; dunnage exec --overlay ov $OPEN sh -c 'echo kept > /new'; dunnage exec --overlay ov:ro $OPEN sh -c 'cat /new; touch /z || exit 5'"
    ran 5
    printed kept
    # what the image has no place for leaves none in the layer; what was written below such a place is kept beside it
    run --separate-stderr line "mkdir -p src ov2; echo in > src/f; dunnage exec --overlay ov2 -B src:/opt/made/dir -B src/f:/made-file $OPEN sh -c 'cat /opt/made/dir/f /made-file; echo own > /mine'; find ov2/upper -mindepth 1 ! -type c"
    ran 0
    printed $'in\nin\nov2/upper/mine'
    run --separate-stderr line "dunnage exec --overlay ov2:ro -B src:/opt/made/dir $OPEN sh -c 'cat /mine /opt/made/dir/f; touch /z || exit 5'"
    ran 5
    printed $'own\nin'
    run --separate-stderr line "mkdir -p sq/opt; echo layer > sq/opt/l; rm -f l.sqfs; mksquashfs sq l.sqfs -quiet -no-progress >/dev/null; dunnage exec --overlay l.sqfs:ro $OPEN cat /opt/l"
    printed layer
    all_gone
}

@test "--fakeroot is root inside and the user outside, setuid programs give nothing" {
    run --separate-stderr line "dunnage exec -f $OPEN sh -c 'id -u; touch ~/by-root; echo \$HOME'; stat -c %U by-root"
    printed $'0\n/root\nalice'
    run --separate-stderr alice dunnage exec "$OPEN" setuid-probe
    ran 0
    printed_line 'uid[: \t]+2001'
}

@test "--net leaves a loopback device alone" {
    run --separate-stderr alice dunnage exec --net "$OPEN" ip -o link
    ran 0
    [ "$(grep -c . <<< "$output")" = 1 ] && printed_line ' lo: '
}

@test "--ipc, --uts and --hostname: namespaces of the container's own, which a job's ranks share" {
    local spaces='cat /proc/sys/kernel/hostname; for n in ipc uts; do readlink /proc/self/ns/$n; done'
    run --separate-stderr line "dunnage exec $OPEN sh -c '$spaces'"
    local host=$output
    [ "$host" = "$(line "$spaces")" ] || saw
    run --separate-stderr line "dunnage exec --hostname box-1 -i $OPEN sh -c '$spaces'"
    ran 0
    printed_line '^box-1$'
    [ -z "$(comm -12 <(sort <<< "$host") <(sort <<< "$output"))" ] || saw
    run --separate-stderr line "APPTAINER_UTS=1 dunnage exec $OPEN sh -c '$spaces'"
    ran 0
    [ "$(comm -12 <(sort <<< "$host") <(sort <<< "$output") | wc -l)" = 2 ] || saw
    run --separate-stderr line "for i in 1 2 3; do dunnage exec --sharens --ipc --hostname box-2 $OPEN sh -c '$spaces; sleep 1' & done; wait"
    ran 0
    [ "$(sort -u <<< "$output" | wc -l)" = 3 ] || saw
    all_gone
}

@test "20 at once, and nothing is left" {
    run line "for i in \$(seq 20); do dunnage exec $OPEN sh -c 'exit 0' & done; for j in \$(jobs -p); do wait \$j || echo failed; done"
    ran 0
    printed ''
    all_gone
}

@test "kill -9 leaves nothing" {
    line "dunnage exec $OPEN sleep 60 & sleep 1; kill -9 \$!" || true
    all_gone
    # at any moment of the start
    line "for ms in 5 10 20 30 40 60; do dunnage exec $OPEN sleep 61 & p=\$!; sleep 0.0\$ms; kill -9 \$p; done" || true
    all_gone
}

@test "closed /dev/fuse and closed user namespaces are named, with the way by srun" {
    machine chmod 600 /dev/fuse
    run --separate-stderr alice dunnage exec "$OPEN" true
    machine chmod 666 /dev/fuse
    ran 7
    refused '/dev/fuse' srun
}

@test "help shows options and examples" {
    for c in exec run shell test; do
        run alice dunnage "$c" --help
        ran 0
        printed_line "^Use: dunnage $c"
        printed_line '^Examples:'
    done
    run alice dunnage --help
    printed_line '^ +exec IMAGE'
    run alice dunnage help run
    printed_line '^Use: dunnage run'
    run alice dunnage help sif dump
    printed_line '^Usage: dunnage sif dump'
    run alice dunnage help
    printed_line '^ +exec IMAGE'
}

@test "instances: start, list, exec in one container, stop" {
    run --separate-stderr alice dunnage instance start "$OPEN" box
    ran 0
    printed 'instance box started'
    run --separate-stderr alice dunnage instance start "$OPEN" box
    ran 2
    refused 'runs already'
    run --separate-stderr line "for i in 1 2; do dunnage exec instance://box readlink /proc/self/ns/mnt; done"
    ran 0
    [ "$(sort -u <<< "$output" | wc -l)" = 1 ] || saw
    run --separate-stderr alice dunnage instance list
    printed_line '^box +[0-9]+$'
    run --separate-stderr alice dunnage instance list --json
    ran 0
    [ "$(python3 -c 'import json,sys; o = json.loads(sys.stdin.read()); print(o["name"], o["pid"] > 1)' <<< "$output")" = "box True" ] || saw
    run --separate-stderr alice dunnage instance list --jsn
    ran 2
    refused 'list \[--json\] \[NAME\]'
    run --separate-stderr bob dunnage exec instance://box true
    ran 2
    refused 'does not run'
    run --separate-stderr alice dunnage instance stop box
    ran 0
    printed 'instance box stopped'
    run --separate-stderr alice dunnage instance stop box
    ran 2
    refused box
    all_gone
}

@test "instances: a refused image and bad names are told to the starter" {
    run --separate-stderr alice dunnage instance start /no/such.sif box
    ran 5
    refused 'does not exist'
    run --separate-stderr alice dunnage instance start "$OPEN" a/b
    ran 2
    refused "a/b"
    run --separate-stderr alice dunnage instance bogus
    ran 2
    refused 'start .*list .*stop'
    all_gone
}
