package dev.dunnage.sif;

import java.util.ArrayList;
import java.util.List;

/** Objects of an image as a table of text, in the columns that users know from {@code apptainer sif list}. */
public final class SifListing {
    private static final String RULE = "-".repeat(78);

    private SifListing() {}

    /** The lines of the table, without line ends. */
    public static List<String> lines(SifImage image) {
        List<String> lines = new ArrayList<>();
        lines.add(RULE);
        lines.add("%-5s|%-8s|%-8s|%-26s|%s".formatted("ID", "GROUP", "LINK", "SIF POSITION (start-end)", "TYPE"));
        lines.add(RULE);
        for (SifObject object : image.objects()) {
            lines.add("%-4d |%-7s |%-7s |%-25s |%s"
                    .formatted(
                            object.id(),
                            object.group() == 0 ? "NONE" : object.group(),
                            link(object.link()),
                            object.offset() + "-" + object.end(),
                            type(object)));
        }
        return lines;
    }

    private static String link(Link link) {
        if (link instanceof Link.ToObject object) {
            return Long.toString(object.id());
        }
        return link instanceof Link.ToGroup group ? "%-4d(G)".formatted(group.group()) : "NONE";
    }

    private static String type(SifObject object) {
        String label = object.type().label();
        return switch (object.type()) {
            case PARTITION ->
                object.partition()
                        .map(p -> "%s (%s/%s/%s)"
                                .formatted(
                                        label,
                                        p.fileSystem().label(),
                                        p.kind().label(),
                                        p.architecture().label()))
                        .orElse(label);
            case SIGNATURE ->
                object.signature()
                        .map(s -> "%s (%s)".formatted(label, s.hash().label()))
                        .orElse(label);
            case CRYPTO_MESSAGE ->
                object.message()
                        .map(m -> "%s (%s/%s)"
                                .formatted(label, m.format().label(), m.kind().label()))
                        .orElse(label);
            case SBOM ->
                object.sbom().map(f -> "%s (%s)".formatted(label, f.label())).orElse(label);
            default -> label;
        };
    }
}
