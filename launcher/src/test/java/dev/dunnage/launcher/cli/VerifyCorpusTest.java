package dev.dunnage.launcher.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** {@code dunnage verify} and {@code dunnage sif list} give every image of the corpus the demanded result. */
class VerifyCorpusTest {
    private static final Path CORPUS =
            Path.of(System.getProperty("dunnage.corpus", "absent")).resolve("sif");
    private static final String TIME = "2026-12-01T00:00:00Z";

    /** Reports count no factory that was aborted, so the absence is told here as well. */
    @Test
    void corpusIsThere() throws IOException {
        assertThat(entries()).hasSizeGreaterThan(150);
    }

    private static List<JsonNode> entries() throws IOException {
        Assumptions.assumeTrue(Files.isDirectory(CORPUS), "SKIPPED: corpus not found at " + CORPUS);
        JsonNode manifest =
                new YAMLMapper().readTree(CORPUS.resolve("manifest.yaml").toFile());
        List<JsonNode> entries = new ArrayList<>();
        manifest.get("images").forEach(entries::add);
        manifest.get("peer_images").get("files").forEach(entries::add);
        return entries;
    }

    private static Path file(JsonNode entry) {
        return CORPUS.resolve(entry.get("file").asText());
    }

    private static Path ring(JsonNode entry) {
        boolean peers = entry.get("file").asText().startsWith("peer/");
        return CORPUS.resolve(peers ? "peer/keys/public.asc" : "keys/ring.pgp");
    }

    private static DynamicTest test(JsonNode entry, String name, List<Object> options, String demanded) {
        return DynamicTest.dynamicTest(entry.get("file").asText() + name, () -> {
            List<Object> words = new ArrayList<>(List.of("verify", "--json", "--time", TIME));
            words.addAll(options);
            words.add(file(entry));
            check(Command.run(words.toArray()), demanded);
        });
    }

    /** What was read is accepted or rejected; whatever is wrong with it is told in one line. */
    private static Map<String, Object> check(Command run, String demanded) throws IOException {
        assertThat(run.err()).isEmpty();
        assertThat(run.out()).hasLineCount(1);
        Map<String, Object> outcome = Json.object(run.out());
        String result = String.valueOf(outcome.get("result"));
        switch (demanded) {
            case "accept", "reject" -> assertThat(result).as(run.out()).isEqualTo(demanded);
            case "either" -> assertThat(result).isIn("accept", "reject");
            default -> fail("the manifest demands " + demanded);
        }
        assertThat(run.status()).isEqualTo(result.equals("accept") ? 0 : 1);
        assertThat(String.valueOf(outcome.get("reason")).isEmpty()).isEqualTo(result.equals("accept"));
        return outcome;
    }

    @TestFactory
    Stream<DynamicTest> withTheRing() throws IOException {
        return entries().stream().map(entry -> {
            // These want a PEM key, which they do not get here.
            String demanded =
                    entry.has("verify_with") ? "reject" : entry.get("verify").asText();
            return test(entry, "", List.of("--keyring", ring(entry)), demanded);
        });
    }

