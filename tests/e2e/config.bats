#!/usr/bin/env bats
# A broken policy stops every container step with file, line and key, and no ordinary step: always without an agent, and
# when an agent finds it at its start. What breaks while an agent runs does not count, and that is told.

setup_file() { load ../lib/e2e; agents_on; }
setup() { load ../lib/e2e; }
teardown() { site; }
teardown_file() { load ../lib/e2e; agents_on; }

HELLO=--container=/shared/images/hello.sif
POLICY=/etc/dunnage/policy.yaml

# stopped WORD...: container steps are refused, ordinary ones run
stopped() {
    run --separate-stderr alice srun -w node0 "$HELLO" true
    refused "$POLICY" "$@"
    run --separate-stderr alice srun -w node0 echo ordinary
    ran 0
    printed ordinary
    nodes_idle
}

# Without an agent, and by one that starts with these files.
with_agent_and_without() {
    "$CLUSTER" agent stop 0
    stopped "$@"
    "$CLUSTER" agent start 0
    stopped "$@"
}

policy() { cat > "$BATS_TEST_TMPDIR/policy.yaml"; site "$BATS_TEST_TMPDIR/policy.yaml"; }

@test "the standard policy lets the image run" {
    site
    run --separate-stderr alice srun -w node0 "$HELLO" which-image
    ran 0
}

@test "no policy" {
    node 0 rm "$POLICY"
    with_agent_and_without 'exist'
}

@test "a policy that the agent's account cannot read" {
    node 0 chmod 600 "$POLICY"
    with_agent_and_without 'read'
}

@test "a policy that others can write" {
    node 0 chmod 664 "$POLICY"
    with_agent_and_without 'written|writable|chmod'
}

@test "a policy that belongs to a user" {
    node 0 chown alice "$POLICY"
    with_agent_and_without 'root|belongs|owner'
}

@test "a syntax error, with its line" {
    policy <<'YAML'
version: 1
ecl:
  activated: true
  groups: [ {name: x
YAML
    with_agent_and_without ':[0-9]+'
}

@test "an unknown key, with its line and name" {
    policy <<'YAML'
version: 1
ecl:
  activated: true
  gruops: []
YAML
    with_agent_and_without ':4' gruops
}

@test "a wrong version" {
    policy <<'YAML'
version: 7
ecl: {activated: true}
YAML
    "$CLUSTER" agent stop 0
    stopped ':1' version
    agents_on
}

@test "an empty policy" {
    policy < /dev/null
    "$CLUSTER" agent stop 0
    stopped
    agents_on
}

@test "broken site settings stop container steps as well" {
    printf 'version: 1\nmount-hone: true\n' > "$BATS_TEST_TMPDIR/dunnage.yaml"
    site "$BATS_TEST_TMPDIR/dunnage.yaml"
    "$CLUSTER" agent stop 0
    run --separate-stderr alice srun -w node0 "$HELLO" true
    refused /etc/dunnage/dunnage.yaml ':2' mount-hone
    agents_on
}

@test "a policy that breaks while the agent runs does not count, and the agent says so" {
    site
    run --separate-stderr alice srun -w node0 "$HELLO" which-image
    ran 0
    echo 'version: 7' | policy
    run --separate-stderr alice srun -w node0 "$HELLO" which-image
    ran 0
    run --separate-stderr alice srun -w node0 --container="$BAD/unsigned.sif" true
    refused unsigned.sif 'earlier policy' "$POLICY:1"
    run node 0 /opt/dunnage/bin/dunnage agent --ping
    printed_line "BUT .*$POLICY:1"
    site
    run node 0 /opt/dunnage/bin/dunnage agent --ping
    printed_no BUT
}

@test "a policy that lists no trusted key for the image refuses it" {
    policy <<'YAML'
version: 1
ecl:
  activated: true
  groups:
    - {name: other, mode: whitelist, keys: [0123456789ABCDEF0123456789ABCDEF01234567]}
YAML
    run --separate-stderr alice srun -w node0 "$HELLO" true
    refused hello.sif
}

@test "a policy that is repaired works again at once" {
    node 0 rm "$POLICY"
    stopped
    site
    run --separate-stderr alice srun -w node0 "$HELLO" which-image
    ran 0
}
