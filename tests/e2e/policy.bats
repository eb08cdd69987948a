#!/usr/bin/env bats
# Site rules under Slurm: who, from which account and partition, which content, which keys; what a rule grants and forbids;
# and that nothing of the user's own saying changes any of it.

setup_file() { load ../lib/e2e; agents_on; }
setup() { load ../lib/e2e; }
teardown() { site; node 0 sed -i 's|spank_dunnage.so.*|spank_dunnage.so|' /etc/slurm/plugstack.conf; node 0 rm -rf /etc/dunnage/seccomp; }
teardown_file() { load ../lib/e2e; site; agents_on; }

HELLO=--container=/shared/images/hello.sif
POLICY=/etc/dunnage/policy.yaml

policy() {
    { echo 'version: 1'; cat; } | sed "s/@DEMO@/$(cat "$FIXTURES/keys/demo.fpr")/" > "$BATS_TEST_TMPDIR/policy.yaml"
    site "$BATS_TEST_TMPDIR/policy.yaml"
}

# granting YAML: everything may run from anywhere, with this in 'grant'
granting() {
    policy <<YAML
rules:
  - name: granted
    mode: whitelist
    keys: [@DEMO@]
    grant: {$1}
YAML
}

# step_refused WORDS COMMAND...: words as for refused, quoted for the shell
step_runs() { run --separate-stderr "$@" which-image; ran 0; printed 'image hello'; }
step_refused() { local words=$1; shift; run --separate-stderr "$@" which-image; eval "refused $words"; printed ''; }

@test "rules by user and group: the refusal names file, line, rule and whom to ask" {
    policy <<'YAML'
rules:
  - name: no bob
    match: {user: bob}
    deny: bob has left
  - name: the project
    match: {group: proj, path: /shared/images}
    mode: whitelist
    keys: [@DEMO@]
YAML
    step_runs alice srun "$HELLO"
    step_refused "'$POLICY:3' \"'no bob'\" 'bob has left' 'help desk'" bob srun "$HELLO"
    step_refused "'no rule|nothing'" alice srun --container="$OPEN/hello.sif"
    agents stop
    step_runs alice srun "$HELLO"
    step_refused "'$POLICY:3' 'help desk'" bob srun "$HELLO"
    agents_on
    nodes_idle
}

BY_JOB='rules:
  - name: physics alone
    match: {account: physics, partition: debug}
    mode: whitelist
    keys: [@DEMO@]
  - name: others
    deny: not your account'

@test "rules by account and partition" {
    policy <<< "$BY_JOB"
    step_runs alice srun -A physics "$HELLO"
    step_refused "others 'not your account'" alice srun -A chemistry "$HELLO"
    step_refused "others" alice srun -A physics -p second "$HELLO"
    nodes_idle
}

@test "nothing that the user says makes another account or partition of a job" {
    local lies='SLURM_JOB_ACCOUNT=physics SLURM_JOB_PARTITION=debug SPANK_SLURM_JOB_ACCOUNT=physics
        SPANK_SLURM_JOB_PARTITION=debug _SLURM_SPANK_OPTION_dunnage_account=physics SPANK_DUNNAGE_ACCOUNT=physics
        DUNNAGE_ACCOUNT=physics DUNNAGE_PARTITION=debug DUNNAGE_POLICY=/tmp/p.yaml DUNNAGE_AGENT_SOCKET=/tmp/s
        SLURM_JOB_UID=0 SLURM_JOB_USER=root JAVA_TOOL_OPTIONS=-version LD_LIBRARY_PATH=/tmp'
    policy <<< "$BY_JOB"
    gcc -shared -fPIC -o "$BED/shared/open/fake.so" "$CHECKOUT/tests/programs/fake.c"
    # shellcheck disable=SC2086  # a list of words
    step_refused others alice env $lies srun -A chemistry "$HELLO"
    step_refused others alice srun -A chemistry --export="ALL,${lies//[$' \n']/,}" "$HELLO"
    step_refused others alice env LD_PRELOAD="$OPEN/fake.so" srun -A chemistry "$HELLO"
    run alice bash -c "sbatch --parsable -W -A chemistry -p second -o lies.out --wrap 'export $(tr -s ' \n' ' ' <<< "$lies"); srun $HELLO which-image; echo status \$?'"
    run alice cat lies.out
    printed_no 'image hello'
    printed_line others
    printed_line 'status [1-9]'
    nodes_idle
}

