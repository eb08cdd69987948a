#!/usr/bin/env python3
"""Writes the vectors beside this file. Independent of both codecs, so that neither checks itself."""
import struct
from pathlib import Path

HERE = Path(__file__).resolve().parent
KINDS = {"LAUNCH": 1, "PLAN": 2, "REFUSAL": 3, "PING": 4, "PONG": 5}
TAGS = {
    "LAUNCH": {"JOB_ID": (0x101, "u32"), "STEP_ID": (0x102, "u32"), "RESTART": (0x103, "u32"), "UID": (0x104, "u32"),
               "GID": (0x105, "u32"), "GROUPS": (0x106, "u32[]"), "USER": (0x107, "str"), "HOME": (0x108, "path"),
               "CWD": (0x109, "path"), "NODE": (0x10a, "str"), "IMAGE_REF": (0x10b, "str"),
               "IMAGE_PATH": (0x10c, "path"), "MOUNT": (0x10d, "str"), "WORKDIR": (0x10e, "str"),
               "MOUNT_HOME": (0x10f, "u32"), "MPI_TYPE": (0x110, "str"), "STEP_TASKS": (0x111, "u32"),
               "LOCAL_TASKS": (0x112, "u32"), "ACCOUNT": (0x113, "str"), "PARTITION": (0x114, "str"), "MPI": (0x115, "str"),
               "ROOTLESS": (0x130, "u32"), "OVERLAY": (0x131, "u32"), "GPU": (0x140, "u32"),
               "GPU_DEVICE": (0x141, "path"), "TRANSPORT": (0x142, "str"), "NETWORK": (0x143, "network"),
               "PORT": (0x144, "port")},
    "PLAN": {"DRIVER": (0x201, "u32"), "SOURCE": (0x202, "u32"), "STORE_DIGEST": (0x203, "bytes32"),
             "FS_OFFSET": (0x204, "u64"), "FS_SIZE": (0x205, "u64"), "VIEW": (0x206, "u32"), "BIND": (0x207, "bind"),
             "WORKDIR": (0x208, "path"), "ENV": (0x209, "env"), "ENV_SCRIPTS": (0x20a, "u32"),
             "DECISION": (0x20b, "str"), "NOTICE": (0x20c, "str"), "CAPABILITIES": (0x20d, "u64"),
             "USER_NAMESPACES": (0x20e, "u32"), "NETWORK": (0x20f, "u32"), "DEVICE": (0x210, "path"),
             "SECCOMP": (0x211, "str"), "PIDS_MAX": (0x212, "u64"), "MEMORY_MAX": (0x213, "u64"),
             "ENV_FILTER": (0x214, "u32"), "ENV_PASS": (0x215, "pattern"), "NO_HOST_PROGRAMS": (0x216, "u32"),
             "NETWORK_NAME": (0x217, "network"), "PORT": (0x218, "port"),
             "SLURM_COMMAND": (0x240, "command"), "MPI_GUARD": (0x250, "u32"),
             "HOST_FILE": (0x251, "bind"), "HOST_SHIM": (0x252, "bind")},
    "REFUSAL": {"CODE": (0x301, "u32"), "MESSAGE": (0x302, "str")},
    "PING": {},
    "PONG": {"VERSION": (0x501, "str"), "POLICY": (0x502, "str")},
}


def raw(kind, name, value):
    ty = TAGS[kind][name][1]
    if isinstance(value, bytes):
        return value
    if ty == "u32":
        return struct.pack("<I", value)
    if ty == "u64":
        return struct.pack("<Q", value)
    if ty == "u32[]":
        return struct.pack("<%dI" % len(value), *value)
    if ty == "bind":
        flags, source, target = value
        return struct.pack("<I", flags) + source.encode() + b"\0" + target.encode()
    return value.encode()


def record(kind, name, value):
    data = raw(kind, name, value)
    return (name, struct.pack("<HHI", TAGS[kind][name][0], 0, len(data)) + data)


