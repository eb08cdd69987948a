#!/usr/bin/env bats
# A user whose srun loads a client plugin of his own (tests/lib/bed/forger.c) in the place of ours, and whose launch message holds what he
# likes: he gains nothing, gets one line, and the node stays up.

setup_file() {
    load ../lib/e2e
    agents_on
    gcc -shared -fPIC -O1 -Wall -o "$BED/shared/open/forger.so" "$CHECKOUT/tests/lib/bed/forger.c"
    node 0 cat /etc/slurm/slurm.conf | alice sh -c 'cat > slurm.conf; echo PlugStackConfig=/home/alice/plugstack.conf >> slurm.conf
        echo required /shared/open/forger.so > plugstack.conf'
}
setup() { load ../lib/e2e; node 0 sh -c 'mkdir -p /home/alice/secret; echo secret > /home/alice/secret/f; chown root: /home/alice/secret; chmod 700 /home/alice/secret'; }
teardown() { site; node 0 rm -rf /home/alice/secret; }
teardown_file() { load ../lib/e2e; alice rm -f slurm.conf plugstack.conf; rm -f "$BED/shared/open/forger.so"; site; }

HELLO=/shared/images/hello.sif

# forged IMAGE ARGUMENT...: srun with the forger
forged() {
    local image=$1
    shift
    LIMIT=30 run --separate-stderr alice env SLURM_CONF=/home/alice/slurm.conf FORGE_CONTAINER="$image" srun -w node0 "$@"
    # names that are no text are told as they are
    stderr=$(tr -cd '\12\40-\176' <<< "$stderr")
}
filled() { head -c "$1" /dev/zero | tr '\0' "$2"; }

@test "the forger reaches the node: our own client would have refused this value" {
    forged "$HELLO" --container-mpi=none which-image
    [ "$status" = 0 ] || refused 'container-mpi'
    forged "$HELLO" --container-mpi=surprise which-image
    refused 'container-mpi=surprise'
    run --separate-stderr alice srun -w node0 --container="$HELLO" --container-mpi=surprise which-image
    [ "$status" -ne 0 ]
    nodes_idle
}

@test "images of odd names: too long, control bytes, no UTF-8, other kinds of files" {
    local image
    for image in $'/shared/images/hello.sif\n/shared/bad/unsigned.sif' $'a\rb' "$(filled 5000 x)" "/$(filled 40000 y)" $'/\xff\xfe\x80.sif' \
        "/shared/images/../bad/unsigned.sif" /proc/self/mem /proc/self/fd/0 /dev/zero /dev/fuse /etc/shadow /home/alice/secret/f /shared/images \
        '%n%s%n%s' "$(filled 200 ../)" 'file:' ' '; do
        forged "$image" which-image
        refused ..
        printed ''
    done
    nodes_idle
}

@test "mounts of odd form: over the programs of the image, too many, too long, of what the user may not see" {
    local mounts
    for mounts in /home/alice/secret:/mnt /etc/shadow:/mnt "/shared/open:$(filled 5000 x)" "$(filled 120000 x)" 'x:y' ':' '/shared/open:/../../etc' \
        $'/shared/open:/mnt\x01' '/shared/open:/' /shared/open:/proc/self/root/tmp "/shared/open:/mnt:rw,suid,dev"; do
        forged "$HELLO" --container-mounts="$mounts" cat /mnt/f
        [ "$status" -ne 0 ] && [ "$status" -ne 124 ] || saw
        printed ''
    done
    nodes_idle
}

@test "other options: whatever they say, the step runs the signed image as the user, or is refused" {
    local option
    for option in --container-workdir=$'\x01\x02' "--container-workdir=$(filled 9000 /)" --container-pull=$'always,\x7f' --container-env='=x' \
        --container-env=$'LD_PRELOAD=/shared/open/forger.so\nA' "--container-env=$(filled 100000 ,)" --container-no-env='=' \
        "--container-no-env=$(filled 60000 '*')" --container-mount-home=x --container-writable=99999 --container-remap-root=1 --container-account=root \
        --container-scope=$'\x01' --container-unshare=pid "--container-unshare=$(filled 60000 ,)" --container-hostname=$'a\nb' "--container-hostname=$(filled 90000 x)" \
        --container-network=../../etc/x --container-network=$'a\nb' "--container-network=$(filled 60000 ,)" "--container-network-args=$(filled 60000 ';')" \
        "--container-network-args=portmap=1:1/tcp$(filled 5000 x)" "--container-overlay=$(filled 60000 ,)" --container-overlay=:ro "--container-overlay=/$(filled 9000 x)" "--container-name=$(filled 60000 x)" --container-name=../../etc/x \
        --container-name=$'a\nb' --container-save=/shared/open/x; do
        forged "$HELLO" "$option" sh -c '/usr/local/bin/which-image; id -u; grep -E "CapEff|CapBnd|NoNewPrivs" /proc/self/status'
        [ "$status" -ne 124 ] || saw
        if [ "$status" = 0 ]; then
            printed_line '^image hello$'
            printed_line '^2001$'
            [ "$(grep -cE '^Cap(Eff|Bnd):.0000000000000000$' <<< "$output")" = 2 ] || saw
            printed_line 'NoNewPrivs:.1'
        else
            printed_no 'image'
        fi
    done
    nodes_idle
}

