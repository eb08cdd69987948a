#!/usr/bin/env bats
# A broken policy stops every container step with file, line and key, and no ordinary step.

setup_file() { load ../lib/e2e; agents_on; }
setup() { load ../lib/e2e; }
teardown() { site; }
teardown_file() { load ../lib/e2e; agents_on; }

HELLO=--container=/shared/images/hello.sif
POLICY=/etc/dunnage/policy.yaml

# stopped WORD...: container steps are refused, ordinary ones run
stopped() {
    run --separate-stderr alice srun "$HELLO" true
    refused "$POLICY" "$@"
    run --separate-stderr alice srun echo ordinary
    ran 0
    printed ordinary
    nodes_idle
}

with_agent_and_without() {
    stopped "$@"
    agents stop
    stopped "$@"
    agents_on
}

policy() { cat > "$BATS_TEST_TMPDIR/policy.yaml"; site "$BATS_TEST_TMPDIR/policy.yaml"; }

@test "the standard policy lets the image run" {
    site
    run --separate-stderr alice srun "$HELLO" which-image
    ran 0
}

@test "no policy" {
    everywhere rm "$POLICY"
    with_agent_and_without 'exist'
}

@test "a policy that the agent's account cannot read" {
    everywhere chmod 600 "$POLICY"
    with_agent_and_without 'read'
}

@test "a policy that others can write" {
    everywhere chmod 664 "$POLICY"
    with_agent_and_without 'written|writable|chmod'
}

@test "a policy that belongs to a user" {
    everywhere chown alice "$POLICY"
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
    stopped ':1' version
}

@test "an empty policy" {
    policy < /dev/null
    stopped
}

@test "broken site settings stop container steps as well" {
    printf 'version: 1\nmount-hone: true\n' > "$BATS_TEST_TMPDIR/dunnage.yaml"
    site "$BATS_TEST_TMPDIR/dunnage.yaml"
    run --separate-stderr alice srun "$HELLO" true
    refused /etc/dunnage/dunnage.yaml ':2' mount-hone
}

@test "a policy that lists no trusted key for the image refuses it" {
    policy <<'YAML'
version: 1
ecl:
  activated: true
  groups:
    - {name: other, mode: whitelist, keys: [0123456789ABCDEF0123456789ABCDEF01234567]}
YAML
    run --separate-stderr alice srun "$HELLO" true
    refused hello.sif
}

@test "a policy that is repaired works again at once" {
    everywhere rm "$POLICY"
    stopped
    site
    run --separate-stderr alice srun "$HELLO" which-image
    ran 0
}
