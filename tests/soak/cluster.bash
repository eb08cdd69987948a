# Commands in the cluster for tests/soak/run, as tests/lib/e2e.bash has them for bats.
# shellcheck shell=bash

bats_require_minimum_version() { :; }
# shellcheck source=tests/lib/e2e.bash
. "$CHECKOUT/tests/lib/e2e.bash"
# shellcheck source=tests/lib/leftovers.bash
. "$CHECKOUT/tests/lib/leftovers.bash"
