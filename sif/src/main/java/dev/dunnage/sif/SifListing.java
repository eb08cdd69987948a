package dev.dunnage.sif;

import java.util.ArrayList;
import java.util.List;

/** Objects of an image as a table of text, in the columns that users know from {@code apptainer sif list}. */
public final class SifListing {
    private static final String RULE = "-".repeat(78);
    private static final String[] SBOM_FORMATS = {
        "cyclonedx-json",
        "cyclonedx-xml",
        "github-json",
        "spdx-json",
        "spdx-rdf",
        "spdx-tag-value",
        "spdx-yaml",
        "syft-json"
    };

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
            case CRYPTO_MESSAGE -> "%s (%s/%s)".formatted(label, cryptoFormat(object), cryptoKind(object));
            case SBOM -> "%s (%s)".formatted(label, sbomFormat(object));
            default -> label;
        };
    }

    private static String cryptoFormat(SifObject object) {
        return switch (object.raw().extraInt(0)) {
            case 1 -> "OpenPGP";
            case 2 -> "PEM";
            default -> "Unknown";
        };
    }

    private static String cryptoKind(SifObject object) {
        return switch (object.raw().extraInt(4)) {
            case 0x100 -> "Clear Signature";
            case 0x200 -> "RSA-OAEP";
            default -> "Unknown";
        };
    }

    private static String sbomFormat(SifObject object) {
        int code = object.raw().extraInt(0);
        return code >= 1 && code <= SBOM_FORMATS.length ? SBOM_FORMATS[code - 1] : "Unknown";
    }
}