@test "a job without a record: rules about it refuse with the cause, others decide" {
    policy <<< "$BY_JOB"
    alice sbatch --parsable -A physics -w node0 -o record.out --wrap \
        "touch record.go; while [ -e record.go ]; do sleep 0.1; done; srun $HELLO which-image; srun $HELLO which-image" > "$BATS_TEST_TMPDIR/job"
    retry 100 0.1 alice test -e record.go
    node 0 grep -qa physics "/run/dunnage-jobs/$(cat "$BATS_TEST_TMPDIR/job")"
    node 0 rm "/run/dunnage-jobs/$(cat "$BATS_TEST_TMPDIR/job")"
    alice rm record.go
    retry 200 0.1 no_jobs
    run alice cat record.out
    printed_no 'image hello'
    printed_line "physics alone.*account"
    nodes_idle
}
no_jobs() { [ -z "$(alice squeue -h)" ]; }

@test "the record lives as long as the job, is root's alone, and is made anew for a requeued job" {
    local job
    nodes_idle
    everywhere sh -c '[ -z "$(ls /run/dunnage-jobs 2>/dev/null)" ]'
    job=$(alice sbatch --parsable --requeue -A physics -N2 -o /dev/null --wrap 'srun sleep 60')
    retry 100 0.1 node 0 test -e "/run/dunnage-jobs/$job"
    [ "$(node 0 stat -c '%U %a' /run/dunnage-jobs)" = 'root 700' ]
    [ "$(node 0 stat -c '%U %a' "/run/dunnage-jobs/$job")" = 'root 600' ]
    run alice cat "/run/dunnage-jobs/$job"
    [ "$status" -ne 0 ]
    # Slurm lets a requeued job begin after its credential has expired, two minutes later; until then it runs no prolog
    if [ "${DUNNAGE_TESTS_FULL:-0}" = 1 ]; then
        node 0 scontrol requeue "$job"
        retry 200 0.1 node 0 sh -c "! test -e /run/dunnage-jobs/$job"
        node 0 scontrol update "jobid=$job" partition=second
        LIMIT=300 retry 400 0.5 node 0 grep -sqa second "/run/dunnage-jobs/$job"
    fi
    alice scancel "$job"
    retry 200 0.1 no_jobs
    nodes_idle
    everywhere sh -c '[ -z "$(ls /run/dunnage-jobs)" ]'
}

@test "a digest is denied wherever a copy of it lies" {
    policy <<YAML
rules:
  - name: broken release
    match: {digest: "sha256:$(sha256sum < "$FIXTURES/images/hello.sif" | cut -d' ' -f1)"}
    deny: this release loses data
  - {name: all others, mode: open}
YAML
    alice cp "$IMG/hello.sif" copy.sif
    step_refused "'broken release' 'loses data'" alice srun "$HELLO"
    step_refused "'broken release'" alice srun --container=copy.sif
    step_refused "'broken release'" alice srun --container="$OPEN/hello.sif"
    alice sh -c 'printf x >> copy.sif'
    step_runs alice srun --container="$BAD/unsigned.sif"
}

@test "a key that is denied counts from the next step of a running job on, without a restart" {
    local answer
    policy <<< $'rules:\n  - {name: signed, mode: whitelist, keys: [@DEMO@]}'
    for answer in agent one-shot; do
        [ "$answer" = agent ] || agents stop
        policy <<< $'rules:\n  - {name: signed, mode: whitelist, keys: [@DEMO@]}'
        alice rm -f denied.go denied.out
        alice sbatch --parsable -w node0 -o denied.out --wrap \
            "srun $HELLO which-image; touch denied.go; while [ -e denied.go ]; do sleep 0.1; done; srun $HELLO which-image" > /dev/null
        retry 200 0.1 alice test -e denied.go
        policy <<< $'deny-keys:\n  - {key: @DEMO@, reason: the student left}\nrules:\n  - {name: signed, mode: whitelist, keys: [@DEMO@]}'
        alice rm denied.go
        retry 200 0.1 no_jobs
        run alice cat denied.out
        [ "$(grep -c 'image hello' <<< "$output")" = 1 ] || saw
        printed_line 'the student left'
    done
    agents_on
    nodes_idle
}

