package dev.dunnage.policy;

/** Text that is safe on a terminal and in a log: files and images must not inject lines or escape sequences. */
final class OneLine {
    private static final int LIMIT = 1000;

    private OneLine() {}

    /** The text with control and line-breaking characters replaced, cut at 1000 characters. */
    static String of(String text) {
        String cut = text.length() <= LIMIT ? text : text.substring(0, LIMIT) + "...";
        StringBuilder out = new StringBuilder(cut.length());
        cut.codePoints().map(c -> isPlain(c) ? c : '?').forEach(out::appendCodePoint);
        return out.toString();
    }

    /** Whether the text needs no replacement. */
    static boolean isClean(String text) {
        return text.codePoints().allMatch(OneLine::isPlain);
    }

    private static boolean isPlain(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE,
                    Character.UNASSIGNED -> false;
            default -> true;
        };
    }
}
