# Shared by the scripts of tests/: where things are, how they speak and how they end.
# shellcheck shell=bash
# shellcheck disable=SC2034  # the variables are for the scripts that read this file

CHECKOUT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
PREFIX=${DUNNAGE_PREFIX:-$CHECKOUT/target/dunnage}    # the assembled tree that is tested
HERE_PREFIX=${DUNNAGE_HERE_PREFIX:-$PREFIX}    # one for this machine, where the nodes run another Debian
BED=${DUNNAGE_BED:-/tmp/dunnage-bed}                  # state of the virtual cluster
FIXTURES=${DUNNAGE_FIXTURES:-$CHECKOUT/target/fixtures}
LOGS=${DUNNAGE_TEST_LOGS:-$CHECKOUT/target/test-logs}
CLUSTER=$CHECKOUT/tests/lib/cluster

say() { printf '%s\n' "$*"; }
warn() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }
die() { warn "$*"; exit 1; }
need_root() { [ "$(id -u)" = 0 ] || die "needs root: it makes namespaces and mounts; run it as root"; }

# no_daemons TREE: packages that are installed in it start none; '' is this machine
no_daemons() {
    printf '#!/bin/sh\nexit 101\n' > "$1/usr/sbin/policy-rc.d"
    chmod 755 "$1/usr/sbin/policy-rc.d"
}

# retry TRIES SECONDS CMD...: repeats CMD until it succeeds
retry() {
    local tries=$1 pause=$2
    shift 2
    while ! "$@"; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || return 1
        sleep "$pause"
    done
}
