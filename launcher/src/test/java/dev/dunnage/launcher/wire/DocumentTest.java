package dev.dunnage.launcher.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The tables of native/WIRE.md and the enums say the same, in the same order. */
class DocumentTest {
    private static final Path DOCUMENT = Path.of(System.getProperty("dunnage.root"), "native", "WIRE.md");

    @Test
    void kinds() throws IOException {
        assertThat(rows("## Kinds"))
                .extracting(row -> row.get(0) + " " + row.get(1))
                .containsExactlyElementsOf(Arrays.stream(Kind.values())
                        .map(kind -> kind + " " + kind.number())
                        .toList());
    }

    @Test
    void tags() throws IOException {
        assertThat(rows("## Tags"))
                .extracting(row -> String.join(" ", row.subList(0, 5)))
                .containsExactlyElementsOf(
                        Arrays.stream(Tag.values()).map(DocumentTest::describe).toList());
    }

    private static String describe(Tag tag) {
        return String.format(
                "%s %s 0x%04x %s %s",
                tag.kind(),
                tag.documentName(),
                tag.number(),
                tag.type().documentName(),
                tag.occurs().symbol());
    }

    @Test
    void codes() throws IOException {
        assertThat(rows("## Codes"))
                .extracting(row -> row.get(0) + " " + row.get(1) + " " + row.get(3))
                .containsExactlyElementsOf(Arrays.stream(Code.values())
                        .map(code -> code + " " + code.number() + " " + code.exitStatus())
                        .toList());
    }

    @Test
    void viewBits() throws IOException {
        assertThat(inText("Bits of VIEW: (.*?)\\. Other bits", "([A-Z]+) ([0-9]+)"))
                .containsExactlyElementsOf(Arrays.stream(ViewPart.values())
                        .map(part -> part + " " + part.bit())
                        .toList());
    }

    @Test
    void bindFlags() throws IOException {
        assertThat(inText("Flags of `bind`: (.*?)\\. Other bits", "([A-Z_]+) ([0-9]+)"))
                .containsExactly(
                        "READ_ONLY " + Bind.READ_ONLY, "OPTIONAL " + Bind.OPTIONAL, "AS_NAMED " + Bind.AS_NAMED);
    }

    @Test
    void limits() throws IOException {
        String text = Files.readString(DOCUMENT).replaceAll("\\s+", " ");
        assertThat(text)
                .contains("header of " + Frame.HEADER_SIZE + " bytes")
                .contains(String.format("at most %,d bytes", Frame.BODY_LIMIT))
                .contains("at most " + FieldType.STRING_LIMIT + " bytes unless")
                .contains("at most " + FieldType.ENV_LIMIT + " bytes whose name")
                .contains("major version: " + Frame.MAJOR)
                .contains("minor version: " + Frame.MINOR);
    }

    /** Cells of the first table after a heading, without its head. */
    private static List<List<String>> rows(String heading) throws IOException {
        List<String> lines = Files.readAllLines(DOCUMENT);
        List<List<String>> rows = new ArrayList<>();
        boolean inTable = false;
        for (String line : lines.subList(lines.indexOf(heading) + 1, lines.size())) {
            if (line.startsWith("|")) {
                inTable = true;
                rows.add(Arrays.stream(line.substring(1).split("\\|"))
                        .map(String::strip)
                        .toList());
            } else if (inTable) {
                break;
            }
        }
        return rows.subList(2, rows.size());
    }

    private static List<String> inText(String passage, String item) throws IOException {
        Matcher found = Pattern.compile(passage, Pattern.DOTALL).matcher(Files.readString(DOCUMENT));
        assertThat(found.find()).isTrue();
        return Pattern.compile(item)
                .matcher(found.group(1))
                .results()
                .map(match -> match.group(1) + " " + match.group(2))
                .toList();
    }
}
