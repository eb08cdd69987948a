# Loaded by tests/vm/*.bats: commands in the emulated machines, and checks that say what they saw.
# shellcheck shell=bash
# shellcheck disable=SC2154  # status, output and stderr are set by run

bats_require_minimum_version 1.5.0
# shellcheck source=tests/lib/common.bash
. "$(dirname "${BASH_SOURCE[0]}")/common.bash"
# shellcheck source=tests/lib/checks.bash
. "$(dirname "${BASH_SOURCE[0]}")/checks.bash"

# shellcheck disable=SC2034  # for the tests
IMG=/shared/images
MACHINES=$CHECKOUT/tests/lib/machines
# shellcheck disable=SC2034
SHARED=${DUNNAGE_MACHINES:-/tmp/dunnage-machines}/share    # /share in the machines

# Emulation is slow. Nothing may hang a run: LIMIT seconds each, counted in the machine.
machine() { "$MACHINES" exec "$1" timeout -k 5 "${LIMIT:-480}" "${@:2}"; }
alice() { "$MACHINES" user 0 alice timeout -k 5 "${LIMIT:-480}" "$@"; }