def frame(kind, records, length=None, major=1, minor=1, kind_no=None, last=0):
    """[(comment, bytes)]; records are (name, value) or ready-made (comment, bytes, True)."""
    parts = [r[:2] if len(r) == 3 else record(kind, *r) for r in records]
    size = sum(len(p[1]) for p in parts) if length is None else length
    head = struct.pack("<IHHHH", size, major, minor, KINDS[kind] if kind_no is None else kind_no, last)
    return [("header " + kind, head)] + parts


def text(kind, records):
    def esc(s):
        return s.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t")

    def show(name, value):
        ty = TAGS[kind][name][1]
        if ty == "u32[]":
            return ",".join(str(v) for v in value)
        if ty == "bytes32":
            return value.hex()
        if ty == "bind":
            return "%d %s\\0%s" % (value[0], esc(value[1]), esc(value[2]))
        return esc(str(value))

    order = list(TAGS[kind])
    lines = ["KIND = " + kind]
    for name, value in sorted(records, key=lambda r: order.index(r[0])):
        lines.append((name + " = " + show(name, value)).rstrip(" "))
    return "\n".join(lines) + "\n"


def write_hex(path, parts, why=None):
    out = ["# " + why] if why else []
    for comment, data in parts:
        out.append("# " + comment)
        out += [data[i:i + 32].hex() for i in range(0, len(data), 32)]
    path.write_text("\n".join(out) + "\n")


def good(name, kind, records):
    write_hex(HERE / "good" / (name + ".hex"), frame(kind, records))
    (HERE / "good" / (name + ".txt")).write_text(text(kind, records), encoding="utf-8")


def bad(name, why, parts):
    write_hex(HERE / "bad" / (name + ".hex"), parts, why)


LAUNCH = [("JOB_ID", 0), ("STEP_ID", 0), ("RESTART", 0), ("UID", 1000), ("GID", 1000), ("GROUPS", []),
          ("USER", "ada"), ("HOME", "/home/ada"), ("CWD", "/"), ("NODE", "n1"), ("IMAGE_REF", "a.sif"),
          ("IMAGE_PATH", "/home/ada/a.sif"), ("MOUNT_HOME", 2), ("STEP_TASKS", 1), ("LOCAL_TASKS", 1)]
LAUNCH_FULL = [("JOB_ID", 4294967294), ("STEP_ID", 0xfffffffb), ("RESTART", 3), ("UID", 4000000000), ("GID", 70000),
               ("GROUPS", [70000, 4, 4294967293]), ("USER", "zoë"), ("HOME", "/home/zoë"),
               ("CWD", "/scratch/with blank/and\ttab"), ("NODE", "gpu-0017.cluster.example"),
               ("IMAGE_REF", "./images/日本 \U0001F4E6.sif"), ("IMAGE_PATH", "/scratch/images/日本 \U0001F4E6.sif"),
               ("MOUNT", "/data:/data:ro"), ("MOUNT", "/back\\slash:/x"), ("MOUNT", "/new\nline:/y"),
               ("WORKDIR", "relative/dir"), ("MOUNT_HOME", 0), ("MPI_TYPE", "pmix"), ("STEP_TASKS", 512),
               ("LOCAL_TASKS", 128), ("ACCOUNT", "physique théorique"), ("PARTITION", "gpu-long"), ("MPI", "require:hybrid"),
               ("ROOTLESS", 1), ("OVERLAY", 1), ("GPU", 3), ("GPU_DEVICE", "/dev/nvidiactl"),
               ("GPU_DEVICE", "/dev/dri/renderD128"), ("TRANSPORT", "verbs"), ("TRANSPORT", "ucx:rc"),
               ("NETWORK", "lab"), ("NETWORK", "9-" + "x" * 29), ("PORT", "8080:80/tcp"), ("PORT", "65535:1/udp")]
PLAN = [("DRIVER", 2), ("SOURCE", 1), ("FS_OFFSET", 0), ("FS_SIZE", 0), ("VIEW", 0), ("WORKDIR", "/"),
        ("ENV_SCRIPTS", 0), ("DECISION", "")]
PLAN_STORE = [("DRIVER", 1), ("SOURCE", 2), ("STORE_DIGEST", bytes(range(0, 256, 8))), ("FS_OFFSET", 40960),
              ("FS_SIZE", 1048576), ("VIEW", 511), ("WORKDIR", "/home/ada"), ("ENV_SCRIPTS", 1),
              ("DECISION", "/etc/dunnage/policy.yaml: rule 'signed'")]