    @TestFactory
    Stream<DynamicTest> withPemKeys() throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        for (JsonNode entry : entries()) {
            if (entry.has("verify_with")) {
                for (JsonNode signer : entry.get("signers")) {
                    String key = signer.get("key").asText().replaceFirst("^pem:(.*)", "keys/pem/$1.pub.pem");
                    String demanded = entry.get("verify").asText();
                    tests.add(test(entry, " " + key, List.of("--key", CORPUS.resolve(key)), demanded));
                }
            }
        }
        assertThat(tests).hasSizeGreaterThan(8);
        return tests.stream();
    }

    @TestFactory
    Stream<DynamicTest> legacy() throws IOException {
        return entries().stream().filter(entry -> entry.has("verify_legacy")).map(entry -> {
            String demanded = entry.get("verify_legacy").asText();
            return test(entry, " --legacy", List.of("--legacy", "--keyring", ring(entry)), demanded);
        });
    }

    /** Groups, objects, certificates and old signatures, with the results of the real tool. */
    @TestFactory
    Stream<DynamicTest> narrowed() throws IOException {
        List<DynamicTest> tests = new ArrayList<>();
        for (JsonNode entry : entries()) {
            for (JsonNode run : entry.path("peer").path("more_runs")) {
                String arguments = run.get("args").asText();
                if (isComparable(arguments)) {
                    String demanded = run.get("exit").asInt() == 0 ? "accept" : "reject";
                    tests.add(test(entry, " " + arguments, options(entry, arguments), demanded));
                }
            }
        }
        assertThat(tests).hasSizeGreaterThan(50);
        return tests.stream();
    }

    /** Not: legacy without a scope, which the manifest itself decides, "all", and certificates without roots. */
    private static boolean isComparable(String arguments) {
        return !arguments.endsWith("--legacy-insecure")
                && !arguments.contains("--all")
                && arguments.contains("--certificate ") == arguments.contains("--certificate-roots");
    }

    private static List<Object> options(JsonNode entry, String arguments) {
        boolean pem = arguments.contains("--key") || arguments.contains("--certificate");
        List<Object> options = new ArrayList<>();
        options.add("--keyring");
        // That tool takes keys of one kind only: somebody else's key stands for no PGP keys at all.
        options.add(pem ? CORPUS.resolve("keys/public/outsider-o.asc") : ring(entry));
        for (String word : arguments.split(" ", -1)) {
            switch (word) {
                case "--local" -> {}
                case "--legacy-insecure" -> options.add("--legacy");
                default -> options.add(word.endsWith(".pem") ? CORPUS.resolve(word) : word);
            }
        }
        return options;
    }

    @TestFactory
    Stream<DynamicTest> listing() throws IOException {
        return entries().stream()
                .map(entry -> DynamicTest.dynamicTest(entry.get("file").asText(), () -> {
                    Command run = Command.run("sif", "list", "--json", file(entry));
                    switch (entry.path("parse").asText("ok")) {
                        case "ok" -> assertThat(run.status()).as(run.err()).isZero();
                        case "error" -> {
                            assertThat(run.status()).isEqualTo(2);
                            assertThat(run.out()).isEmpty();
                            assertThat(run.err()).startsWith("dunnage: ").hasLineCount(1);
                        }
                        default -> assertThat(run.status()).isIn(0, 2);
                    }
                    for (String line : run.out().lines().toList()) {
                        assertThat(Json.object(line)).containsKeys("id", "type", "group", "link", "offset", "size");
                    }
                }));
    }

    @Test
    void manyFilesAreAcceptedOnlyTogether() throws IOException {
        List<JsonNode> entries = entries();
        List<Object> words = new ArrayList<>(List.of("verify", "--json", "--time", TIME));
        words.addAll(List.of("--keyring", CORPUS.resolve("keys/ring.pgp")));
        List<Object> accepted = new ArrayList<>(words);
        Set<String> demanded = new TreeSet<>();
        for (JsonNode entry : entries) {
            if (entry.get("file").asText().startsWith("images/") && !entry.has("verify_with")) {
                words.add(file(entry));
                if (entry.get("verify").asText().equals("accept")) {
                    accepted.add(file(entry));
                    demanded.add(file(entry).toString());
                }
            }
        }
        assertThat(Command.run(accepted.toArray()).status()).isZero();
        Command run = Command.run(words.toArray());
        assertThat(run.status()).isEqualTo(1);
        Set<String> found = new TreeSet<>();
        for (String line : run.out().lines().toList()) {
            Map<String, Object> outcome = Json.object(line);
            if ("accept".equals(outcome.get("result"))) {
                found.add(String.valueOf(outcome.get("file")));
            }
        }
        assertThat(found).containsAll(demanded);
    }
}
