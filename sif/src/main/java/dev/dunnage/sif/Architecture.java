package dev.dunnage.sif;

import java.util.Optional;

/** Processor architectures and their two-digit codes in SIF headers and partitions. */
public enum Architecture {
    I386("01", "386"),
    AMD64("02", "amd64"),
    ARM("03", "arm"),
    ARM64("04", "arm64"),
    PPC64("05", "ppc64"),
    PPC64LE("06", "ppc64le"),
    MIPS("07", "mips"),
    MIPSLE("08", "mipsle"),
    MIPS64("09", "mips64"),
    MIPS64LE("10", "mips64le"),
    S390X("11", "s390x"),
    RISCV64("12", "riscv64"),
    LOONG64("13", "loong64"),
    /** Code 00, or a code that is not known here. */
    UNKNOWN("00", "unknown");

    private final String code;
    private final String label;

    Architecture(String code, String label) {
        this.code = code;
        this.label = label;
    }

    /** The two digits of the image format. */
    public String code() {
        return code;
    }

    /** The usual name, for example {@code amd64}. */
    public String label() {
        return label;
    }

    /** The architecture with this two-digit code; {@link #UNKNOWN} for any other text. */
    public static Architecture ofCode(String code) {
        for (Architecture each : values()) {
            if (each.code.equals(code)) {
                return each;
            }
        }
        return UNKNOWN;
    }

    /** The architecture that {@code uname -m}, the {@code os.arch} property or Go calls by this name. */
    public static Optional<Architecture> named(String name) {
        String label = switch (name) {
            case "i386", "i486", "i586", "i686", "x86" -> "386";
            case "x86_64", "x86-64" -> "amd64";
            case "arm32", "armv7l" -> "arm";
            case "aarch64" -> "arm64";
            case "mipsel" -> "mipsle";
            case "mips64el" -> "mips64le";
            case "loongarch64" -> "loong64";
            default -> name;
        };
        for (Architecture each : values()) {
            if (each != UNKNOWN && each.label.equals(label)) {
                return Optional.of(each);
            }
        }
        return Optional.empty();
    }

    /** The architecture of this Java runtime. */
    public static Architecture host() {
        return named(System.getProperty("os.arch", "")).orElse(UNKNOWN);
    }

    /** Whether this host runs programs of that architecture without emulation. */
    public boolean runs(Architecture other) {
        return other != UNKNOWN && (this == other || (this == AMD64 && other == I386));
    }
}