PLAN_FULL = [("DRIVER", 2), ("SOURCE", 1), ("FS_OFFSET", 18446744073709551615), ("FS_SIZE", 281474976710656),
             ("VIEW", 37), ("BIND", (0, "/data", "/data")), ("BIND", (1, "/opt/mpi lib", "/.host/mpi\\lib")),
             ("BIND", (3, "/maybe", "/may/be")), ("WORKDIR", "/scratch/zoë"), ("ENV", "A="), ("ENV", "_b9=x=y z"),
             ("ENV", "LINES=one\ntwo\tthree"), ("ENV_SCRIPTS", 1), ("DECISION", "rule 'open' at line 12"),
             ("NOTICE", "the image's MPI is older than the host's"), ("NOTICE", "")]
PLAN_CONFINED = PLAN + [
    ("CAPABILITIES", 1 << 63 | 1 << 13), ("USER_NAMESPACES", 1), ("NETWORK", 1), ("DEVICE", "/dev/nvidia0"),
    ("DEVICE", "/dev/infiniband"), ("SECCOMP", "No_new.sockets-2"), ("PIDS_MAX", 1), ("MEMORY_MAX", 1 << 40),
    ("ENV_FILTER", 1), ("ENV_PASS", "HOME"), ("ENV_PASS", "OMP_*"), ("NETWORK_NAME", "lab"), ("NETWORK_NAME", "dmz-2"), ("PORT", "1:65535/tcp"),
    ("SLURM_COMMAND", "srun"), ("MPI_GUARD", 1)]
PLAN_HOST = PLAN + [
    ("MPI_GUARD", 1), ("HOST_FILE", (1, "/usr/lib/libmpi.so.40", "/.dunnage/host/lib/libmpi.so.40")),
    ("HOST_FILE", (1, "/usr/lib/openmpi", "/usr/lib/openmpi")),
    ("HOST_SHIM", (0, "/usr/lib64/libmpi.so.40.30.4", "/.dunnage/host/lib/libmpi.so.40"))]
PLAN_SEALED = PLAN + [("ENV_FILTER", 1), ("NO_HOST_PROGRAMS", 1)]
REFUSAL = [("CODE", 1), ("MESSAGE", "rule 'signed' refuses /home/ada/a.sif: no signature; sign it with 'dunnage sign'")]
PONG = [("VERSION", "0.1.0"), ("POLICY", "/etc/dunnage/policy.yaml, 3 rules")]


def but(records, name, value):
    return [(n, value if n == name else v) for n, v in records]


def without(records, name):
    return [r for r in records if r[0] != name]


def goods():
    good("launch-minimal", "LAUNCH", LAUNCH)
    good("launch-full", "LAUNCH", LAUNCH_FULL)
    good("launch-full-unordered", "LAUNCH", LAUNCH_FULL[10:] + LAUNCH_FULL[:10])
    good("launch-repeat-limit", "LAUNCH", LAUNCH[:12] + [("MOUNT", "/m%d:/m" % i) for i in range(1024)] + LAUNCH[12:])
    good("launch-longest-string", "LAUNCH", but(LAUNCH, "IMAGE_REF", "é" * 2048))
    good("launch-longest-path", "LAUNCH", but(LAUNCH, "CWD", "/" + "c" * 4095))
    good("plan-minimal", "PLAN", PLAN)
    good("plan-kernel-store", "PLAN", PLAN_STORE)
    good("plan-encrypted", "PLAN", but(PLAN, "DRIVER", 3))
    good("plan-fuse-request-full", "PLAN", PLAN_FULL)
    good("plan-fuse-request-full-unordered", "PLAN", PLAN_FULL[::-1][:2][::-1] + PLAN_FULL[:-2])
    good("plan-confined", "PLAN", PLAN_CONFINED)
    good("plan-confined-unordered", "PLAN", PLAN_CONFINED[-5:] + PLAN_CONFINED[:-5])
    good("plan-sealed", "PLAN", PLAN_SEALED)
    good("plan-host-files", "PLAN", PLAN_HOST)
    good("plan-commands", "PLAN", PLAN + [("SLURM_COMMAND", name) for name in ("srun", "a", "s9_x-y" + "z" * 26)])
    good("plan-longest-env", "PLAN", PLAN[:6] + [("ENV", "L=" + "v" * 32766)] + PLAN[6:])
    good("refusal", "REFUSAL", REFUSAL)
    for code in range(2, 9):
        good("refusal-code-%d" % code, "REFUSAL", [("CODE", code), ("MESSAGE", "cause; remedy")])
    good("ping", "PING", [])
    good("pong", "PONG", PONG)


