#!/usr/bin/env bats
# The short form of tests/soak/run, or the whole with --full.

@test "container steps with random faults leave nothing and no node in disorder" {
    load ../lib/e2e
    local what=(--steps 36 --seed 1)
    if [ "${DUNNAGE_TESTS_FULL:-0}" = 1 ]; then what=(); fi
    run "$CHECKOUT/tests/soak/run" "${what[@]}"
    ran 0
    printed_line 'nothing was found in [0-9]+ steps'
}
