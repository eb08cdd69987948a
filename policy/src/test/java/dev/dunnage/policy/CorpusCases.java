package dev.dunnage.policy;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads the corpus of decisions: the fields of each case; the file's own two-level form is all that this reads. */
final class CorpusCases {
    private CorpusCases() {}

    /** Skips the calling test, loudly, without a corpus. */
    static List<Map<String, String>> read() throws IOException {
        Path file = Path.of(System.getProperty("dunnage.corpus", "absent"), "sif/ecl-cases.yaml");
        assumeTrue(Files.isReadable(file), "SKIPPED: no corpus at " + file + ", set dunnage.corpus");
        List<Map<String, String>> cases = new ArrayList<>();
        try (YAMLParser parser = new YAMLFactory().createParser(Files.readString(file))) {
            JsonToken token = parser.nextToken();
            while (token != null && !(token == JsonToken.START_ARRAY && "cases".equals(parser.currentName()))) {
                token = parser.nextToken();
            }
            while (parser.nextToken() == JsonToken.START_OBJECT) {
                Map<String, String> fields = new HashMap<>();
                while (parser.nextToken() != JsonToken.END_OBJECT) {
                    String name = parser.currentName();
                    parser.nextToken();
                    if (parser.currentToken().isScalarValue()) {
                        fields.put(name, parser.getText());
                    } else {
                        parser.skipChildren();
                    }
                }
                cases.add(fields);
            }
        }
        return cases;
    }

    /** The text with its placeholders filled in. */
    static String place(String text, Path base) {
        return text.replace("${ALLOWED}", base.resolve("allowed").toString())
                .replace("${OTHER}", base.resolve("other").toString())
                .replace("${LINKDIR}", base.resolve("linkdir").toString());
    }

    static void makeDirectories(Path base) throws IOException {
        Files.createDirectories(base.resolve("allowed/sub"));
        Files.createDirectories(base.resolve("other"));
        Files.createSymbolicLink(base.resolve("linkdir"), base.resolve("allowed"));
    }

    /** Where the image of the case lies. */
    static Path image(Map<String, String> corpusCase, Path base) {
        Path name = Path.of(corpusCase.getOrDefault("image", "")).getFileName();
        return Path.of(place(corpusCase.getOrDefault("placed_in", ""), base)).resolve(name);
    }
}