def bad_headers():
    whole = frame("REFUSAL", REFUSAL)
    bad("header-empty", "no byte at all", [])
    bad("header-truncated", "11 bytes of the header's 12", [("header", whole[0][1][:11])])
    bad("header-oversize", "length above 1,048,576", frame("REFUSAL", [], length=1048577))
    bad("header-oversize-max", "length 2^32-1", frame("REFUSAL", [], length=0xffffffff))
    bad("header-major-0", "major version 0", frame("REFUSAL", REFUSAL, major=0))
    bad("header-major-2", "major version 2", frame("REFUSAL", REFUSAL, major=2))
    bad("header-minor-2", "higher minor version", frame("REFUSAL", REFUSAL, minor=2))
    bad("header-kind-0", "kind 0", frame("REFUSAL", REFUSAL, kind_no=0))
    bad("header-kind-6", "kind 6", frame("REFUSAL", REFUSAL, kind_no=6))
    bad("header-last-not-zero", "last header field not zero", frame("REFUSAL", REFUSAL, last=1))
    bad("header-big-endian", "integers in big-endian order",
        [("header", struct.pack(">IHHHH", sum(len(p[1]) for p in whole[1:]), 1, 1, 3, 0))] + whole[1:])
    size = sum(len(p[1]) for p in whole[1:])
    bad("body-shorter-than-header", "one byte less than the header says", frame("REFUSAL", REFUSAL, length=size + 1))
    bad("body-longer-than-header", "one byte more than the header says",
        whole + [("surplus", b"\0")])


def bad_truncated():
    for kind, records in (("LAUNCH", LAUNCH_FULL), ("PLAN", PLAN_STORE), ("PLAN", PLAN_CONFINED),
                          ("PLAN", PLAN_SEALED), ("PLAN", PLAN_HOST), ("REFUSAL", REFUSAL), ("PONG", PONG)):
        for i, (name, _) in enumerate(records):
            if any(n == name for n, _ in records[:i]):
                continue
            cut = record(kind, *records[i])[1]
            head = records[:i] + [(name + ", cut in its head", cut[:5], True)]
            bad("truncated-%s-%s-head" % (kind.lower(), name.lower()), "frame ends in the head of " + name,
                frame(kind, head))
            value = records[:i] + [(name + ", cut in its value", cut[:-1], True)]
            bad("truncated-%s-%s-value" % (kind.lower(), name.lower()), "frame ends in the value of " + name,
                frame(kind, value))


def bad_missing():
    for kind, records in (("LAUNCH", LAUNCH), ("PLAN", PLAN), ("REFUSAL", REFUSAL), ("PONG", PONG)):
        for name, _ in records:
            bad("missing-%s-%s" % (kind.lower(), name.lower()), "required %s is missing" % name,
                frame(kind, without(records, name)))


