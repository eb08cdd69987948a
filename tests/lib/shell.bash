# Loaded by tests/shell/*.bats: commands of users on a machine without Slurm.
# shellcheck shell=bash

bats_require_minimum_version 1.5.0
# shellcheck source=tests/lib/common.bash
. "$(dirname "${BASH_SOURCE[0]}")/common.bash"
# shellcheck source=tests/lib/checks.bash
. "$(dirname "${BASH_SOURCE[0]}")/checks.bash"

LOGIN=$CHECKOUT/tests/lib/login
# shellcheck disable=SC2034  # for the tests
OPEN=/images/hello-unsigned.sif
# shellcheck disable=SC2034
MPI=/images/mpi.sif

# Nothing may hang a run: LIMIT seconds each.
alice() { timeout -k 5 "${LIMIT:-60}" "$LOGIN" user alice "$@"; }
bob() { timeout -k 5 "${LIMIT:-60}" "$LOGIN" user bob "$@"; }
machine() { timeout -k 5 "${LIMIT:-60}" "$LOGIN" root "$@"; }
# as alice, by a shell line
line() { alice bash -c "$1"; }

# site: the policy of the test cluster; nosite: a machine without policy
site() {
    tar -C "$FIXTURES/site" -c . | machine tar -C /etc/dunnage --no-same-owner -x
    machine sh -c 'chown -R root:root /etc/dunnage; chmod -R go-w /etc/dunnage'
}
nosite() { machine sh -c 'rm -rf /etc/dunnage/*'; }

nothing_left() { "$LOGIN" leftovers > /dev/null; }
# all is gone within five seconds, FUSE servers included
all_gone() { retry 50 0.1 nothing_left || "$LOGIN" leftovers; }