@test "capabilities: none by default, the granted ones for the granted user, ranks that join too" {
    granting 'capabilities: [{user: alice, allow: [CAP_NET_BIND_SERVICE]}]'
    run --separate-stderr alice srun -n2 "$HELLO" grep -E 'Cap|NoNewPrivs' /proc/self/status
    ran 0
    [ "$(grep -cE '^Cap(Inh|Prm|Eff|Bnd|Amb):.0000000000000400$' <<< "$output")" = 10 ] || saw
    printed_line 'NoNewPrivs:.1'
    run --separate-stderr bob srun "$HELLO" grep Cap /proc/self/status
    ran 0
    [ "$(grep -cE '^Cap(Inh|Prm|Eff|Bnd|Amb):.0000000000000000$' <<< "$output")" = 5 ] || saw
}

@test "user namespaces are barred where the rule says so, and only there" {
    run --separate-stderr alice srun "$HELLO" unshare -U true
    ran 0
    granting 'user-namespaces: false'
    run --separate-stderr alice srun "$HELLO" unshare -U true
    [ "$status" -ne 0 ] || saw
    run --separate-stderr alice srun -n2 "$HELLO" sh -c 'unshare -U true || echo barred'
    printed $'barred\nbarred'
    run --separate-stderr alice srun "$HELLO" sh -c 'sleep 0 & wait; echo forked'
    printed forked
}

@test "a network of the step's own: loopback and nothing else" {
    granting 'network: none'
    run --separate-stderr alice srun -n2 "$HELLO" sh -c 'grep -c : /proc/net/dev; readlink /proc/self/ns/net'
    ran 0
    [ "$(grep -cx 1 <<< "$output")" = 2 ] || saw
    [ "$(grep -c net: <<< "$output")" = 2 ] && [ "$(grep net: <<< "$output" | sort -u | wc -l)" = 1 ] || saw
    [ "$(grep net: <<< "$output" | head -1)" != "$(node 0 readlink /proc/self/ns/net)" ] || saw
    run --separate-stderr alice srun "$HELLO" nc -w 2 10.77.0.11 6818
    [ "$status" -ne 0 ] || saw
    nodes_idle
}

@test "a confined step has no helper on the node: no Slurm command, no TaskProlog, unless the rule grants it" {
    local grant
    for grant in 'network: none' 'user-namespaces: false' 'devices: none' 'limits: {pids: 100}' 'slurm-commands: false'; do
        granting "$grant"
        run --separate-stderr alice srun -w node0 "$HELLO" sh -c 'ls -d /.dunnage; pidof dunnage-slurm-helper; srun --overlap --container=none true; echo "status $?"'
        printed 'status 127'
    done
    granting 'network: none, slurm-commands: true'
    run --separate-stderr alice srun -w node0 "$HELLO" srun --overlap --container=none sh -c '. /etc/os-release; echo $ID'
    ran 0
    printed debian
    nodes_idle
}

@test "environment: what the rule does not pass is not there, for scripts of the image neither" {
    granting 'environment: [LANG, "OMP_*"]'
    run --separate-stderr alice env OMP_NUM_THREADS=3 OMPX=1 LANG=C.UTF-8 LD_PRELOAD_NOT=x SECRET=s BASH_ENV=/tmp/x srun -n2 "$HELLO" env
    ran 0
    [ "$(grep -cx 'OMP_NUM_THREADS=3' <<< "$output")" = 2 ] || saw
    [ "$(grep -cx 'LANG=C.UTF-8' <<< "$output")" = 2 ] || saw
    [ "$(grep -cx 'HOME=/home/alice' <<< "$output")" = 2 ] || saw
    [ "$(grep -c '^DUNNAGE_CONTAINER=' <<< "$output")" = 2 ] || saw
    printed_no '^(OMPX|SECRET|BASH_ENV|LD_PRELOAD_NOT)'
    granting 'environment: none'
    run --separate-stderr alice env SECRET=s srun "$HELLO" sh -c 'env; which-image'
    ran 0
    printed_line 'image hello'
    printed_no '^(SECRET|LANG)'
    run --separate-stderr alice srun -N2 -n4 --mpi=pmix --container="$IMG/mpi.sif" ring.ompi
    ran 0
    printed_line 'ring of 4 complete'
}

@test "environment: the rule outweighs --container-env and variables that set others" {
    granting 'environment: [LANG]'
    run --separate-stderr alice srun "$HELLO" --container-env=SECRET=s true
    refused '--container-env' "'granted'" "$POLICY:3"
    run --separate-stderr alice env DUNNAGEENV_SECRET=s APPTAINERENV_SECRET=s srun "$HELLO" env
    ran 0
    printed_no '^SECRET='
}

