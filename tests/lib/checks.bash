# Checks after bats' run that say what they saw, and what they are tried on.
# shellcheck shell=bash
# shellcheck disable=SC2154  # status, output and stderr are set by run

saw() {
    printf 'status: %s\nstdout:\n%s\nstderr:\n%s\n' "$status" "$output" "${stderr:-}"
    return 1
}
ran() { [ "$status" -eq "$1" ] || { echo "expected status $1"; saw; }; }
printed() { [ "$output" = "$1" ] || { echo "expected exactly: $1"; saw; }; }
printed_line() { grep -qE -- "$1" <<< "$output" || { echo "expected a line: $1"; saw; }; }
printed_no() { ! grep -qE -- "$1" <<< "$output" || { echo "expected no line: $1"; saw; }; }
complained_not() { ! grep -qE -- "$1" <<< "$stderr" || { echo "expected nothing on stderr like: $1"; saw; }; }

# refused WORD...: a failed step with exactly one line of ours, which has all the words (ranks of one node tell it once)
refused() {
    local ours word
    [ "$status" -ne 0 ] || { echo "expected a refusal"; saw || return 1; }
    [ "$status" -ne 124 ] || { echo "expected a refusal, not a hang"; saw || return 1; }
    ours=$(grep -E '(^|[^a-z/])dunnage: ' <<< "$stderr" || true)
    [ "$(grep -c . <<< "$ours")" = 1 ] || { echo "expected one line of ours, got: $ours"; saw || return 1; }
    for word in "$@"; do
        grep -qiE -- "$word" <<< "$ours" || { echo "the message lacks: $word"; saw || return 1; }
    done
}

# value NAME: the rest of the line of probe's output that starts with NAME
value() { sed -n "s/^$1[: \t]*//p" <<< "$output"; }

# needs FILES WHY: skips a test where the nodes have none of these files (a shell pattern), which Debian's other releases may lack
needs() {
    # shellcheck disable=SC2016  # for the inner shell
    node 0 sh -c 'for f in $1; do [ ! -e "$f" ] || exit 0; done; exit 1' - "$1" || skip "$2"
}
needs_pmix() { needs '/usr/lib/*/slurm-wlm/mpi_pmix.so' "Slurm of these nodes has no PMIx plugin"; }
needs_open_images() { needs /usr/bin/squashfuse_ll "squashfuse of these nodes has no squashfuse_ll, which serves images of open rules"; }

# to_users FILE PLACE: a copy on the cluster's shared disk that all may read; no mount of an earlier one there is changed
# shellcheck disable=SC2016  # for the inner shell
to_users() { node 0 sh -c 'rm -f "$1"; cat > "$1" && chmod 644 "$1"' - "$2" < "$1"; }

# hinted PLACE HINTS [unchecked]: there, an image of users' with these launch hints
hinted() {
    local f=$BATS_TEST_TMPDIR/hinted.sif
    cp "$FIXTURES/images/hello-unsigned.sif" "$f"
    printf '%s' "$2" > "$BATS_TEST_TMPDIR/hints.json"
    if [ "${3:-checked}" = checked ]; then
        "$HERE_PREFIX/bin/dunnage" sif add --launch-hints "$BATS_TEST_TMPDIR/hints.json" "$f"
    else
        "$HERE_PREFIX/bin/dunnage" sif add --type json --name launch-hints.json "$f" "$BATS_TEST_TMPDIR/hints.json"
    fi
    to_users "$f" "$1"
}

# image_with_open_mpi FILE: an image whose only MPI is the host's Open MPI, to look into; nothing of it runs
image_with_open_mpi() {
    local t=$BATS_TEST_TMPDIR/root lib=usr/lib/x86_64-linux-gnu
    cp -a "$FIXTURES/roots/hello/." "$t"
    mkdir -p "$t/$lib/openmpi/lib/openmpi3"
    cp "/$lib"/libmpi.so.40* "/$lib"/libopen-pal.so.40* "$t/$lib"
    cp "/$lib"/openmpi/lib/openmpi3/mca_pmix_ext3x.so "$t/$lib/openmpi/lib/openmpi3"
    "$HERE_PREFIX/bin/dunnage" build "$1" "$t"
}
