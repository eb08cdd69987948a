package dev.dunnage.launcher.definition;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** Where the first tree of a stage comes from. */
public enum Bootstrap {
    /** Layers of a registry, converted. */
    DOCKER("from"),
    /** A SIF file in a registry. */
    ORAS("from"),
    /** A SIF file in a container library. */
    LIBRARY("from"),
    /** A SIF file or a tree on this machine. */
    LOCALIMAGE("from"),
    /** An OCI layout on this machine. */
    OCI("from"),
    /** Nothing: the sections bring all files. */
    SCRATCH(""),
    /** A Debian or Ubuntu, by debootstrap. */
    DEBOOTSTRAP("osversion");

    private final String needed;

    Bootstrap(String needed) {
        this.needed = needed;
    }

    /** The one that a header means. */
    public static Optional<Bootstrap> named(String word) {
        return Arrays.stream(values()).filter(one -> one.word().equals(word)).findFirst();
    }

    /** As headers write it. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The key of the header without which it cannot be; empty for none. */
    String needed() {
        return needed;
    }
}
