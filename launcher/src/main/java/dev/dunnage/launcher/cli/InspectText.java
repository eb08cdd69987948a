package dev.dunnage.launcher.cli;

import dev.dunnage.launcher.build.InspectMetadata;
import java.io.PrintWriter;

/** Metadata of an image for the terminal, to which the image must send no control sequences. */
record InspectText(PrintWriter out, InspectMetadata metadata) {

    /**
     * Prints one part.
     *
     * @param title whether its name goes before it
     * @return false when the image has none
     */
    boolean print(String part, boolean title) {
        if (isAbsent(part)) {
            return false;
        }
        if (title) {
            out.println("=== " + part + " ===");
        }
        switch (part) {
            case InspectSelection.LABELS ->
                metadata.labels().forEach((name, value) -> out.println(oneLine(name) + ": " + oneLine(value)));
            case InspectSelection.ENVIRONMENT ->
                metadata.environment().forEach((path, text) -> {
                    out.println("=== " + oneLine(path) + " ===");
                    lines(text);
                });
            case InspectSelection.APPS -> metadata.apps().keySet().forEach(name -> out.println(oneLine(name)));
            default -> lines(metadata.texts().getOrDefault(part, ""));
        }
        return true;
    }

    private boolean isAbsent(String part) {
        return switch (part) {
            case InspectSelection.LABELS -> metadata.labels().isEmpty();
            case InspectSelection.ENVIRONMENT -> metadata.environment().isEmpty();
            case InspectSelection.APPS -> metadata.apps().isEmpty();
            default -> !metadata.texts().containsKey(part);
        };
    }

    private void lines(String text) {
        text.lines().forEach(line -> out.println(oneLine(line)));
    }

    static String oneLine(String text) {
        StringBuilder shown = new StringBuilder();
        text.codePoints().map(point -> isHarmful(point) ? '?' : point).forEach(shown::appendCodePoint);
        return shown.toString();
    }

    /** Format characters turn text around or hide it. */
    private static boolean isHarmful(int point) {
        return point != '\t' && (Character.isISOControl(point) || Character.getType(point) == Character.FORMAT);
    }
}
