#!/usr/bin/env bats
# dunnage build by users without root: definition files, references, trees; what is left when it fails or is killed.

PORT=5610
PLAIN=127.0.0.1:$PORT

setup_file() {
    load ../lib/shell
    "$CHECKOUT/tests/lib/registry/serve" "$BATS_FILE_TMPDIR/plain" "$PORT"
    machine sh -c "printf 'version: 1\nregistries: {insecure: [\"$PLAIN\"]}\n' > /etc/dunnage/dunnage.yaml; chmod 644 /etc/dunnage/dunnage.yaml"
    line "dunnage push $OPEN oras://$PLAIN/hpc/hello:1"
    "$CHECKOUT/tests/lib/registry/push-layers" "$PLAIN" lib/hello 1 "$FIXTURES/roots/hello"
    line "mkdir -p build && cp /bin/busybox build/ && mkdir -p build/tmp"
    machine sh -c 'printf "" > /etc/subuid; printf "" > /etc/subgid'
}

teardown_file() {
    load ../lib/shell
    kill "$(cat "$BATS_FILE_TMPDIR/plain/pid")"
    machine sh -c 'rm -rf /etc/dunnage/* /home/*/.dunnage /home/alice/build; : > /etc/subuid; : > /etc/subgid'
}

setup() { load ../lib/shell; }

# definition NAME: standard input as a definition file of alice
definition() { alice sh -c "cat > build/$1"; }
# make ARG...: dunnage build in that directory, with its trees beside
make() { line "cd build && DUNNAGE_TMPDIR=\$PWD/tmp dunnage build $*"; }
clean() { [ -z "$(line 'ls -A build/tmp')" ] || { line 'ls -lA build/tmp'; return 1; }; }
# failed STATUS WORD...: the last line of ours has all the words
failed() {
    local word last
    ran "$1"
    shift
    last=$(grep '^dunnage: ' <<< "$stderr" | tail -n 1)
    for word in "$@"; do grep -qF -- "$word" <<< "$last" || { echo "expected in the last line: $word"; saw; return 1; }; done
}

@test "localimage: all sections, and what they leave in the image" {
    line 'cd build && mkdir -p data/sub && echo one > data/sub/a && echo two > "data/b c" && ln -sf sub/a data/link'
    definition all.def << 'DEF'
# a comment
Bootstrap: localimage
From: /images/hello-unsigned.sif   # the base

%arguments
    GREETING = hello
    OTHER="unused default"

%setup
    echo "set up by $(id -u)" > "$APPTAINER_ROOTFS/set-up"

%files
    data /opt/data
    "data/b c" /etc/b\ c
    data/s*/a /opt/

%post -c /bin/sh
    id -u > /post-id
    touch /opt/owned && chown 5:7 /opt/owned
    mknod /opt/device c 1 3
    echo 'export FROM_POST=post' >> "$APPTAINER_ENVIRONMENT"
    echo "by.post yes" >> "$APPTAINER_LABELS"
    echo "{{ GREETING }} from post" > /greeting

%environment
    export NAMED="{{GREETING}}"

%runscript
    echo "run $NAMED $FROM_POST: $*"

%startscript
    echo started

%test
    test -e /greeting

%labels
    Author  Some One
    version 1.2 beta

%help
    How to use it.

%appinstall plot
    echo "installed in $PWD" > here
%appenv plot
    PLOT=yes; export PLOT
%apprun plot
    echo "plot $PLOT $(cat $SCIF_APPROOT/here)"
DEF
    run --separate-stderr make --build-arg GREETING=hi all.sif all.def
    ran 0
    printed_line '^built all.sif$'
    clean
    run --separate-stderr line 'cd build && dunnage run all.sif one two'
    ran 0
    printed 'run hi post: one two'
    run --separate-stderr line 'cd build && dunnage run --app plot all.sif'
    ran 0
    printed 'plot yes installed in /scif/apps/plot'
    run --separate-stderr line 'cd build && dunnage exec all.sif sh -c "cat /greeting /set-up /post-id /opt/data/sub/a /opt/data/link \"/etc/b c\" /opt/a; ls /opt/device; ls -a / | grep dunnage-build"'
    printed_line '^hi from post$'
    printed_line '^set up by 0$'
    [ "$(grep -c '^one$' <<< "$output")" = 3 ] || saw
    printed_line '^two$'
    [ "$(grep -c 'dunnage-build' <<< "$output")" = 0 ] || saw
    run --separate-stderr line 'cd build && dunnage inspect --labels --helpfile --deffile all.sif && dunnage sif list all.sif && dunnage test all.sif'
    ran 0
    printed_line 'Author: Some One'
    printed_line 'version: 1.2 beta'
    printed_line 'by.post: yes'
    printed_line 'deffile.bootstrap: localimage'
    printed_line 'How to use it'
    printed_line 'hi from post'
    printed_line 'Def.FILE|Definition'
    run --separate-stderr make all.sif all.def
    failed 2 'all.sif exists' '--force'
}

