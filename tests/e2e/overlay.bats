#!/usr/bin/env bats
# Layers that users lay over the image of a step, and what is kept in them.

setup_file() { load ../lib/e2e; agents_on; }
setup() {
    load ../lib/e2e
    LIMIT=40
    alice sh -c 'rm -rf ov ov2 && mkdir ov ov2'
}
teardown() { alice scancel -u alice; site; }

HELLO=--container=/shared/images/hello.sif
UNTRUSTED=--container=/shared/open/hello.sif
nothing_left() {
    nodes_idle
    everywhere sh -c '! pgrep -x squashfuse_ll; ! grep -rs "^overlay.*upperdir=/proc/self/fd" /proc/*/mounts'
}

@test "--container-overlay keeps what is written to the root; :ro shows it, and takes no more" {
    local image
    for image in "$HELLO" "$UNTRUSTED"; do
        alice sh -c 'rm -rf ov && mkdir ov'
        run --separate-stderr alice srun -w node0 -n2 "$image" --container-overlay=/home/alice/ov sh -c 'echo kept > /new; mkdir -p /opt-of-mine/sub; id -u; which-image'
        ran 0
        [ "$(sort -u <<< "$output")" = $'2001\nimage hello' ] || saw
        [ "$(alice cat ov/upper/new)" = kept ]
        [ "$(alice stat -c %U ov/upper ov/work ov/upper/new ov/upper/opt-of-mine/sub | sort -u)" = alice ]
        run --separate-stderr alice srun -w node1 "$image" --container-overlay=ov:ro sh -c 'cat /new; touch /more'
        [ "$status" -ne 0 ] || saw
        printed kept
        grep -q 'Read-only file system' <<< "$stderr" || saw
        run --separate-stderr alice srun -w node1 "$image" --container-overlay=ov sh -c 'cat /new; rm /new; rm -r /opt-of-mine; ls / | grep -c mine'
        printed $'kept\n0'
        run --separate-stderr alice srun "$image" --container-overlay=ov:ro ls /new
        [ "$status" -ne 0 ] || saw
    done
    # nothing of ours lies in the user's directory: no mount points, no account files, nothing of root's
    [ -z "$(alice find ov/upper -mindepth 1 ! -type c)" ] || { alice find ov/upper -ls; false; }
    [ -z "$(alice find ov ! -user alice)" ] || { alice find ov -ls; false; }
    nothing_left
}

@test "the layer's maker's rights are the user's: neither the image's files nor others' directories become his" {
    run --separate-stderr alice srun "$HELLO" --container-overlay=ov sh -c 'touch /bin/mine; echo x >> /etc/os-release; rm -f /bin/busybox; which-image'
    printed 'image hello'
    [ "$(grep -c 'ermission denied' <<< "$stderr")" -ge 2 ] || saw
    node 0 install -d -o bob -g bob -m 755 /shared/open/bobs
    run --separate-stderr alice srun "$HELLO" --container-overlay=/shared/open/bobs true
    refused 'overlay' 'yours' ':ro'
    node 0 install -d -o bob -g bob -m 700 /shared/open/bobs/closed
    run --separate-stderr alice srun "$HELLO" --container-overlay=/shared/open/bobs/closed:ro true
    refused '/shared/open/bobs/closed' 'denied'
    node 0 sh -c 'echo secret > /shared/open/bobs/file; chmod 600 /shared/open/bobs/file; chown bob /shared/open/bobs/file'
    run --separate-stderr alice srun "$HELLO" --container-overlay=/shared/open/bobs:ro cat /file
    [ "$status" -ne 0 ] || saw
    printed ''
    # 'upper' may not lead elsewhere
    alice ln -s /shared/open ov2/upper
    run --separate-stderr alice srun "$HELLO" --container-overlay=ov2 true
    refused 'overlay'
    node 0 rm -rf /shared/open/bobs
    nothing_left
}