def bad_records():
    def rec(tag, data, zero=0, length=None):
        return ("record", struct.pack("<HHI", tag, zero, len(data) if length is None else length) + data, True)

    bad("unknown-tag-launch", "tag 0x01ff is not listed", frame("LAUNCH", LAUNCH + [rec(0x1ff, b"x")]))
    bad("unknown-tag-plan", "tag 0x02ff is not listed", frame("PLAN", PLAN + [rec(0x2ff, b"x")]))
    bad("unknown-tag-zero", "tag 0 is not listed", frame("PLAN", PLAN + [rec(0, b"")]))
    bad("unknown-tag-of-other-kind", "CODE is a tag of REFUSAL", frame("PLAN", PLAN + [rec(0x301, b"\1\0\0\0")]))
    bad("unknown-tag-ping", "PING has no tags", frame("PING", [rec(0x501, b"x")]))
    bad("record-zero-field", "second field of a record not zero",
        frame("REFUSAL", [("CODE", 1), rec(0x302, b"m", zero=1)]))
    bad("record-length-max", "length of a record 2^32-1",
        frame("REFUSAL", [("CODE", 1), rec(0x302, b"m", length=0xffffffff)]))
    bad("record-length-wraps", "length of a record that wraps with its head",
        frame("REFUSAL", [("CODE", 1), rec(0x302, b"m", length=0xfffffff8)]))
    for kind, records, names in (("LAUNCH", LAUNCH_FULL, ("JOB_ID", "GROUPS", "USER", "WORKDIR", "MPI_TYPE", "ACCOUNT")),
                                 ("PLAN", PLAN_STORE, ("DRIVER", "STORE_DIGEST", "FS_SIZE", "WORKDIR", "DECISION")),
                                 ("PLAN", PLAN_CONFINED, ("CAPABILITIES", "NETWORK", "SECCOMP", "PIDS_MAX")),
                                 ("REFUSAL", REFUSAL, ("CODE", "MESSAGE")), ("PONG", PONG, ("VERSION",))):
        for name in names:
            again = [r for r in records if r[0] == name]
            bad("duplicate-%s-%s" % (kind.lower(), name.lower()), name + " comes twice", frame(kind, records + again))
    for name, n in (("MOUNT", 1025),):
        bad("repeat-limit-launch", "%s comes %d times" % (name, n), frame("LAUNCH", LAUNCH + [(name, "/m:/m")] * n))
    bad("repeat-limit-plan-bind", "BIND comes 1025 times", frame("PLAN", PLAN + [("BIND", (0, "/a", "/b"))] * 1025))
    bad("repeat-limit-plan-env", "ENV comes 1025 times", frame("PLAN", PLAN + [("ENV", "A=b")] * 1025))
    bad("repeat-limit-plan-device", "DEVICE comes 1025 times", frame("PLAN", PLAN + [("DEVICE", "/dev/d")] * 1025))
    bad("repeat-limit-plan-notice", "NOTICE comes 1025 times", frame("PLAN", PLAN + [("NOTICE", "n")] * 1025))


