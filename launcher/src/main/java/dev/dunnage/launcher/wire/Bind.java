package dev.dunnage.launcher.wire;

/**
 * One more directory or file of the host in the container. The C side opens the source with the user's rights.
 *
 * @param source absolute path on the host
 * @param target absolute path in the container
 * @param readOnly whether the container may not write to it
 * @param optional whether an absent source is left out without a message
 */
public record Bind(String source, String target, boolean readOnly, boolean optional) {
    static final int READ_ONLY = 1;
    static final int OPTIONAL = 2;
    static final int ALL_FLAGS = READ_ONLY | OPTIONAL;

    int flags() {
        return (readOnly ? READ_ONLY : 0) | (optional ? OPTIONAL : 0);
    }
}
