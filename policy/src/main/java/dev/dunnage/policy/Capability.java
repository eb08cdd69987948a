package dev.dunnage.policy;

import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** The capabilities of Linux by name, from capabilities(7). */
final class Capability {
    /** Each of them is enough to become root on the node, whatever else is taken away. */
    static final Set<String> AS_GOOD_AS_ROOT = Set.of(
            "CAP_BPF",
            "CAP_CHOWN",
            "CAP_DAC_OVERRIDE",
            "CAP_DAC_READ_SEARCH",
            "CAP_FOWNER",
            "CAP_MAC_ADMIN",
            "CAP_MAC_OVERRIDE",
            "CAP_SETFCAP",
            "CAP_SETGID",
            "CAP_SETUID",
            "CAP_SYS_ADMIN",
            "CAP_SYS_CHROOT",
            "CAP_SYS_MODULE",
            "CAP_SYS_PTRACE",
            "CAP_SYS_RAWIO");

    private static final Set<String> OTHERS = Set.of(
            "CAP_AUDIT_CONTROL",
            "CAP_AUDIT_READ",
            "CAP_AUDIT_WRITE",
            "CAP_BLOCK_SUSPEND",
            "CAP_CHECKPOINT_RESTORE",
            "CAP_FSETID",
            "CAP_IPC_LOCK",
            "CAP_IPC_OWNER",
            "CAP_KILL",
            "CAP_LEASE",
            "CAP_LINUX_IMMUTABLE",
            "CAP_MKNOD",
            "CAP_NET_ADMIN",
            "CAP_NET_BIND_SERVICE",
            "CAP_NET_BROADCAST",
            "CAP_NET_RAW",
            "CAP_PERFMON",
            "CAP_SETPCAP",
            "CAP_SYSLOG",
            "CAP_SYS_BOOT",
            "CAP_SYS_NICE",
            "CAP_SYS_PACCT",
            "CAP_SYS_RESOURCE",
            "CAP_SYS_TIME",
            "CAP_SYS_TTY_CONFIG",
            "CAP_WAKE_ALARM");

    private Capability() {}

    /** The normal form of a name in any case, with or without {@code CAP_}; empty for an unknown one. */
    static Optional<String> of(String text) {
        String upper = text.toUpperCase(Locale.ROOT);
        String name = upper.startsWith("CAP_") ? upper : "CAP_" + upper;
        return AS_GOOD_AS_ROOT.contains(name) || OTHERS.contains(name) ? Optional.of(name) : Optional.empty();
    }
}
