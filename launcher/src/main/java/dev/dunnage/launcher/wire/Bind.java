package dev.dunnage.launcher.wire;

/**
 * One more directory or file of the host in the container. The C side opens the source with the user's rights.
 *
 * @param source absolute path on the host
 * @param target absolute path in the container
 * @param readOnly whether the container may not write to it
 * @param optional whether an absent source is left out without a message
 * @param asNamed whether the source is refused when links lead it elsewhere than its name says
 */
public record Bind(String source, String target, boolean readOnly, boolean optional, boolean asNamed) {
    static final int READ_ONLY = 1;
    static final int OPTIONAL = 2;
    static final int AS_NAMED = 4;
    static final int ALL_FLAGS = READ_ONLY | OPTIONAL | AS_NAMED;

    /** A mount that may lead through links. */
    public Bind(String source, String target, boolean readOnly, boolean optional) {
        this(source, target, readOnly, optional, false);
    }

    /** The same, refused when links lead it elsewhere. */
    public Bind onlyAsNamed() {
        return new Bind(source, target, readOnly, optional, true);
    }

    int flags() {
        return (readOnly ? READ_ONLY : 0) | (optional ? OPTIONAL : 0) | (asNamed ? AS_NAMED : 0);
    }
}