@test "library: a base from a container library; arguments from a file; sections by name" {
    local lib=127.0.0.1:5611 d=$BATS_FILE_TMPDIR
    (exec 3>&- 4>&-; setsid "$CHECKOUT/tests/lib/registry/library" 5611 "$d/library.log" < /dev/null > "$d/library.err" 2>&1 & echo $! > "$d/library.pid")
    retry 50 0.1 bash -c '(: < /dev/tcp/127.0.0.1/5611) 2> /dev/null'
    machine sh -c "printf 'version: 1\nregistries: {insecure: [\"$PLAIN\", \"$lib\"]}\n' > /etc/dunnage/dunnage.yaml"
    line "dunnage push $OPEN library://$lib/group/apps/base:1"
    definition lib.def << DEF
Bootstrap: library
Library: http://$lib
From: group/apps/base:1
%arguments
    ONE=default
    TWO=default
    THREE=default
%post
    echo "{{ ONE }} {{ TWO }} {{ THREE }}" > /values
%runscript
    cat /values
%test
    test -e /values
DEF
    line 'cd build && printf "# values\nONE=from file\nTWO=from file\n" > values'
    run --separate-stderr make --build-arg-file values --build-arg TWO=given lib.sif lib.def
    ran 0
    run --separate-stderr line 'cd build && dunnage run lib.sif'
    printed 'from file given default'
    grep -q '/v1/imagefile/group/apps/base:1' "$d/library.log" || { cat "$d/library.log"; return 1; }
    run --separate-stderr make --section runscript,files lib2.sif lib.def
    ran 0
    run --separate-stderr line 'cd build && dunnage exec lib2.sif test -e /values'
    ran 1
    run --separate-stderr line 'cd build && dunnage inspect --runscript lib2.sif'
    printed_line 'cat /values'
    run --separate-stderr make --section posts lib3.sif lib.def
    failed 2 '--section posts' 'post'
    run --separate-stderr make --build-arg-file lib.def lib3.sif lib.def
    failed 2 'lib.def:1: Bootstrap: library' 'NAME=VALUE'
    kill "$(cat "$d/library.pid")"
    machine sh -c "printf 'version: 1\nregistries: {insecure: [\"$PLAIN\"]}\n' > /etc/dunnage/dunnage.yaml"
    clean
}

@test "stages: from docker and oras, copied from one to the other; scratch has no shell" {
    definition stages.def << DEF
Bootstrap: docker
Registry: $PLAIN
Namespace: lib
From: hello:1
Stage: first
%post
    mkdir -p /made && echo "by the first stage" > /made/file && ln -s /made/file /made/link
    ln -s /made /elsewhere

Bootstrap: oras
From: $PLAIN/hpc/hello:1
%files from first
    /elsewhere/file /copied
    /made /opt/made
%post
    cat /copied
DEF
    run --separate-stderr make stages.sif stages.def
    ran 0
    printed_line '^by the first stage$'
    clean
    run --separate-stderr line 'cd build && dunnage exec stages.sif sh -c "cat /copied /opt/made/link; readlink /opt/made/link; ls /made"'
    printed_line '^by the first stage$'
    printed_line '^/made/file$'
    grep -q 'No such file' <<< "$stderr" || saw
    definition scratch.def << 'DEF'
Bootstrap: scratch
%files
    busybox /bin/busybox
    busybox /bin/sh
%runscript
    echo from scratch
DEF
    run --separate-stderr make --notest scratch.sif scratch.def
    ran 0
    run --separate-stderr line 'cd build && dunnage run scratch.sif'
    ran 0
    printed 'from scratch'
    printf 'Bootstrap: scratch\n\n%%post\n    true\n' | definition bare.def
    run --separate-stderr make bare.sif bare.def
    failed 7 'bare.def:3' 'no /bin/sh'
    clean
}