@test "several layers: the first one named lies on top, and the one that is written to over all; a squashfs file; setuid programs give no rights" {
    alice sh -c 'mkdir -p a b; echo a > a/which; echo a > a/only-a; echo b > b/which; echo b > b/only-b'
    run --separate-stderr alice srun "$HELLO" --container-overlay=a:ro,b:ro,ov sh -c 'cat /which /only-a /only-b; echo c > /which; cat /which'
    ran 0
    printed $'a\na\nb\nc'
    [ "$(alice cat a/which)" = a ]
    alice sh -c 'mksquashfs a a.sqfs -quiet -no-progress > /dev/null'
    run --separate-stderr alice srun "$HELLO" --container-overlay=a.sqfs:ro cat /which
    ran 0
    printed a
    run --separate-stderr alice srun "$HELLO" --container-overlay=a.sqfs true
    refused 'squashfs' ':ro'
    alice rm -rf a b a.sqfs
    nothing_left
}

@test "one that is written to serves one step on one node" {
    alice srun -w node0 "$HELLO" --container-overlay=ov sh -c 'echo up; sleep 30' > "$BATS_TEST_TMPDIR/first" 2>&1 &
    retry 100 0.1 grep -q up "$BATS_TEST_TMPDIR/first"
    run --separate-stderr alice srun -w node1 "$HELLO" --container-overlay=ov true
    refused '/?ov' 'in use' ':ro'
    run --separate-stderr alice srun -w node0 -O --overlap "$HELLO" --container-overlay=ov:ro true
    refused '/?ov' 'in use'
    alice scancel -u alice
    wait || true
    retry 50 0.1 overlay_is_free
    # many may read
    run --separate-stderr alice srun -N2 -n2 "$HELLO" --container-overlay=ov:ro which-image
    ran 0
    # a step on two nodes has one directory for both
    run --separate-stderr alice srun -N2 -n2 "$HELLO" --container-overlay=ov sleep 1
    [ "$status" -ne 0 ] || saw
    grep -q 'in use by another container' <<< "$stderr" || saw
    nothing_left
}
overlay_is_free() { alice srun -w node1 "$HELLO" --container-overlay=ov true; }

@test "the site's rule decides, and bad values are told where the user waits" {
    printf 'version: 1\nrules:\n  - {name: plain, mode: open, grant: {overlay: false}}\n' > "$BATS_TEST_TMPDIR/policy.yaml"
    site "$BATS_TEST_TMPDIR/policy.yaml"
    run --separate-stderr alice srun "$HELLO" --container-overlay=ov true
    refused '--container-overlay' "'plain'"
    site
    run --separate-stderr alice srun "$HELLO" --container-overlay=ov:rw true
    refused '--container-overlay=ov:rw' 'DIR:ro'
    run --separate-stderr alice srun "$HELLO" --container-overlay=ov,ov2 true
    refused '--container-overlay=ov,ov2' 'one of them without'
    run --separate-stderr alice srun "$HELLO" --container-overlay= true
    refused '--container-overlay=' 'DIR:ro'
    run --separate-stderr alice srun "$HELLO" --container-overlay=/no/such true
    refused '/no/such'
    run --separate-stderr alice srun "$HELLO" --container-save=/home/alice/new.sif true
    refused '--container-save' '--container-overlay' 'dunnage build'
    run --separate-stderr alice srun --container-overlay=ov true
    refused 'without --container'
    nodes_idle
}

@test "an overlay partition in the image itself is not shown, and a line says what to do" {
    node 0 sh -ec 'cp /shared/images/hello.sif /shared/open/own-overlay.sif && chmod 644 /shared/open/own-overlay.sif
        mkdir /tmp/layer; echo hidden > /tmp/layer/hidden; mksquashfs /tmp/layer /tmp/layer.sqfs -quiet > /dev/null
        /opt/dunnage/bin/dunnage sif add --type partition --partition overlay /shared/open/own-overlay.sif /tmp/layer.sqfs; rm -r /tmp/layer /tmp/layer.sqfs'
    run --separate-stderr alice srun -w node0 --container=/shared/open/own-overlay.sif sh -c 'which-image; ls /hidden'
    printed 'image hello'
    grep -q "dunnage: the overlay partition of image /shared/open/own-overlay.sif is not shown.*'dunnage sif dump 4 IMAGE'.*--container-overlay=DIR:ro" <<< "$stderr" || saw
    run --separate-stderr alice srun -w node0 "$UNTRUSTED" which-image
    ran 0
    complained_not 'overlay partition'
    node 0 rm /shared/open/own-overlay.sif
    nothing_left
}
