# Loaded by tests/interop/*.bats: a home directory that we and another tool share, and checks that say what they saw.
# shellcheck shell=bash
# shellcheck disable=SC2154  # status and output are set by run

bats_require_minimum_version 1.5.0
# shellcheck source=tests/lib/common.bash
. "$(dirname "${BASH_SOURCE[0]}")/common.bash"

SHARED=$BATS_FILE_TMPDIR/home

# make_home: the directory, with a tree of a container in it
make_home() {
    mkdir -p "$SHARED"
    chmod 755 "$BATS_FILE_TMPDIR" "$SHARED"
    make_tree "$SHARED/tree"
    hand_over
}

make_tree() {
    local applet t=$1
    mkdir -p "$t"/{bin,dev,etc,home,proc,root,sys,tmp,var/tmp,.singularity.d/env}
    cp /bin/busybox "$t/bin/"
    for applet in sh cat echo ls true env; do ln -sf busybox "$t/bin/$applet"; done
    printf '#!/bin/sh\necho "run: $*"\n' > "$t/.singularity.d/runscript"
    printf 'export FROM_IMAGE=yes\n' > "$t/.singularity.d/env/90-environment.sh"
    printf '{"made.by": "a test"}\n' > "$t/.singularity.d/labels.json"
    printf 'Bootstrap: scratch\n' > "$t/.singularity.d/Singularity"
    printf 'only in the image\n' > "$t/etc/mark"
    chmod 755 "$t/.singularity.d/runscript" "$t/.singularity.d/env/90-environment.sh"
}

# hand_over: what we made belongs to the other tool's user too
hand_over() { chown -R 2003:2003 "$SHARED"; }

# ours ARG...: our command, in the shared directory and with its keys
ours() { (cd "$SHARED" && HOME=$SHARED timeout -k 5 60 "$PREFIX/bin/dunnage" "$@" < /dev/null) && hand_over; }

# as_user ARG...: our command as an ordinary user, in the shared directory, where /dev/fuse is open to users
as_user() {
    [ -e "$BATS_FILE_TMPDIR/fuse" ] || { mknod "$BATS_FILE_TMPDIR/fuse" c 10 229 && chmod 666 "$BATS_FILE_TMPDIR/fuse"; }
    # shellcheck disable=SC2016  # for the inner shell
    timeout -k 5 60 unshare --mount --propagation private bash -euc '
        mount --bind "$1" /dev/fuse
        mount --bind "$2" /opt
        mount --bind "$3" /mnt
        shift 3
        cd /mnt
        exec setpriv --reuid 2003 --regid 2003 --clear-groups --inh-caps=-all \
            env -i PATH=/usr/bin:/bin HOME=/mnt LC_ALL=C.UTF-8 /opt/bin/dunnage "$@"
    ' - "$BATS_FILE_TMPDIR/fuse" "$PREFIX" "$SHARED" "$@"
}

# theirs COMMAND...: a command of the other tool's tree
theirs() { timeout -k 5 120 "$CHECKOUT/tests/lib/tree" apptainer "$SHARED" "$@"; }

saw() { printf 'status: %s\n%s\n' "$status" "$output"; return 1; }
ran() { [ "$status" -eq "$1" ] || { echo "expected status $1"; saw; }; }
failed() { [ "$status" -ne 0 ] || { echo "expected a failure"; saw; }; }
said() { grep -qE -- "$1" <<< "$output" || { echo "expected a line: $1"; saw; }; }