@test "devices: those that every program expects, and the granted ones" {
    granting 'devices: [/dev/fuse]'
    run --separate-stderr alice srun "$HELLO" sh -c 'cd /dev; ls; head -c 3 zero | wc -c; echo x > null; ls -l fuse'
    ran 0
    printed_line '^null$'
    printed_line '^3$'
    printed_line '^c.*fuse$'
    printed_no '^(loop-control|loop0|kmsg|mem|sda|vda|net)$'
    granting 'devices: none'
    run --separate-stderr alice srun --pty "$HELLO" sh -c 'ls /dev; tty'
    printed_no fuse
}

@test "limits: processes and memory of the step, and no cgroup of ours afterwards" {
    granting 'limits: {pids: 8, memory: 64MiB}'
    run --separate-stderr alice srun "$HELLO" sh -c 'for i in 1 2 3 4 5 6 7 8 9 10 11 12; do sleep 2 & done; wait; echo end'
    grep -qiE 'fork|resource' <<< "$stderr" || saw
    run --separate-stderr alice srun --mem=500M "$HELLO" awk 'BEGIN { s = "12345678"; while (length(s) < 16000000) s = s s; print "small" }'
    printed small
    run --separate-stderr alice srun --mem=500M "$HELLO" awk 'BEGIN { s = "12345678"; while (length(s) < 200000000) s = s s; print "large" }'
    [ "$status" -ne 0 ] || saw
    printed_no large
    run --separate-stderr alice srun -n2 "$HELLO" which-image
    ran 0
    nodes_idle
    everywhere sh -c '! find /sys/fs/cgroup -name "dunnage_*" | grep .'
}

@test "a filter of system calls, compiled from a profile" {
    cat > "$BATS_TEST_TMPDIR/no-dirs.json" <<'JSON'
{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38}]}
JSON
    granting 'seccomp: no-dirs'
    run --separate-stderr alice srun "$HELLO" true
    refused no-dirs.bpf 'dunnage-seccomp'
    "$PREFIX/bin/dunnage-seccomp" "$BATS_TEST_TMPDIR/no-dirs.json" "$BATS_TEST_TMPDIR/no-dirs.bpf"
    everywhere mkdir -p /etc/dunnage/seccomp
    for n in $(all_nodes); do node "$n" sh -c 'cat > /etc/dunnage/seccomp/no-dirs.bpf' < "$BATS_TEST_TMPDIR/no-dirs.bpf"; done
    run --separate-stderr alice srun -n2 "$HELLO" sh -c 'mkdir /tmp/dn-never 2>&1; echo "status $?"'
    ran 0
    printed_no 'status 0'
    printed_line 'not implemented'
    everywhere chown alice /etc/dunnage/seccomp/no-dirs.bpf
    run --separate-stderr alice srun "$HELLO" true
    refused no-dirs.bpf 'root'
    nodes_idle
}

@test "binds: sources and access that the rule grants, and nothing over the programs of a strict image" {
    granting 'binds: [{source: /shared/bin, access: ro}]'
    run --separate-stderr alice srun "$HELLO" --container-mounts=/shared/bin:/mnt:ro ls /mnt
    ran 0
    run --separate-stderr alice srun "$HELLO" --container-mounts=/shared/bin:/mnt true
    refused "'granted'" 'read-only' "$POLICY"
    run --separate-stderr alice srun "$HELLO" --container-mounts=/shared/open:/mnt true
    refused "'granted'" '/shared/open'
    policy <<< $'rules:\n  - {name: strict, mode: whitestrict, keys: [@DEMO@]}'
    run --separate-stderr alice srun "$HELLO" --container-mounts=/shared/open:/usr/bin which-image
    refused "'strict'" '/usr/bin'
    run --separate-stderr alice srun "$HELLO" --container-mounts=/shared/open:/mnt which-image
    ran 0
    nodes_idle
}

# records: all that node 0 has, each of them JSON; then the file is empty again
records() {
    local file=/var/log/dunnage/audit.jsonl
    run node 0 sh -c "cat $file; rm -f $file"
    python3 -c 'import json, sys
for line in sys.stdin: json.loads(line)' <<< "$output" || saw
}
count() { [ "$(grep -cE -- "$2" <<< "$output")" = "$1" ] || { echo "expected $1 records like $2"; saw; }; }
plugin_of_node0() { node 0 sed -i "s|spank_dunnage.so.*|spank_dunnage.so $*|" /etc/slurm/plugstack.conf; }