@test "references, images and trees as a source; a tree as the result; signed before it has its name" {
    run --separate-stderr make "pulled.sif docker://$PLAIN/lib/hello:1 && dunnage exec build/pulled.sif true || dunnage exec pulled.sif true"
    ran 0
    run --separate-stderr make "oras.sif oras://$PLAIN/hpc/hello:1 && cmp oras.sif $OPEN && dunnage build copy.sif oras.sif && cmp copy.sif oras.sif"
    ran 0
    run --separate-stderr make "--sandbox tree $OPEN && echo mark > tree/mark && dunnage build again.sif tree && dunnage exec again.sif cat /mark"
    ran 0
    printed_line '^mark$'
    run --separate-stderr line 'cd build && dunnage key newpair --name A --email a@example.org --no-passphrase > /dev/null && DUNNAGE_TMPDIR=$PWD/tmp dunnage build --sign signed.sif scratch.def && dunnage verify signed.sif'
    ran 0
    # with two keys the place in the list of keys names one
    run line 'cd build && dunnage key newpair --name B --email b@example.org --no-passphrase > /dev/null && for i in 0 1; do
        DUNNAGE_TMPDIR=$PWD/tmp dunnage build --sign --keyidx $i place$i.sif scratch.def && dunnage verify place$i.sif; done'
    ran 0
    printed_line 'a@example.org'
    printed_line 'b@example.org'
    run --separate-stderr make "--sign --keyidx 2 never.sif scratch.def"
    failed 2 'counted from 0'
    run --separate-stderr make "--sign --key nothing.sec never.sif scratch.def"
    [ "$status" -ne 0 ] || saw
    run line 'ls -A build | grep never'
    [ "$status" = 1 ] || saw
    clean
}

@test "what is wrong with a definition is told with its line, and nothing is left" {
    local text words
    while IFS='|' read -r text words; do
        # shellcheck disable=SC2059  # with line ends
        printf "$text" | definition bad.def
        run --separate-stderr make bad.sif bad.def
        # shellcheck disable=SC2086  # words
        failed 2 $words
    done << 'LINES'
From: x\n|bad.def:1 Bootstrap
Bootstrap: yum\nFrom: x\n|bad.def:1 yum docker
Bootstrap: docker\n|bad.def:1 From
Bootstrap: scratch\nColour: red\n|bad.def:2 Colour
Bootstrap: scratch\n%%pots\n|bad.def:2 pots
Bootstrap: scratch\n%%post\necho {{ X }}\n|bad.def:3 X --build-arg
Bootstrap: scratch\n%%files from one\na b\n|bad.def:2 one
Bootstrap: scratch\n%%files\nabsent /x\n|bad.def:3 absent
LINES
    printf 'Bootstrap: localimage\nFrom: %s\n%%post\n    echo before\n    cd /absent\n' "$OPEN" | definition bad.def
    run --separate-stderr make bad.sif bad.def
    ran 7
    grep -q 'bad.def:3: %post ended with status' <<< "$stderr" || saw
    grep -qE '/post: .*5: ' <<< "$stderr" || saw
    printf 'Bootstrap: localimage\nFrom: %s\n%%test\n    false\n' "$OPEN" | definition bad.def
    run --separate-stderr make bad.sif bad.def
    ran 7
    grep -q 'bad.def:3: %test ended with status 1' <<< "$stderr" || saw
    run --separate-stderr make -T bad.sif bad.def
    ran 0
    run --separate-stderr make 'x.sif /absent'
    failed 5 /absent
    clean
}

@test "links of a base image lead nowhere outside of it" {
    line 'cd build && rm -rf evil outside && mkdir -p evil/bin evil/etc outside && cp busybox evil/bin/sh && ln -s "$PWD/outside" evil/opt && ln -s "$PWD/outside/resolv" evil/etc/resolv.conf && echo x > new'
    printf 'Bootstrap: localimage\nFrom: evil\n%%files\n    new /opt/new\n%%post\n    /bin/sh -c "test -e /opt/new"\n' | definition evil.def
    run --separate-stderr make evil.sif evil.def
    [ "$(line 'ls -A build/outside')" = "" ] || { line 'ls -lA build/outside'; saw; }
    line 'cd build && ln -s "$PWD/outside" evil/.singularity.d'
    run --separate-stderr make -F evil.sif evil.def
    failed 7 '.singularity.d' 'link'
    [ "$(line 'ls -A build/outside')" = "" ] || saw
    clean
}

