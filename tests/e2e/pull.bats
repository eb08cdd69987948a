#!/usr/bin/env bats
# Images from a registry in steps: pulled once, as the user, into a cache that the nodes share.

REGISTRY=node0:5000
SLOW=node0:5001
SLOWER=node0:5002
CACHE=/shared/open/cache-alice

setup_file() {
    load ../lib/e2e
    agents_on
    cp -r "$FIXTURES/site" "$BATS_FILE_TMPDIR/site"
    cat >> "$BATS_FILE_TMPDIR/site/dunnage.yaml" << YAML
registries: {insecure: [$REGISTRY, $SLOW, $SLOWER]}
image-cache: {directory: /shared/open/cache-%u, size: 1GiB}
YAML
    "$CLUSTER" site "$BATS_FILE_TMPDIR/site"
    node 0 "$CHECKOUT/tests/lib/registry/serve" /var/lib/registry 5000
    # the same registry by a narrow road
    node 0 sh -c 'printf "pid /run/slow.pid; events {} http { access_log off; proxy_set_header Host \$http_host;
        server { listen 5001; location / { proxy_pass http://127.0.0.1:5000; limit_rate 700k; } }
        server { listen 5002; location / { proxy_pass http://127.0.0.1:5000; limit_rate 50k; } } }" > /etc/slow.conf
        nginx -c /etc/slow.conf'
    alice dunnage push "$IMG/hello.sif" "oras://$REGISTRY/hpc/hello:1"
    node 0 sh -c 'mkdir -p /shared/open/layer/extra && echo "from the registry" > /shared/open/layer/extra/mark'
    node 0 "$CHECKOUT/tests/lib/registry/push-layers" "$REGISTRY" lib/hello 1 "$FIXTURES/roots/hello" /shared/open/layer
}

teardown_file() {
    load ../lib/e2e
    node 0 sh -c 'kill $(cat /var/lib/registry/pid) $(cat /run/slow.pid); rm -rf /shared/open/cache-* /shared/open/layer'
    "$CLUSTER" site "$FIXTURES/site"
}

setup() { load ../lib/e2e; }

forget() { node 0 rm -rf "$CACHE"; node 0 truncate -s 0 /var/lib/registry/registry.log; }
# asked PATTERN: how many requests there were since forget
asked() { node 0 grep -cE "\"GET /v2/.*$1" /var/lib/registry/registry.log || true; }
asks() { [ "$(asked "$1")" = "$2" ] || { echo "requests like $1: $(asked "$1"), expected $2"; node 0 grep '"[A-Z]* /v2/' /var/lib/registry/registry.log; return 1; }; }

@test "three nodes, one download; the next job asks nobody" {
    forget
    run --separate-stderr alice srun -N3 -n6 --container="oras://$REGISTRY/hpc/hello:1" cat /etc/os-release
    ran 0
    [ "$(grep -c 'Dunnage demo image hello' <<< "$output")" = 6 ] || saw
    asks '/blobs/' 1
    asks '/manifests/' 1
    node 0 truncate -s 0 /var/lib/registry/registry.log
    run --separate-stderr alice srun -N3 -n3 --container="oras://$REGISTRY/hpc/hello:1" true
    ran 0
    [ -z "$stderr" ] || saw
    asks '' 0
}

@test "who waits is told for whom" {
    forget
    run --separate-stderr alice srun -N3 -n3 --container="oras://$SLOW/hpc/hello:1" true
    ran 0
    grep -qE "dunnage: waiting for node[0-2], which is pulling oras://$SLOW/hpc/hello:1" <<< "$stderr" || saw
    asks '/blobs/' 1
}

@test "the cache is the user's own, and its files have their names only when they are whole" {
    forget
    run alice srun --container="oras://$REGISTRY/hpc/hello:1" true
    ran 0
    run node 0 stat -c '%U %a' "$CACHE"
    printed "alice 700"
    run node 0 find "$CACHE" -type f ! -user alice
    printed ""
    run node 0 sh -c "sha256sum $CACHE/images/*.sif | sed 's|  .*/| |'"
    [ "${output%% *}.sif" = "${output##* }" ] || saw
    run node 0 ls "$CACHE/partial"
    printed ""
}

@test "the pull runs as the user within the step, and ends with it" {
    forget
    run node 0 sh -c 'su alice -s /bin/sh -c "srun --container=oras://'"$SLOWER"'/hpc/hello:1 true" > /dev/null 2>&1 & echo started'
    retry 100 0.1 node 0 sh -c "ls $CACHE/partial/* > /dev/null 2>&1"
    local pid group
    pid=$(node 0 sh -c 'pgrep -u alice -f "pull --to-cache" | head -n 1')
    if [ -n "$pid" ] && [ -e "$BED/node0/cgroups" ]; then
        group=$(node 0 cat "/proc/$pid/cgroup")
        grep -q 'memory:.*/job_[0-9]*/step_' <<< "$group" || { echo "$group"; return 1; }
    fi
    alice scancel -u alice
    retry 20 0.1 sh -c "! '$CLUSTER' exec 0 pgrep -u alice -f 'pull --to-cache'"
    run node 0 ls "$CACHE/images"
    printed ""
    nodes_idle
}

@test "never: nothing is asked; always: what the tag means now, and no content twice" {
    forget
    run --separate-stderr alice srun --container-pull=never --container="oras://$REGISTRY/hpc/hello:1" true
    refused "oras://$REGISTRY/hpc/hello:1" 'not in the cache' 'dunnage pull'
    asks '' 0
    run alice srun --container="oras://$REGISTRY/hpc/hello:1" true
    ran 0
    run alice srun --container-pull=always --container="oras://$REGISTRY/hpc/hello:1" true
    ran 0
    asks '/manifests/' 2
    asks '/blobs/' 1
    run --separate-stderr alice srun --container-pull=sometimes --container="oras://$REGISTRY/hpc/hello:1" true
    refused '--container-pull=sometimes' 'missing, always or never'
    nodes_idle
}

@test "at submit: the job gets the digest, and finds the image in the cache" {
    forget
    run --separate-stderr alice srun --container-pull=submit --container="oras://$REGISTRY/hpc/hello:1" sh -c 'echo $SLURM_CONTAINER'
    ran 0
    printed_line "^oras://$REGISTRY/hpc/hello:1@sha256:[0-9a-f]{64}$"
    asks '/manifests/' 1
    run --separate-stderr alice srun --container-pull=submit --container="oras://$REGISTRY/hpc/nothing:1" true
    refused "oras://$REGISTRY/hpc/nothing:1" '404' 'check the name'
    run --separate-stderr whole_job -o /home/alice/out --container-pull=submit --container="oras://$REGISTRY/hpc/hello:1" \
        --wrap 'grep -h PRETTY /etc/os-release; srun sh -c "echo \$SLURM_CONTAINER"'
    ran 0
    run alice cat out
    printed_line 'Dunnage demo image hello'
    printed_line "hello:1@sha256:"
}

@test "nodes without a common cache: one download for the job by sbcast, none for the next job" {
    local content job="export DUNNAGE_CACHEDIR=/tmp/cache-alice; srun -n3 --container-pull=nodes --container="
    forget
    everywhere rm -rf /tmp/cache-alice
    run --separate-stderr whole_job -N3 -o /home/alice/out --wrap "${job}oras://$REGISTRY/hpc/hello:1 sh -c 'cat /etc/os-release; echo \$SLURM_CONTAINER'"
    run alice cat out
    [ "$(grep -c 'Dunnage demo image hello' <<< "$output")" = 3 ] || saw
    [ "$(grep -cE "hello:1@sha256:[0-9a-f]{64}$" <<< "$output")" = 3 ] || saw
    printed_line "dunnage: sending oras://$REGISTRY/hpc/hello:1 to the 3 nodes of the job"
    asks '/blobs/' 1
    asks '/manifests/' 1
    content=$(sha256sum "$BED/shared/images/hello.sif" | cut -d' ' -f1)
    run everywhere sh -c 'cd /tmp/cache-alice && stat -c "%U %a" . && find . ! -user alice -o -path "./partial/*" && cat images/*.sif | sha256sum'
    [ "$(grep -cx "$content  -" <<< "$output")" = 3 ] && [ "$(grep -cx 'alice 700' <<< "$output")" = 3 ] || saw
    [ "$(wc -l <<< "$output")" = 6 ] || saw
    node 0 truncate -s 0 /var/lib/registry/registry.log
    node 1 rm -rf /tmp/cache-alice
    for sent in 1 0; do
        run --separate-stderr whole_job -N3 -o /home/alice/out --wrap "${job}oras://$REGISTRY/hpc/hello:1 cat /etc/os-release"
        run alice cat out
        [ "$(grep -c 'Dunnage demo image hello' <<< "$output")" = 3 ] || saw
        [ "$(grep -c 'sending' <<< "$output")" = "$sent" ] || saw
    done
    asks '' 0
    run --separate-stderr alice srun -N3 --container-pull=nodes --container="oras://$REGISTRY/hpc/hello:1" true
    refused '--container-pull=nodes' 'srun inside of a job'
    run --separate-stderr alice dunnage pull --to-nodes "oras://$REGISTRY/hpc/hello:1"
    refused '--to-nodes' 'this is none'
    everywhere rm -rf /tmp/cache-alice
    nodes_idle
}

@test "layers are converted once, and run" {
    forget
    run --separate-stderr alice srun -N2 -n2 --container="docker://$REGISTRY/lib/hello:1" sh -c 'cat /extra/mark; echo $FROM_IMAGE'
    ran 0
    [ "$(grep -c 'from the registry' <<< "$output")" = 2 ] || saw
    printed_line '^yes$'
    asks '/blobs/' 3
    run node 0 ls "$CACHE/partial"
    printed ""
}

@test "what cannot be pulled is refused with the server's answer, and the nodes stay" {
    forget
    run --separate-stderr alice srun -N2 -n4 --container="oras://$REGISTRY/hpc/nothing:1" true
    [ "$status" -ne 0 ] || saw
    grep -q "oras://$REGISTRY/hpc/nothing:1: asking for the manifest: node0 answers with HTTP status 404" <<< "$stderr" || saw
    run --separate-stderr alice srun --container=shub://user/image true
    refused 'Singularity Hub is gone'
    run --separate-stderr alice srun --container=oras://nobody.invalid/a:1 true
    refused 'oras://nobody.invalid/a:1' 'name that nobody knows'
    nodes_idle
}

@test "rules by source: they forbid and choose whose signatures are wanted" {
    sed "s/@DEMO@/$(cat "$FIXTURES/keys/demo.fpr")/" > "$BATS_TEST_TMPDIR/policy.yaml" <<YAML
version: 1
rules:
  - {name: no layers, match: {source: docker://$REGISTRY}, deny: only images that somebody signed}
  - {name: registry, match: {source: oras://$REGISTRY/hpc}, mode: whitelist, keys: [@DEMO@]}
  - {name: others, deny: not from our registry}
YAML
    cp -r "$BATS_FILE_TMPDIR/site" "$BATS_TEST_TMPDIR/ruled"
    cp "$BATS_TEST_TMPDIR/policy.yaml" "$BATS_TEST_TMPDIR/ruled/"
    "$CLUSTER" site "$BATS_TEST_TMPDIR/ruled"
    forget
    alice dunnage push "$BAD/unsigned.sif" "oras://$REGISTRY/hpc/unsigned:1"
    run --separate-stderr alice srun --container="oras://$REGISTRY/hpc/hello:1" which-image
    ran 0
    printed 'image hello'
    run --separate-stderr alice srun --container="oras://$REGISTRY/hpc/unsigned:1" true
    refused "'registry'" 'not signed'
    run --separate-stderr alice srun --container="docker://$REGISTRY/lib/hello:1" true
    [ "$status" -ne 0 ] || saw
    grep -q "refused by rule 'no layers'.*somebody signed" <<< "$stderr" || saw # beside a line about the conversion
    run --separate-stderr alice srun --container="$IMG/hello.sif" true
    refused "'others'"
    "$CLUSTER" site "$BATS_FILE_TMPDIR/site"
    nodes_idle
}

@test "an image in use is not removed, and is afterwards" {
    forget
    run --separate-stderr alice bash -c "srun --container=docker://$REGISTRY/lib/hello:1 sleep 20 & until pgrep -u alice squashfuse > /dev/null; do sleep 0.2; done; dunnage cache clean; scancel -u alice; wait"
    grep -q 'is in use and stays' <<< "$stderr" || saw
    retry 50 0.1 sh -c "! '$CLUSTER' exec 0 pgrep -u alice squashfuse"
    run --separate-stderr alice dunnage cache clean
    printed_line '^removed 1 images'
    nodes_idle
}

@test "dunnage pull, list and verify on a login node" {
    forget
    run --separate-stderr alice dunnage pull -F copy.sif "oras://$REGISTRY/hpc/hello:1"
    ran 0
    [ -z "$stderr" ] || saw
    run alice cmp copy.sif "$IMG/hello.sif"
    ran 0
    run alice dunnage cache list
    printed_line "oras://$REGISTRY/hpc/hello:1"
    run alice dunnage cache verify
    ran 0
    printed_line '^sound '
}