def bad_numbers():
    for kind, records, name, values in (
            ("LAUNCH", LAUNCH, "JOB_ID", (b"", b"\0\0\0", b"\0" * 5, b"\0" * 8)),
            ("LAUNCH", LAUNCH, "GROUPS", (b"\0", b"\0" * 6)),
            ("PLAN", PLAN, "FS_OFFSET", (b"\0" * 4, b"\0" * 9)),
            ("PLAN", PLAN_CONFINED, "CAPABILITIES", (b"\1\0\0\0",)), ("PLAN", PLAN_CONFINED, "NETWORK", (b"\1" + b"\0" * 7,)),
            ("PLAN", PLAN_STORE, "STORE_DIGEST", (b"", b"\0" * 31, b"\0" * 33))):
        for value in values:
            bad("length-%s-%s-%d" % (kind.lower(), name.lower(), len(value)),
                "%s of %d bytes" % (name, len(value)), frame(kind, but(records, name, value)))
    for kind, records, name, value in (
            ("LAUNCH", LAUNCH, "MOUNT_HOME", 3), ("PLAN", PLAN, "DRIVER", 0), ("PLAN", PLAN, "DRIVER", 4),
            ("PLAN", PLAN, "SOURCE", 0), ("PLAN", PLAN, "SOURCE", 3), ("PLAN", PLAN, "VIEW", 512),
            ("PLAN", PLAN, "VIEW", 0x80000000), ("PLAN", PLAN, "ENV_SCRIPTS", 2), ("REFUSAL", REFUSAL, "CODE", 0),
            ("REFUSAL", REFUSAL, "CODE", 9), ("PLAN", PLAN_CONFINED, "CAPABILITIES", 0),
            ("PLAN", PLAN_CONFINED, "USER_NAMESPACES", 0), ("PLAN", PLAN_CONFINED, "USER_NAMESPACES", 2),
            ("LAUNCH", LAUNCH_FULL, "ROOTLESS", 0), ("LAUNCH", LAUNCH_FULL, "ROOTLESS", 2),
            ("LAUNCH", LAUNCH_FULL, "OVERLAY", 0), ("LAUNCH", LAUNCH_FULL, "OVERLAY", 2), ("LAUNCH", LAUNCH_FULL, "GPU", 0), ("LAUNCH", LAUNCH_FULL, "GPU", 9),
            ("LAUNCH", LAUNCH_FULL, "GPU", 16), ("PLAN", PLAN_CONFINED, "NETWORK", 0), ("PLAN", PLAN_CONFINED, "NETWORK", 2),
            ("PLAN", PLAN_CONFINED, "MPI_GUARD", 0), ("PLAN", PLAN_CONFINED, "MPI_GUARD", 2),
            ("PLAN", PLAN_CONFINED, "ENV_FILTER", 0), ("PLAN", PLAN_CONFINED, "ENV_FILTER", 2),
            ("PLAN", PLAN_SEALED, "NO_HOST_PROGRAMS", 0), ("PLAN", PLAN_SEALED, "NO_HOST_PROGRAMS", 2),
            ("PLAN", PLAN_CONFINED, "PIDS_MAX", 0), ("PLAN", PLAN_CONFINED, "MEMORY_MAX", 0)):
        bad("value-%s-%s-%d" % (kind.lower(), name.lower(), value), "%s is %d" % (name, value),
            frame(kind, but(records, name, value)))
    bad("device-with-dev", "DEVICE though VIEW has DEV", frame("PLAN", but(PLAN_CONFINED, "VIEW", 4)))
    for label, value in (("empty", ""), ("hidden", ".x"), ("slash", "a/b"), ("up", "../x"), ("long", "n" * 65),
                         ("newline", "x\n"), ("blank", "a b"), ("non-ascii", "é")):
        bad("seccomp-" + label, "SECCOMP is no name of a filter", frame("PLAN", but(PLAN_CONFINED, "SECCOMP", value)))
    for label, value in (("empty", ""), ("upper", "Srun"), ("digit", "9x"), ("dot", "s.x"), ("slash", "a/b"), ("up", ".."),
                         ("long", "n" * 33), ("newline", "x\n"), ("blank", "a b"), ("non-ascii", "é")):
        bad("command-" + label, "SLURM_COMMAND is no name of a command",
            frame("PLAN", but(PLAN_CONFINED, "SLURM_COMMAND", value)))
    for label, value in (("empty", ""), ("star", "*"), ("digit", "9A"), ("equals", "A=b"), ("two-stars", "A**"), ("inner-star", "A*B"),
                         ("newline", "A\n"), ("non-ascii", "é"), ("long", "A" * 4097)):
        bad("pattern-" + label, "ENV_PASS is no name of variables",
            frame("PLAN", but(PLAN_CONFINED, "ENV_PASS", value)))
    for label, value in (("empty", ""), ("upper", "Lab"), ("hyphen", "-x"), ("dot", "a.b"), ("slash", "a/b"), ("up", ".."), ("long", "n" * 32),
                         ("newline", "x\n"), ("blank", "a b"), ("underscore", "a_b"), ("non-ascii", "é")):
        bad("network-plan-" + label, "NETWORK_NAME is no name of a network", frame("PLAN", but(PLAN_CONFINED, "NETWORK_NAME", value)))
        bad("network-launch-" + label, "NETWORK is no name of a network", frame("LAUNCH", but(LAUNCH_FULL, "NETWORK", value)))
    for label, value in (("empty", ""), ("zero", "0:1/tcp"), ("zero-inside", "1:0/tcp"), ("leading-zero", "080:80/tcp"),
                         ("large", "65536:1/tcp"), ("large-inside", "1:65536/tcp"), ("longest", "1:100000/tcp"), ("protocol", "1:1/sctp"),
                         ("no-protocol", "1:1"), ("cut", "1:1/"), ("one", "80/tcp"), ("sign", "+1:1/tcp"), ("blank", "1: 1/tcp"),
                         ("newline", "1:1/tcp\n"), ("surplus", "1:1/tcpx"), ("non-ascii", "é")):
        bad("port-plan-" + label, "PORT is no mapping of a port", frame("PLAN", but(PLAN_CONFINED, "PORT", value)))
        bad("port-launch-" + label, "PORT is no mapping of a port", frame("LAUNCH", but(LAUNCH_FULL, "PORT", value)))
    for name in ("host", "none"):
        bad("network-name-" + name, "NETWORK_NAME is no network of the site", frame("PLAN", but(PLAN_CONFINED, "NETWORK_NAME", name)))
    bad("network-name-without-network", "NETWORK_NAME without NETWORK", frame("PLAN", without(PLAN_CONFINED, "NETWORK")))
    bad("port-without-network-name", "PORT without NETWORK_NAME", frame("PLAN", without(PLAN_CONFINED, "NETWORK_NAME")))
    bad("port-without-network", "PORT without NETWORK", frame("LAUNCH", without(LAUNCH_FULL, "NETWORK")))
    bad("networks-plan-5", "NETWORK_NAME comes 5 times", frame("PLAN", PLAN_CONFINED + [("NETWORK_NAME", "n%d" % i) for i in range(3)]))
    bad("networks-launch-5", "NETWORK comes 5 times", frame("LAUNCH", LAUNCH_FULL + [("NETWORK", "n%d" % i) for i in range(3)]))
    bad("pass-without-filter", "ENV_PASS without ENV_FILTER", frame("PLAN", without(PLAN_CONFINED, "ENV_FILTER")))
    bad("repeat-limit-plan-env_pass", "ENV_PASS comes 1025 times",
        frame("PLAN", PLAN_SEALED + [("ENV_PASS", "A")] * 1025))
    bad("command-without-host", "SLURM_COMMAND though nothing may run on the host",
        frame("PLAN", PLAN_SEALED + [("SLURM_COMMAND", "srun")]))
    for flags in (0, 2, 3, 5):
        bad("host-file-flags-%d" % flags, "HOST_FILE that is not just read-only",
            frame("PLAN", PLAN + [("HOST_FILE", (flags, "/a", "/b"))]))
    for flags in (1, 2, 4):
        bad("host-shim-flags-%d" % flags, "HOST_SHIM with flags", frame("PLAN", PLAN + [("HOST_SHIM", (flags, "/a", "/b"))]))
    bad("host-file-relative", "HOST_FILE with a relative source", frame("PLAN", PLAN + [("HOST_FILE", (1, "a", "/b"))]))
    bad("host-shim-relative", "HOST_SHIM with a relative place", frame("PLAN", PLAN + [("HOST_SHIM", (0, "a", "/b"))]))
    bad("repeat-limit-plan-host_file", "HOST_FILE comes 1025 times",
        frame("PLAN", PLAN + [("HOST_FILE", (1, "/a", "/b"))] * 1025))
    bad("digest-without-store", "STORE_DIGEST though SOURCE is 1", frame("PLAN", but(PLAN_STORE, "SOURCE", 1)))
    bad("store-without-digest", "no STORE_DIGEST though SOURCE is 2", frame("PLAN", without(PLAN_STORE, "STORE_DIGEST")))