@test "interrupted and killed builds end their programs; what a killed one leaves the next one removes" {
    printf 'Bootstrap: localimage\nFrom: %s\n%%post\n    sleep 1000 &\n    echo begun > /begun\n    sleep 1001\n' "$OPEN" | definition slow.def
    run line 'cd build && export DUNNAGE_TMPDIR=$PWD/tmp; env --default-signal=INT dunnage build slow.sif slow.def & until [ -e tmp/.dunnage-def*/stage0/begun ]; do sleep 0.1; done; pkill -INT -u alice java; wait $!; ls -A | grep slow.sif; pgrep -u alice sleep'
    [ "$status" = 1 ] || saw
    clean
    run line 'cd build && export DUNNAGE_TMPDIR=$PWD/tmp; dunnage build slow.sif slow.def & until [ -e tmp/.dunnage-def*/stage0/begun ]; do sleep 0.1; done; pkill -KILL -u alice java; wait $!; sleep 0.5; pgrep -u alice sleep; touch -d "-2 minutes" tmp/.dunnage-def*/lock'
    ran 0
    grep -qE '^[0-9]+$' <<< "$output" && saw
    run --separate-stderr make -F scratch2.sif scratch.def
    ran 0
    grep -q 'which a killed build has left' <<< "$stderr" || saw
    clean
    all_gone
}

@test "dunnage gc removes what a killed build has left, and nothing of one at work" {
    printf 'Bootstrap: localimage\nFrom: %s\n%%post\n    mkdir -p /locked && chmod 0 /locked && ln -s /images /locked-link; echo begun > /begun\n    sleep 1001\n' "$OPEN" | definition slow.def
    line 'cd build && { dunnage build slow.sif slow.def > /dev/null 2>&1 & } && until [ -e /tmp/.dunnage-def*/stage0/begun ]; do sleep 0.1; done; touch -d "-2 minutes" /tmp/.dunnage-def*/lock'
    run machine dunnage gc
    printed_no 'removed build'
    line 'pkill -KILL -u alice java; sleep 0.5; ls -d /tmp/.dunnage-def*'
    run machine dunnage gc -n
    printed_line '^would remove build /tmp/.dunnage-definition-'
    run machine dunnage gc
    printed_line '^removed build /tmp/.dunnage-definition-'
    [ -z "$(line 'ls -A /tmp | grep dunnage-def')" ]
    machine test -e /images/hello.sif
    all_gone
}

@test "with subordinate ids files keep their owners" {
    machine sh -c 'command -v newuidmap' > /dev/null || skip "SKIPPED: no newuidmap (package uidmap)"
    machine sh -c 'echo alice:200000:65536 > /etc/subuid; echo alice:200000:65536 > /etc/subgid'
    printf 'Bootstrap: localimage\nFrom: %s\n%%post\n    echo x > /owned; chown 5:7 /owned; mkdir -m 700 /own; chown 5 /own\n' "$OPEN" | definition ids.def
    run --separate-stderr make ids.sif ids.def
    machine sh -c ': > /etc/subuid; : > /etc/subgid'
    ran 0
    clean
    run --separate-stderr line "cd build && unsquashfs -o \$(dunnage sif list --json ids.sif | sed -n 's/.*\"offset\":\([0-9]*\).*\"partition\":\"\*System\".*/\1/p') -lln ids.sif owned"
    printed_line ' 5/7 .*owned'
}

@test "root builds as well, and a Debian by debootstrap" {
    run --separate-stderr machine sh -c "cd /tmp && DUNNAGE_TMPDIR=/tmp dunnage build -F root.sif /home/alice/build/ids.def && rm root.sif && ls -A /tmp | grep dunnage-def"
    [ "$status" = 1 ] || saw
    [ "$DUNNAGE_TESTS_FULL" = 1 ] || skip "SKIPPED: a Debian from the network is made with --full only"
    printf 'Bootstrap: debootstrap\nOSVersion: bookworm\nMirrorURL: http://deb.debian.org/debian\nInclude: less\n%%post\n    apt-get -q -y install hello\n%%test\n    hello\n' | definition debian.def
    LIMIT=600 run --separate-stderr make debian.sif debian.def
    ran 0
    printed_line 'Hello, world'
}
