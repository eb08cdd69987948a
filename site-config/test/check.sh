#!/bin/sh
# Checks the samples, the manual pages and an installation in target/check. Prints SKIPPED where a tool is missing.
set -eu
cd "$(dirname -- "$0")/.."
work=$PWD/target/check
rm -rf "$work"
mkdir -p "$work/no-c-parts"
jars=${JARS:-target/jars}
failures=0

ok() { printf 'ok: %s\n' "$1"; }
skipped() { printf 'SKIPPED: %s\n' "$1"; }
bad() {
	printf 'FAILED: %s\n' "$1"
	failures=$((failures + 1))
}
# check WHAT COMPLAINT COMMAND...: the command must succeed.
check() {
	what=$1
	complaint=$2
	shift 2
	if "$@"; then ok "$what"; else bad "$what: $complaint"; fi
}
one_line() { [ "$(printf '%s\n' "$1" | wc -l)" -eq 1 ]; }
# expect WHAT TEXT OUTPUT: the output must contain the text and be one line.
expect() {
	case $3 in
	*"$2"*) check "$1" "more than one line: $3" one_line "$3" ;;
	*) bad "$1: expected '$2', got '$3'" ;;
	esac
}

manual_pages() {
	command -v man >/dev/null || { skipped "manual pages: no man"; return; }
	for page in man/*; do
		complaints=$(man --warnings=w -E UTF-8 -l -Tutf8 -Z "$page" 2>&1 >/dev/null) || complaints="man failed: $complaints"
		check "$page" "$complaints" test -z "$complaints"
	done
}

schemas() {
	python3 -c 'import jsonschema, yaml' 2>/dev/null || { skipped "schemas: no python3 with jsonschema and yaml"; return; }
	check "schemas" "see above" python3 test/schemas.py
}

tree() { (cd "$1" && find . -printf '%P %M %l\n' | sort && find . -type f -exec sha256sum {} + | sort); }

install_into() {
	make -s install PREFIX="$1" JARS="$2" NATIVE="$work/no-c-parts" BRIDGE="$work/no-c-parts" DESTDIR="${3:-}"
}

installation() {
	printf 'install:\n' >"$work/no-c-parts/Makefile"
	set -- "$jars"/jna-[0-9]*.jar
	[ -e "$1" ] || { skipped "installation: no jars in $jars, run mvn package first"; return; }
	prefix=$work/tree
	install_into "$prefix" "$jars" >"$work/first.log" 2>&1 || { bad "install: $(cat "$work/first.log")"; return; }
	tree "$prefix" >"$work/first"
	touch "$prefix/lib/java/stale-1.0.jar"
	install_into "$prefix" "$jars" >"$work/second.log" 2>&1 || bad "second install: $(cat "$work/second.log")"
	tree "$prefix" >"$work/second"
	check "two installations give the same tree" "see above" diff "$work/first" "$work/second"
	check "placeholders" "one is left in etc" test -z "$(grep -r '@PREFIX@' "$prefix/etc")"
	check "jars without signatures" "one has META-INF/*.SF" test -z "$(grep -al "META-INF/[A-Z0-9]*\.SF" "$prefix"/lib/java/*.jar)"
	check "JNA's library" "it is missing" test -x "$prefix/lib/dunnage/libjnidispatch.so"
	staged
	units "$prefix"
	archive "$prefix"
	expect "no jars" "holds no jar" "$(install_into "$work/none" "$work/no-c-parts" 2>&1 >/dev/null | grep -v '^make' || true)"
}

staged() {
	install_into /opt/dunnage "$jars" "$work/stage" >/dev/null 2>&1 || bad "staged install"
	check "staged install" "it is elsewhere" test -x "$work/stage/opt/dunnage/libexec/dunnage/dunnage-java"
	check "staged paths" "samples name the stage" \
		grep -q '^required /opt/dunnage/lib' "$work/stage/opt/dunnage/etc/plugstack.conf"
}

units() {
	command -v systemd-analyze >/dev/null || { skipped "units: no systemd-analyze"; return; }
	complaints=$(systemd-analyze verify --man=no "$1"/etc/systemd/dunnage-agent.* 2>&1) || true
	check "units" "$complaints" test -z "$complaints"
}

# What make-archive leaves: an AOT cache with Java 25 and later, else a class-data archive, and never both.
archive() {
	boot=-Xbootclasspath/a
	for jar in "$1"/lib/java/*.jar; do boot=$boot:$jar; done
	made=
	for kind in jsa aot; do [ ! -e "$1/lib/dunnage/oneshot.$kind" ] || made="$made $kind"; done
	check "archives:$made" "there are two" test "$made" != " jsa aot"
	if [ -n "$made" ]; then
		"$1/libexec/dunnage/make-archive"
		case $made in *aot) option=-XX:AOTCache ;; *) option=-XX:SharedArchiveFile ;; esac
		loaded=$(java -XX:+UseSerialGC "$option=$1/lib/dunnage/oneshot.${made# }" -Xlog:class+load "$boot" -cp "$1/lib/java/*" \
			dev.dunnage.launcher.oneshot.OneShot --warm-up | grep -c 'dev.dunnage.* source: shared objects file') || true
		check "the archive serves ${loaded:-0} of our classes" "it is not used" test "${loaded:-0}" -gt 0
	else
		skipped "archive: $(cat "$work/first.log")"
	fi
	cp -r "$1" "$work/broken"
	rm -f "$work"/broken/lib/java/dunnage-launcher*.jar
	expect "archive without its class" "no class-data archive" "$("$work/broken/libexec/dunnage/make-archive" 2>&1)"
	check "no stale archive" "one is left" test ! -e "$work/broken/lib/dunnage/oneshot.jsa" -a ! -e "$work/broken/lib/dunnage/oneshot.aot"
	expect "archive without Java" "is no program" "$(DUNNAGE_JAVA=/nonexistent "$1/libexec/dunnage/make-archive" 2>&1)"
}

# A tree of libexec/dunnage/dunnage-java alone, with a java that shows its arguments.
wrapper() {
	mkdir -p "$work/w/libexec/dunnage" "$work/w/lib/java" "$work/jdk/bin" "$work/old/bin" "$work/path" "$work/empty"
	cp libexec/dunnage-java "$work/w/libexec/dunnage"
	# shellcheck disable=SC2016 # expands in the script that is written
	printf '#!/bin/sh\nfor a; do printf "<%%s>" "$a"; done\n' >"$work/jdk/bin/java"
	printf '#!/bin/sh\necho '"'"'java version "1.8.0_392"'"'"' >&2\n' >"$work/old/bin/java"
	chmod +x "$work/jdk/bin/java" "$work/old/bin/java"
	echo 'JAVA_VERSION="21.0.1"' >"$work/jdk/release"
	ln -s "$work/w/libexec/dunnage/dunnage-java" "$work/path/one"
	ln -s one "$work/path/two"
	ln -s "$work/jdk/bin/java" "$work/path/java"
	for tool in sh readlink dirname sed; do ln -s "$(command -v $tool)" "$work/empty/$tool"; done
	run=$work/w/libexec/dunnage/dunnage-java

	expect "wrapper: arguments" "cli.Main><a b><><*>" "$(DUNNAGE_JAVA=$work/jdk/bin/java "$run" 'a b' '' '*')"
	expect "wrapper: prefix through links" "-Djna.boot.library.path=$work/w/lib/dunnage>" \
		"$(PATH="$work/path:$PATH" two)"
	expect "wrapper: java not found" "no java in PATH; install Java 17" "$(PATH=$work/empty "$run" 2>&1 || true)"
	expect "wrapper: old java without release file" "is Java 1.8.0_392; install Java 17" \
		"$(DUNNAGE_JAVA=$work/old/bin/java "$run" 2>&1 || true)"
	echo 'JAVA_VERSION="11.0.20"' >"$work/jdk/release"
	expect "wrapper: old java" "is Java 11.0.20; install Java 17" "$(DUNNAGE_JAVA=$work/path/java "$run" 2>&1 || true)"
	expect "wrapper: wrong DUNNAGE_JAVA" "is no program" "$(DUNNAGE_JAVA=$work/jdk "$run" 2>&1 || true)"
	rm -r "$work/w/lib/java"
	expect "wrapper: half an installation" "lib/java is missing; install again" "$("$run" 2>&1 || true)"
}

manual_pages
schemas
wrapper
installation
[ "$failures" -eq 0 ] || { printf '%s failures\n' "$failures"; exit 1; }
