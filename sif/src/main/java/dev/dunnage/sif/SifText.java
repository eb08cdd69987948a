package dev.dunnage.sif;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Header and objects of an image as text, in the words and the layout of {@code apptainer sif header} and {@code info}. */
public final class SifText {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss '+0000 UTC'", Locale.ROOT);
    private static final String LINE_END = "\\x0a";

    private SifText() {}

    /** The global header, as lines without line ends. Facts that an image leaves open are left out. */
    public static List<String> header(SifImage image) {
        SifHeader header = image.header();
        Table table = new Table("", 1);
        String script = header.launchScript();
        table.addUnlessEmpty(
                "Launch Script",
                script.endsWith(LINE_END) ? script.substring(0, script.length() - LINE_END.length()) : script);
        table.add("Version", "01");
        if (header.architecture() != Architecture.UNKNOWN) {
            table.add("Primary Architecture", header.architecture().label());
        }
        if (header.id().getMostSignificantBits() != 0 || header.id().getLeastSignificantBits() != 0) {
            table.add("ID", header.id());
        }
        addTimes(table, header.created(), header.modified());
        table.add("Descriptors Free", header.freeDescriptors());
        table.add("Descriptors Total", header.totalDescriptors());
        table.add("Descriptors Offset", header.tableOffset());
        table.add("Descriptors Size", size(header.tableSize()));
        table.add("Data Offset", header.dataOffset());
        table.add("Data Size", size(header.dataSize()));
        return table.lines();
    }

    /** One object, as indented lines without line ends. */
    public static List<String> info(SifObject object) {
        Table table = new Table("  ", 2);
        table.add("Data Type", object.type().label());
        table.add("ID", object.id());
        table.add("Group ID", object.group() == 0 ? "NONE" : object.group());
        table.add("Linked ID", link(object.link()));
        table.add("Offset", object.offset());
        table.add("Size", object.size());
        addTimes(table, object.created(), object.modified());
        table.addUnlessEmpty("Name", object.name());
        addExtra(table, object);
        return table.lines();
    }

    /**
     * Unix seconds as a date with time in UTC; times that no calendar reaches, as a number.
     *
     * @return empty for {@link SifLayout#NO_TIME}
     */
    public static String time(long seconds) {
        if (seconds == SifLayout.NO_TIME) {
            return "";
        }
        try {
            return TIME.format(Instant.ofEpochSecond(seconds).atOffset(ZoneOffset.UTC));
        } catch (DateTimeException e) {
            return "%d seconds after 1970".formatted(seconds);
        }
    }

    private static void addTimes(Table table, long created, long modified) {
        table.addUnlessEmpty("Created At", time(created));
        table.addUnlessEmpty("Modified At", time(modified));
    }

    private static String link(Link link) {
        if (link instanceof Link.ToObject object) {
            return Long.toString(object.id());
        }
        return link instanceof Link.ToGroup group ? group.group() + " (G)" : "NONE";
    }

    private static void addExtra(Table table, SifObject object) {
        object.partition().ifPresent(partition -> {
            table.add("Filesystem Type", partition.fileSystem().label());
            table.add("Partition Type", partition.kind().label());
            table.add("Architecture", partition.architecture().label());
        });
        object.signature().ifPresent(signature -> {
            table.add("Hash Type", signature.hash().label());
            table.addUnlessEmpty("Entity", signature.namesSigner() ? signature.fingerprint() : "");
        });
        object.message().ifPresent(message -> {
            table.add("Format Type", message.format().label());
            table.add("Message Type", message.kind().label());
        });
        object.sbom().ifPresent(format -> table.add("Format", format.label()));
        object.ociDigest().ifPresent(digest -> table.add("Digest", digest));
    }

    /** A rounded number of bytes with a binary unit. */
    private static String size(long bytes) {
        if (bytes < 1024) {
            return bytes + " B";
        }
        int unit = (63 - Long.numberOfLeadingZeros(bytes)) / 10;
        return "%d %ciB".formatted(Math.round((double) bytes / (1L << (10 * unit))), "KMGTPE".charAt(unit - 1));
    }

    /** Labels with values, all values in one column. */
    private static final class Table {
        private final String indent;
        private final int gap;
        private final List<String> labels = new ArrayList<>();
        private final List<Object> values = new ArrayList<>();

        Table(String indent, int gap) {
            this.indent = indent;
            this.gap = gap;
        }

        void add(String label, Object value) {
            labels.add(label + ":");
            values.add(value);
        }

        void addUnlessEmpty(String label, String value) {
            if (!value.isEmpty()) {
                add(label, value);
            }
        }

        List<String> lines() {
            int width = labels.stream().mapToInt(String::length).max().orElse(0) + gap;
            List<String> lines = new ArrayList<>();
            for (int i = 0; i < labels.size(); i++) {
                lines.add(indent
                        + labels.get(i)
                        + " ".repeat(width - labels.get(i).length())
                        + values.get(i));
            }
            return lines;
        }
    }
}
