package dev.dunnage.mpi;

/** Names that come with an image or a request, for a line of ours that they must not break. */
public final class PlainText {
    private static final int LIMIT = 64;

    private PlainText() {}

    /** The text with {@code ?} for what is no printable ASCII, cut at 64 characters. */
    public static String of(String text) {
        String cut = text.length() <= LIMIT ? text : text.substring(0, LIMIT) + "...";
        return cut.replaceAll("[^\\x20-\\x7E]", "?");
    }
}
