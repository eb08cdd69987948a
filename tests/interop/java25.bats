#!/usr/bin/env bats
# A machine with Java 25, whose JVM starts from an AOT cache; and what happens when the Java changes below an installation. Only with --full,
# which makes its tree.

setup_file() {
    load ../lib/interop
    [ "${DUNNAGE_TESTS_FULL:-0}" = 1 ] || return 0
    "$CHECKOUT/tests/lib/fixtures"
    "$CHECKOUT/tests/lib/fixtures" java25
    mkdir -p "$BATS_FILE_TMPDIR/home"
    cp -a "$PREFIX" "$BATS_FILE_TMPDIR/dunnage"
    rm -f "$BATS_FILE_TMPDIR"/dunnage/lib/dunnage/oneshot.*
    cp "$FIXTURES/images/hello.sif" "$BATS_FILE_TMPDIR/home"
    chown -R 2003:2003 "$BATS_FILE_TMPDIR/home" "$BATS_FILE_TMPDIR/dunnage"
}
setup() {
    [ "${DUNNAGE_TESTS_FULL:-0}" = 1 ] || skip "makes a tree of Debian sid, run with --full"
    load ../lib/interop
    load ../lib/checks
}

# a shell line there; the host's Java 17 is there too
there() {
    TREE_BIND="$BATS_FILE_TMPDIR/dunnage:/opt/dunnage /usr/lib/jvm/java-17-openjdk-amd64:/usr/lib/java17 /etc/java-17-openjdk:/etc/java-17-openjdk" \
        timeout -k 5 120 "$CHECKOUT/tests/lib/tree" java25 "$BATS_FILE_TMPDIR/home" bash -c \
        'PATH=/opt/dunnage/bin:$PATH; D=/opt/dunnage/lib/dunnage; archive=/opt/dunnage/libexec/dunnage/make-archive; '"$1"
}
# starts from nothing: a JVM that says where it takes our classes from
FROM='rm -rf .dunnage; boot=-Xbootclasspath/a; for j in /opt/dunnage/lib/java/*.jar; do boot=$boot:$j; done
    java -XX:+UseSerialGC $OPTION -Xlog:class+load $boot -cp "/opt/dunnage/lib/java/*" dev.dunnage.launcher.oneshot.OneShot --warm-up |
        grep -c "dev.dunnage.* source: shared objects file"'

@test "an installation with Java 25 gets an AOT cache, and starts from it" {
    run --separate-stderr there '$archive && ls $D | grep oneshot; OPTION=-XX:AOTCache=$D/oneshot.aot; '"$FROM"
    ran 0
    printed_line '^oneshot.aot$'
    printed_no 'oneshot.jsa'
    [ "${lines[-1]}" -gt 300 ] || saw
    run --separate-stderr there 'rm -rf .dunnage; DUNNAGE_KEEP_SECONDS=0 dunnage exec hello.sif which-image; dunnage version'
    ran 0
    printed_line '^image hello$'
    [ -z "$stderr" ] || saw
}

@test "another Java than the one that the cache was made with starts without it, and says nothing" {
    run --separate-stderr there 'rm -rf .dunnage; export DUNNAGE_JAVA=/usr/lib/java17/bin/java; DUNNAGE_KEEP_SECONDS=0 dunnage exec hello.sif which-image; dunnage version'
    ran 0
    printed_line '^image hello$'
    printed_line 'Java 17'
    [ -z "$stderr" ] || saw
}

@test "made anew with Java 17 the archive takes the cache's place, which Java 25 passes over" {
    run --separate-stderr there 'DUNNAGE_JAVA=/usr/lib/java17/bin/java $archive && ls $D | grep oneshot'
    ran 0
    printed_line '^oneshot.jsa$'
    printed_no 'oneshot.aot'
    run --separate-stderr there 'rm -rf .dunnage; DUNNAGE_KEEP_SECONDS=0 dunnage exec hello.sif which-image'
    ran 0
    printed_line '^image hello$'
    [ -z "$stderr" ] || saw
}