@test "who is asking: account, partition, user, store, agent and policy are not the client's to tell" {
    { printf 'version: 1\nrules:\n  - {name: physics alone, match: {account: physics, partition: debug}, mode: whitelist, keys: [%s]}\n' "$(cat "$FIXTURES/keys/demo.fpr")"
        printf '  - {name: others, deny: not your account}\n'; } > "$BATS_TEST_TMPDIR/policy.yaml"
    site "$BATS_TEST_TMPDIR/policy.yaml"
    local lies='SLURM_JOB_ACCOUNT=physics SLURM_JOB_PARTITION=debug SPANK_SLURM_JOB_ACCOUNT=physics SLURM_SPANK_ACCOUNT=physics
        _SLURM_SPANK_OPTION_dunnage_account=physics DUNNAGE_POLICY=/shared/open/p.yaml DUNNAGE_AGENT_SOCKET=/shared/open/s DUNNAGE_STORE=/shared/open
        DUNNAGE_JAVA=/shared/open/java DUNNAGE_ACCOUNT=physics SLURM_JOB_UID=0 SLURM_JOB_USER=root LD_PRELOAD=/shared/open/forger.so'
    # shellcheck disable=SC2086  # a list of words
    LIMIT=30 run --separate-stderr alice env $lies SLURM_CONF=/home/alice/slurm.conf FORGE_CONTAINER="$HELLO" srun -w node0 -A chemistry which-image
    refused others 'not your account'
    LIMIT=30 run --separate-stderr alice env SLURM_CONF=/home/alice/slurm.conf FORGE_CONTAINER="$HELLO" srun -w node0 -A physics which-image
    ran 0
    printed 'image hello'
    nodes_idle
}

@test "the record outlives a restart of slurmd; without it, as after a reboot, rules about it refuse, and the next job has one" {
    { printf 'version: 1\nrules:\n  - {name: physics alone, match: {account: physics}, mode: whitelist, keys: [%s]}\n' "$(cat "$FIXTURES/keys/demo.fpr")"
        printf '  - {name: others, deny: not your account}\n'; } > "$BATS_TEST_TMPDIR/policy.yaml"
    site "$BATS_TEST_TMPDIR/policy.yaml"
    alice rm -f next reboot.out
    alice sbatch --parsable -A physics -w node0 -o restart.out --wrap \
        "while [ ! -e next ]; do sleep 0.1; done; srun --container=$HELLO which-image; rm next; while [ ! -e next ]; do sleep 0.1; done; srun --container=$HELLO which-image; echo status \$?" > "$BATS_TEST_TMPDIR/job"
    retry 100 0.1 node 0 test -e "/run/dunnage-jobs/$(cat "$BATS_TEST_TMPDIR/job")"
    slurmd_anew 0
    alice touch next
    retry 200 0.1 gone next
    run alice cat restart.out
    printed_line '^image hello$'
    # /run is empty after a reboot
    node 0 sh -ec 'pid=$(cat /run/slurmd.pid); kill $pid; while kill -0 $pid 2>/dev/null; do sleep 0.1; done; rm -rf /run/dunnage-jobs; slurmd' < /dev/null
    alice touch next
    retry 200 0.1 no_jobs
    run alice cat restart.out
    [ "$(grep -c '^image hello$' <<< "$output")" = 1 ] || saw
    printed_line 'physics alone.*account'
    printed_line '^status [1-9]'
    nodes_idle
    run --separate-stderr alice srun -A physics -w node0 --container="$HELLO" which-image
    ran 0
    [ "$(node 0 stat -c '%U %a' /run/dunnage-jobs)" = 'root 700' ]
    alice rm -f next restart.out
    nodes_idle
}
gone() { ! alice test -e "$1"; }
no_jobs() { [ -z "$(alice squeue -h)" ]; }