def bad_strings():
    utf8 = {"lone-continuation": b"a\x80", "overlong-2": b"\xc0\xaf", "overlong-2-c1": b"\xc1\xbf",
            "overlong-3": b"\xe0\x80\xaf", "overlong-4": b"\xf0\x80\x80\xaf", "surrogate": b"\xed\xa0\x80",
            "above-10ffff": b"\xf4\x90\x80\x80", "lead-f5": b"\xf5\x80\x80\x80", "lead-ff": b"\xff",
            "cut-2": b"a\xc3", "cut-3": b"a\xe6\x97", "cut-4": b"a\xf0\x9f\x93", "latin-1": b"zo\xeb x",
            "bad-third": b"\xe6\x97A", "bad-fourth": b"\xf0\x9f\x93A"}
    for name, value in utf8.items():
        bad("utf8-" + name, "MESSAGE is not UTF-8", frame("REFUSAL", but(REFUSAL, "MESSAGE", value)))
    bad("utf8-launch-user", "USER is not UTF-8", frame("LAUNCH", but(LAUNCH, "USER", b"zo\xeb")))
    bad("utf8-launch-home", "HOME is not UTF-8", frame("LAUNCH", but(LAUNCH, "HOME", b"/home/zo\xeb")))
    bad("utf8-plan-env", "ENV is not UTF-8", frame("PLAN", PLAN + [("ENV", b"A=\xff")]))
    bad("utf8-plan-bind", "BIND is not UTF-8", frame("PLAN", PLAN + [("BIND", b"\0\0\0\0/a\xff\0/b")]))
    bad("nul-message", "MESSAGE holds a NUL byte", frame("REFUSAL", but(REFUSAL, "MESSAGE", b"a\0b")))
    bad("nul-message-end", "MESSAGE ends in a NUL byte", frame("REFUSAL", but(REFUSAL, "MESSAGE", b"a\0")))
    bad("nul-path", "CWD holds a NUL byte", frame("LAUNCH", but(LAUNCH, "CWD", b"/a\0b")))
    bad("nul-mount", "MOUNT holds a NUL byte", frame("LAUNCH", LAUNCH + [("MOUNT", b"/a:/b\0")]))
    bad("nul-env", "ENV holds a NUL byte", frame("PLAN", PLAN + [("ENV", b"A=b\0")]))
    bad("long-string", "MESSAGE of 4097 bytes", frame("REFUSAL", but(REFUSAL, "MESSAGE", "m" * 4097)))
    bad("long-path", "CWD of 4097 bytes", frame("LAUNCH", but(LAUNCH, "CWD", "/" + "c" * 4096)))
    bad("long-env", "ENV of 32769 bytes", frame("PLAN", PLAN + [("ENV", "A=" + "v" * 32767)]))
    bad("long-bind-source", "source of 4097 bytes", frame("PLAN", PLAN + [("BIND", (0, "/" + "s" * 4096, "/t"))]))
    bad("long-bind-target", "target of 4097 bytes", frame("PLAN", PLAN + [("BIND", (0, "/s", "/" + "t" * 4096))]))
    for kind, records, name in (("LAUNCH", LAUNCH, "HOME"), ("LAUNCH", LAUNCH, "CWD"), ("LAUNCH", LAUNCH, "IMAGE_PATH"),
                                ("PLAN", PLAN, "WORKDIR"),
                                ("PLAN", PLAN_CONFINED, "DEVICE")):
        for label, value in (("relative", "a/b"), ("empty", "")):
            bad("%s-%s-%s" % (label, kind.lower(), name.lower()), "%s is not an absolute path" % name,
                frame(kind, but(records, name, value)))


