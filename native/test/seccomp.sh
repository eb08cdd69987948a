#!/bin/bash
# The compiler of seccomp profiles: what it takes, what it refuses and with which words, what it leaves behind.
#   seccomp.sh PROGRAM
set -u
program=$(realpath "$1")
work=$(mktemp -d /tmp/dunnage-seccomp.XXXXXX)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
failed=0 passed=0
ok() { passed=$((passed + 1)); echo "ok    $1"; }
bad() { failed=$((failed + 1)); echo "FAIL  $1"; [ -z "${2:-}" ] || printf '      %s\n' "$2"; }
expect() { if grep -Eq -- "$2" <<<"$3"; then ok "$1"; else bad "$1" "wanted /$2/, got: $3"; fi; }

profile() { cat >"$work/p.json"; }
compiles() { # compiles NAME [PATTERN of what it says]
	local said
	rm -f out.bpf
	if said=$("$program" p.json out.bpf 2>&1) && [ -s out.bpf ] && [ $(($(stat -c %s out.bpf) % 8)) = 0 ]; then
		expect "$1" "${2:-^out.bpf$}" "$said"
	else
		bad "$1" "$said"
	fi
}
refuses() { # refuses NAME PATTERN: status 1, one line, nothing written
	local said status
	rm -f out.bpf out.bpf.new
	said=$("$program" p.json out.bpf 2>&1)
	status=$?
	if [ "$status" = 1 ] && [ ! -e out.bpf ] && [ ! -e out.bpf.new ] && [ "$(wc -l <<<"$said")" = 1 ]; then expect "$1" "$2" "$said"; else bad "$1" "status $status: $said"; fi
}

profile <<<'{"defaultAction": "SCMP_ACT_ALLOW"}'
compiles "the shortest profile"
profile <<'JSON'
{ "defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38, "comment": "of an OCI runtime",
  "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32", "SCMP_ARCH_AARCH64"],
  "syscalls": [
    {"names": ["read", "write", "exit_group"], "action": "SCMP_ACT_ALLOW"},
    {"names": ["personality"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 8, "op": "SCMP_CMP_EQ"}]},
    {"names": ["clone"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 2114060288, "valueTwo": 0, "op": "SCMP_CMP_MASKED_EQ"}]},
    {"names": ["socket"], "action": "SCMP_ACT_ERRNO", "errnoRet": 22, "args": [
      {"index": 0, "value": 40, "op": "SCMP_CMP_EQ"}, {"index": 0, "value": 16, "op": "SCMP_CMP_EQ"}]} ] }
JSON
compiles "an OCI profile"
profile <<'JSON'
{ "defaultAction": "SCMP_ACT_ERRNO",
  "archMap": [{"architecture": "SCMP_ARCH_X86_64", "subArchitectures": ["SCMP_ARCH_X86", "SCMP_ARCH_X32"]},
              {"architecture": "SCMP_ARCH_AARCH64", "subArchitectures": ["SCMP_ARCH_ARM"]}],
  "syscalls": [
    {"names": ["read", "no_such_call"], "action": "SCMP_ACT_ALLOW", "args": [], "comment": "", "includes": {}, "excludes": {}},
    {"name": "write", "action": "SCMP_ACT_ALLOW"},
    {"names": ["ptrace"], "action": "SCMP_ACT_ALLOW", "includes": {"minKernel": "4.8"}},
    {"names": ["mount"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_SYS_ADMIN"]}},
    {"names": ["clone"], "action": "SCMP_ACT_ALLOW", "excludes": {"caps": ["CAP_SYS_ADMIN"], "arches": ["s390", "s390x"]}} ] }
JSON
compiles "a Docker profile; unknown calls are told" "'no_such_call' is unknown here"
without=$(stat -c %s out.bpf)
sed -i 's/{"caps": \["CAP_SYS_ADMIN"\]}/{}/' p.json
compiles "the same without a condition" no_such_call
if [ "$(stat -c %s out.bpf)" -gt "$without" ]; then ok "parts that need a capability are left out"; else bad "parts that need a capability are left out" "$without bytes"; fi

profile <<<'{'
refuses "a broken text" 'p.json: '
profile <<<'[]'
refuses "no object" 'not an object'
profile <<<'{"syscalls": []}'
refuses "no default action" 'defaultAction names no action'
profile <<<'{"defaultAction": "SCMP_ACT_MAYBE"}'
refuses "an unknown action" "'SCMP_ACT_MAYBE'"
profile <<<'{"defaultAction": "SCMP_ACT_NOTIFY"}'
refuses "an action that needs a supervisor" "'SCMP_ACT_NOTIFY' cannot be used"
profile <<<'{"defaultAction": "SCMP_ACT_ALLOW", "syscall": []}'
refuses "an unknown key" "unknown key 'syscall'"
profile <<<'{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["read"], "action": "SCMP_ACT_ERRNO", "arg": []}]}'
refuses "an unknown key of a rule" "syscalls 1 has the unknown key 'arg'"
profile <<<'{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"action": "SCMP_ACT_ERRNO"}]}'
refuses "a rule without a name" "syscalls 1 needs 'names'"
profile <<<'{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": [3], "action": "SCMP_ACT_ERRNO"}]}'
refuses "a name that is a number" 'not a text'
profile <<<'{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["read"], "action": "SCMP_ACT_ERRNO", "args": [{"index": 6, "value": 1, "op": "SCMP_CMP_EQ"}]}]}'
refuses "a seventh argument" '0 to 5'
profile <<<'{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["read"], "action": "SCMP_ACT_ERRNO", "args": [{"index": 1, "value": 1, "op": "EQUALS"}]}]}'
refuses "an unknown operator" "'EQUALS'"
profile <<<'{"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 70000}'
refuses "no error number" 'errnoRet 70000'
profile <<<'{"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_PDP11"]}'
refuses "an unknown architecture" 'PDP11'
{
	printf '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": ['
	for i in $(seq 4500); do printf '{"names": ["read"], "action": "SCMP_ACT_ERRNO", "args": [{"index": 0, "value": %d, "op": "SCMP_CMP_EQ"}]},' "$i"; done
	printf '{"names": ["write"], "action": "SCMP_ACT_ERRNO"}]}'
} >p.json
refuses "more than the kernel takes" 'instructions, the kernel takes 4096'
rm p.json
refuses "no such file" 'p.json'
profile <<<'{"defaultAction": "SCMP_ACT_ALLOW"}'
for name in x .bpf .x.bpf 'a b.bpf' "$(printf 'n%.0s' $(seq 65)).bpf"; do
	if said=$("$program" p.json "$name" 2>&1); then bad "output '$name'" "$said"; else expect "output '$name'" 'NAME.bpf' "$said"; fi
done
expect "help" '^Usage: ' "$("$program" --help)"
"$program" >/dev/null 2>&1
expect "no argument: status 2" '^2$' "$?"
"$program" --wrong >/dev/null 2>&1
expect "unknown option: status 2" '^2$' "$?"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