@test "what the plugin refuses by itself is recorded as well, once for step and node" {
    records
    LIMIT=30 run --separate-stderr alice srun -w node0 -n3 -O --container="$OPEN/no\"such\\.sif" true
    refused 'no"such' 'does not exist'
    run --separate-stderr node 0 srun -w node0 --container="$OPEN/none.sif" true
    refused none.sif
    run --separate-stderr alice srun -w node0 "$HELLO" --container-mounts=/no/such:/mnt true
    refused /no/such
    run --separate-stderr alice srun -w node0 --container="$BAD/unsigned.sif" true
    refused unsigned.sif
    records
    count 5 '"node":"node0"'
    count 1 '"uid":2001,"user":"alice".*no."such..[.]sif.*"verdict":"refuse","code":"image_absent"'
    count 1 '"uid":0,"user":"root".*"image":"/shared/open/none.sif".*"code":"image_absent"'
    count 1 '"image":"/shared/images/hello.sif".*"verdict":"refuse","code":"request","reason":"--container-mounts: source ./no/such'
    count 1 '"image":"/shared/images/hello.sif".*"verdict":"allow"'
    count 1 'unsigned.sif.*"code":"policy"'
    # no launcher could tell of these
    plugin_of_node0 agent_socket=/run/none.sock one_shot=no
    run --separate-stderr alice srun -w node0 "$HELLO" true
    refused 'no agent answers'
    bob /shared/bin/impostor /home/bob/odd.sock > /dev/null 2>&1 &
    retry 50 0.1 node 0 test -S /home/bob/odd.sock
    plugin_of_node0 agent_socket=/home/bob/odd.sock
    run --separate-stderr alice srun -w node0 "$HELLO" true
    refused 'not the agent.s account'
    node 0 pkill -x impostor
    wait
    plugin_of_node0 surprise=1
    run --separate-stderr alice srun -w node0 -n3 -O "$HELLO" true
    refused 'surprise=1'
    plugin_of_node0 ''
    records
    count 3 '"uid":2001,"user":"alice".*"verdict":"refuse"'
    count 1 '"code":"unavailable"'
    count 2 '"code":"config"'
    node 0 rm -f /home/bob/odd.sock
    nodes_idle
}

@test "writing over the image's files: not over a strict image, and where no rule forbids it" {
    granting 'gpu: true'
    run --separate-stderr alice srun "$HELLO" --container-writable which-image
    ran 0
    granting 'overlay: false'
    step_runs alice srun "$HELLO"
    step_refused "--container-writable \"'granted'\" '$POLICY:3' 'help desk'" alice srun "$HELLO" --container-writable
    policy <<< $'rules:\n  - {name: strict, mode: whitestrict, keys: [@DEMO@]}'
    step_runs alice srun "$HELLO"
    step_refused "--container-writable \"'strict'\"" alice srun "$HELLO" --container-writable
    nodes_idle
}

@test "one audit record for each decision: allowed, refused, and of a job of root's" {
    local file=/var/log/dunnage/audit.jsonl
    cp "$FIXTURES/site/dunnage.yaml" "$BATS_TEST_TMPDIR/dunnage.yaml"
    printf 'audit: required\naudit-file: %s\naudit-syslog: false\n' "$file" >> "$BATS_TEST_TMPDIR/dunnage.yaml"
    site "$BATS_TEST_TMPDIR/dunnage.yaml"
    node 0 rm -f "$file"
    run --separate-stderr alice srun -w node0 "$HELLO" which-image
    ran 0
    run --separate-stderr alice srun -w node0 --container="$BAD/unsigned.sif" true
    refused unsigned.sif
    run --separate-stderr node 0 srun -w node0 "$HELLO" which-image
    ran 0
    run node 0 cat "$file"
    [ "$(grep -c . <<< "$output")" = 3 ] || saw
    [ "$(grep -c '"uid":2001' <<< "$output")" = 2 ] || saw
    [ "$(grep -c '"uid":0,' <<< "$output")" = 1 ] || saw
    printed_line 'unsigned.sif.*production|production.*unsigned.sif'
    run alice cat "$file"
    [ "$status" -ne 0 ] || saw
    # what cannot be recorded does not run
    node 0 mv /var/log/dunnage /var/log/dunnage.gone
    run --separate-stderr alice srun -w node0 "$HELLO" which-image
    refused "$file"
    node 0 mv /var/log/dunnage.gone /var/log/dunnage
    nodes_idle
}
