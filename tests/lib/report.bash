# Counts test results of several runners and prints one table. Reads JUnit XML (Surefire), TAP (bats) and
# cmocka's text; keeps rows in $REPORT/summary.tsv, reasons in $REPORT/skipped.txt, names in $REPORT/failed.txt.
# shellcheck shell=bash

report_start() {
    mkdir -p "$LOGS"
    rm -rf "$LOGS"/*.log "$LOGS"/*.tsv "$LOGS"/*.txt "$LOGS"/beside-*
    report_begin "$LOGS"
}

# report_begin DIR: what this shell reports from now on goes there
report_begin() {
    REPORT=$1
    mkdir -p "$REPORT"
    : > "$REPORT/summary.tsv"
    : > "$REPORT/skipped.txt"
    : > "$REPORT/failed.txt"
}

# report_add DIR: what was reported there is reported here as well
report_add() { local f; for f in summary.tsv skipped.txt failed.txt; do cat "$1/$f" >> "$REPORT/$f"; done; }

# report_row SUITE PASSED FAILED SKIPPED SECONDS
report_row() { printf '%s\t%s\t%s\t%s\t%s\n' "$@" >> "$REPORT/summary.tsv"; }
report_failed() { printf '%s: %s\n' "$1" "$2" >> "$REPORT/failed.txt"; }
report_skipped() { printf '%s: %s\n' "$1" "$2" >> "$REPORT/skipped.txt"; }

# report_surefire SUITE SECONDS FILE...: one row for all files
report_surefire() {
    local suite=$1 seconds=$2 row
    shift 2
    # shellcheck disable=SC2016  # awk's variables
    row=$(cat "$@" | awk -v suite="$suite" -v failed="$REPORT/failed.txt" -v skipped="$REPORT/skipped.txt" '
        BEGIN { RS = ">" }
        function attr(name,   s) {
            if (!match($0, "[ \n\t]" name "=\"[^\"]*\"")) return ""
            s = substr($0, RSTART, RLENGTH); sub(/^[^"]*"/, "", s); sub(/"$/, "", s)
            gsub(/&quot;/, "\"", s); gsub(/&lt;/, "<", s); gsub(/&gt;/, ">", s); gsub(/&apos;/, "\x27", s); gsub(/&#10;/, " ", s); gsub(/&amp;/, "\\&", s)
            return s
        }
        # the text before the tag is the content of the element before it
        { sub(/^[^<]*/, "") }
        # a message that is no attribute is the first line of the text that follows
        pending != "" && /^<!\[CDATA\[/ { text = $0; sub(/^<!\[CDATA\[/, "", text); sub(/\n.*/, "", text); tell(text) }
        pending != "" { tell("no reason given") }
        function tell(why) {
            if (pending == "") return
            sub(/^[A-Za-z0-9.]*(Exception|Error): /, "", why); sub(/^Assumption failed: /, "", why); sub(/^SKIPPED: /, "", why)
            print suite ": " name ": " substr(why, 1, 300) >> pending; pending = ""
        }
        /^<testcase[ \n]/ { total++; name = attr("classname") "." attr("name") }
        /^<skipped[ \n\/]/ { s++; pending = skipped; why = attr("message"); if (why != "") tell(why) }
        /^<(failure|error)[ \n]/ { if (last != name) { f++; last = name; pending = failed; why = attr("message"); if (why != "") tell(why) } }
        END { printf "%d %d %d", total - f - s, f, s }')
    # shellcheck disable=SC2086  # three numbers
    report_row "$suite" $row "$seconds"
}

# report_cmocka SUITE SECONDS LOG: sums up all programs whose output is in the log
report_cmocka() {
    local suite=$1 row
    # shellcheck disable=SC2016
    row=$(awk -v suite="$suite" -v failed="$REPORT/failed.txt" -v skipped="$REPORT/skipped.txt" '
        /^\[  PASSED  \] [0-9]+ test\(s\)/ { p += $4 }
        /^\[  FAILED  \] [0-9]+ test\(s\)/ { f += $4; next }
        /^\[  FAILED  \] / { if (!($0 in seen)) { seen[$0]; print suite ": " substr($0, 14) >> failed } }
        /^\[  SKIPPED \] [0-9]+ test\(s\)/ { s += $4; next }
        /^\[  SKIPPED \] / { if (!($0 in seen)) { seen[$0]; print suite ": " substr($0, 14) >> skipped } }
        /SKIPPED: / { why = $0; sub(/.*SKIPPED: /, "", why); if (!(why in seen)) { seen[why]; print suite ": " why >> skipped } }
        END { printf "%d %d %d", p, f, s }' "$3")
    # shellcheck disable=SC2086
    report_row "$suite" $row "$2"
}

# report_plain SUITE SECONDS LOG: lines "ok ...", "FAIL ..." and "SKIPPED: why" of a shell script's checks
report_plain() {
    local suite=$1 row
    # shellcheck disable=SC2016
    row=$(awk -v suite="$suite" -v failed="$REPORT/failed.txt" -v skipped="$REPORT/skipped.txt" '
        function rest() { line = $0; sub(/^[A-Za-z]+:? +/, "", line); return line }
        /^ok:? / { p++ }
        /^FAIL(ED)?:? / { f++; print suite ": " rest() >> failed }
        /^SKIPPED: / { s++; print suite ": " rest() >> skipped }
        END { printf "%d %d %d", p, f, s }' "$3")
    # shellcheck disable=SC2086
    report_row "$suite" $row "$2"
}

# report_tap SUITE SECONDS LOG
report_tap() {
    local suite=$1 row
    # shellcheck disable=SC2016
    row=$(awk -v suite="$suite" -v failed="$REPORT/failed.txt" -v skipped="$REPORT/skipped.txt" '
        { sub(/ in [0-9]+ms$/, ""); sub(/ in [0-9]+ms # skip/, " # skip") }    # the times are for those who read the log
        /^1\.\.[0-9]+/ { plan += substr($0, 4) }
        /^ok .*# skip/ { s++; line = $0; sub(/^ok [0-9]+ /, "", line); print suite ": " line >> skipped; next }
        /^ok / { p++ }
        /^not ok / { f++; line = $0; sub(/^not ok [0-9]+ /, "", line); print suite ": " line >> failed }
        END {
            # a runner that died half-way has not passed the rest
            if (plan > p + f + s) { print suite ": " plan - p - f - s " planned tests gave no result" >> failed; f = plan - p - s }
            if (plan + p + f + s == 0) { print suite ": no test ran" >> failed; f = 1 }
            printf "%d %d %d", p, f, s
        }' "$3")
    # shellcheck disable=SC2086
    report_row "$suite" $row "$2"
}

# one line per suite and reason
print_skipped() {
    # shellcheck disable=SC2016
    awk -F': ' '
        { why = $0; sub(/^[^:]*: [^:]*: /, "", why); key = $1 "\t" why }
        !(key in n) { order[++keys] = key; first[key] = $0 }
        { n[key]++ }
        END {
            for (i = 1; i <= keys; i++) {
                key = order[i]
                split(key, part, "\t")
                if (n[key] == 1) print "SKIPPED " first[key]
                else print "SKIPPED " part[1] ": " n[key] " tests: " part[2]
            }
        }' "$REPORT/skipped.txt"
}

# report_print: the table, the reasons and the closing line; fails when anything failed or nothing ran. The time of the whole run is less
# than the sum of what went on beside each other.
report_print() {
    say ""
    # shellcheck disable=SC2016
    awk -F'\t' -v seconds="$SECONDS" '
        BEGIN { printf "%-28s %7s %7s %8s %8s\n", "suite", "passed", "failed", "skipped", "seconds" }
        { printf "%-28s %7d %7d %8d %8d\n", $1, $2, $3, $4, $5; p += $2; f += $3; s += $4 }
        END { printf "%-28s %7d %7d %8d %8d\n", "total", p, f, s, seconds }' "$REPORT/summary.tsv"
    if [ -s "$REPORT/skipped.txt" ]; then say ""; print_skipped; fi
    if [ -s "$REPORT/failed.txt" ]; then say ""; sed 's/^/FAILED /' "$REPORT/failed.txt"; fi
    say ""
    # shellcheck disable=SC2016
    awk -F'\t' '{ p += $2; f += $3; s += $4 } END { printf "%d passed, %d failed, %d skipped\n", p, f, s; exit f > 0 || p == 0 }' "$REPORT/summary.tsv"
}
