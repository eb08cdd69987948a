# Work that goes on beside the rest of a run. It reports into files of its own, and what it says and counts comes in whole when it is
# waited for, so that neither table nor output depend on who was faster.
# shellcheck shell=bash

declare -A BESIDE=()    # name: process

# beside NAME CMD...: begins CMD, which may be a function
beside() {
    local name=$1
    shift
    set -m    # a process group of its own, which an interrupt reaches
    (report_begin "$LOGS/beside-$name"; "$@") > "$LOGS/beside-$name.out" 2>&1 < /dev/null &
    BESIDE[$name]=$!
    set +m
}

# joined NAME: its end; what broke it off counts as a failure
joined() {
    local name=$1 rc=0
    wait "${BESIDE[$name]}" || rc=$?
    unset "BESIDE[$name]"
    cat "$LOGS/beside-$name.out"
    report_add "$LOGS/beside-$name"
    [ "$rc" = 0 ] || { report_row "$name" 0 1 0 0; report_failed "$name" "ended with status $rc, see $LOGS/beside-$name.out"; }
}

# lowly NICE: what goes on beside, and what it starts, gets what the others leave
lowly() { [ "$BASHPID" = $$ ] || renice -n "$1" -p "$BASHPID" > /dev/null; }

# with_children PID: it and what it has started, and so on
with_children() { local child; echo "$1"; for child in $(pgrep -P "$1"); do with_children "$child"; done; }

# beside_end: interrupts what nobody has waited for, and the commands with a time limit, which have process groups of their own
beside_end() {
    local name one
    for name in "${!BESIDE[@]}"; do
        kill -INT -- "-${BESIDE[$name]}" 2> /dev/null || true
        for one in $(with_children "${BESIDE[$name]}"); do
            if [ "$(cat "/proc/$one/comm" 2> /dev/null)" = timeout ]; then kill -TERM "$one" || true; fi
        done
        wait "${BESIDE[$name]}" || true
    done
}
