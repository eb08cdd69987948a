package dev.dunnage.policy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * One directory or file of the host that a container shall see.
 *
 * @param source absolute clean path on the host
 * @param target absolute clean path in the container, never {@code /}
 * @param readOnly whether writing through the mount is refused
 */
public record MountSpec(String source, String target, boolean readOnly) {
    private static final String FORM = "SRC[:DST[:ro|rw]] with absolute paths";

    /** PATH_MAX of Linux without its NUL, and the wire's limit for a path. */
    private static final int MAX_PATH_BYTES = 4095;

    /**
     * Reads {@code SRC[:DST[:ro|rw]]}; without DST the target is SRC, without the last part the mount is writable. Doubled
     * and trailing slashes and {@code .} components are dropped. A path with a colon cannot be written.
     *
     * @throws IllegalMountException when a path is relative, empty, too long, has a {@code ..} component, a control
     *     character or a line break, when the target is {@code /}, or when the last part is neither {@code ro} nor
     *     {@code rw}
     */
    public static MountSpec parse(String text) throws IllegalMountException {
        if (text.codePoints().anyMatch(MountSpec::isUnprintable)) {
            throw new IllegalMountException(
                    "mount '" + text + "' holds a control character: write it as " + FORM + " in printable characters");
        }
        String[] parts = text.split(":", -1);
        if (parts.length > 3) {
            throw new IllegalMountException("mount '" + text + "' has more than three parts: write it as " + FORM);
        }
        String source = clean(text, "source", parts[0]);
        String target = parts.length == 1 ? source : clean(text, "target", parts[1]);
        if (target.equals("/")) {
            throw new IllegalMountException("mount '" + text
                    + "' would cover the whole image: give a target below /, such as " + source
                    + (source.equals("/") ? ":/host" : ":/mnt"));
        }
        return new MountSpec(source, target, parts.length == 3 && isReadOnly(text, parts[2]));
    }

    private static boolean isUnprintable(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL, Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR, Character.SURROGATE ->
                true;
            default -> false;
        };
    }

    private static boolean isReadOnly(String text, String access) throws IllegalMountException {
        return switch (access) {
            case "ro" -> true;
            case "rw" -> false;
            default ->
                throw new IllegalMountException(
                        "mount '" + text + "' ends in '" + access + "': the third part is ro or rw");
        };
    }

    private static String clean(String text, String role, String path) throws IllegalMountException {
        if (!path.startsWith("/")) {
            String cause = path.isEmpty() ? "an empty " + role : "the relative " + role + " '" + path + "'";
            throw new IllegalMountException("mount '" + text + "' has " + cause + ": write it as " + FORM);
        }
        if (path.getBytes(StandardCharsets.UTF_8).length > MAX_PATH_BYTES) {
            throw new IllegalMountException(
                    "mount " + role + " is longer than " + MAX_PATH_BYTES + " bytes: shorten it");
        }
        List<String> kept = new ArrayList<>();
        for (String component : path.split("/", -1)) {
            if (component.equals("..")) {
                throw new IllegalMountException(
                        "mount '" + text + "' has a '..' in its " + role + ": write the path without it");
            }
            if (!component.isEmpty() && !component.equals(".")) {
                kept.add(component);
            }
        }
        return "/" + String.join("/", kept);
    }

    /** The text that {@link #parse} reads back to an equal value. */
    @Override
    public String toString() {
        return source + ":" + target + (readOnly ? ":ro" : "");
    }
}