def bad_binds_and_env():
    for label, why, value in (
            ("short", "shorter than its flags", b"\0\0\0"), ("no-nul", "no NUL between the paths", b"\0\0\0\0/a/b"),
            ("two-nul", "two NUL bytes", b"\0\0\0\0/a\0/b\0"), ("flag-8", "unknown flag 8", b"\x08\0\0\0/a\0/b"),
            ("flag-high", "unknown flag 2^31", b"\0\0\0\x80/a\0/b"),
            ("relative-source", "relative source", b"\0\0\0\0a\0/b"),
            ("relative-target", "relative target", b"\0\0\0\0/a\0b"),
            ("empty-source", "empty source", b"\0\0\0\0\0/b"), ("empty-target", "empty target", b"\0\0\0\0/a\0")):
        bad("bind-" + label, "BIND with " + why, frame("PLAN", PLAN + [("BIND", value)]))
    for label, value in (("empty", ""), ("no-equals", "ABC"), ("no-name", "=x"), ("digit-first", "1A=x"),
                         ("dash", "A-B=x"), ("blank", "A B=x"), ("dot", "a.b=x"), ("non-ascii", "é=x")):
        bad("env-" + label, "ENV is no NAME=VALUE", frame("PLAN", PLAN + [("ENV", value)]))


if __name__ == "__main__":
    for folder in ("good", "bad"):
        (HERE / folder).mkdir(exist_ok=True)
        for old in (HERE / folder).iterdir():
            old.unlink()
    goods()
    bad_headers()
    bad_truncated()
    bad_missing()
    bad_records()
    bad_numbers()
    bad_strings()
    bad_binds_and_env()
