package dev.dunnage.sif;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class SifTextTest {
    private static final Path CORPUS =
            Path.of(System.getProperty("dunnage.corpus", "absent")).resolve("sif");

    private static List<Path> expected(String suffix) throws Exception {
        Assumptions.assumeTrue(Files.isDirectory(CORPUS), "SKIPPED: corpus not found at " + CORPUS);
        try (Stream<Path> files = Files.walk(CORPUS.resolve("expected"))) {
            return files.filter(file -> file.toString().endsWith(suffix))
                    .sorted()
                    .toList();
        }
    }

    private static Path image(Path expected, String suffix) {
        String name = expected.getFileName().toString().replace(suffix, ".sif");
        return CORPUS.resolve(expected.toString().contains("/peer/") ? "peer" : "images")
                .resolve(name);
    }

    @Test
    void corpusIsThere() throws Exception {
        assertThat(expected(".header.txt")).hasSizeGreaterThan(150);
        assertThat(expected(".info.txt")).hasSizeGreaterThan(50);
    }

    @TestFactory
    Stream<DynamicTest> header() throws Exception {
        return expected(".header.txt").stream()
                .filter(file -> isSound(image(file, ".header.txt")))
                .map(file -> DynamicTest.dynamicTest(file.getFileName().toString(), () -> {
                    SifImage image = read(image(file, ".header.txt"));
                    assertThat(SifText.header(image)).isEqualTo(Files.readAllLines(file));
                }));
    }

    /** The files hold the texts of all objects with an empty line between, and without the first indentation. */
    @TestFactory
    Stream<DynamicTest> info() throws Exception {
        return expected(".info.txt").stream()
                .map(file -> DynamicTest.dynamicTest(file.getFileName().toString(), () -> {
                    SifImage image = read(image(file, ".info.txt"));
                    String theirs = Files.readString(file).strip();
                    // Of the image with 48 objects the corpus has the first ones only.
                    long count = theirs.lines()
                            .filter(line -> line.contains("Data Type:"))
                            .count();
                    assertThat(count)
                            .isGreaterThanOrEqualTo(Math.min(12, image.objects().size()));
                    String text = image.objects().stream()
                            .limit(count)
                            .map(object -> String.join("\n", SifText.info(object)))
                            .collect(Collectors.joining("\n\n"));
                    assertThat(text.strip()).isEqualTo(theirs);
                }));
    }

    private static SifImage read(Path file) throws Exception {
        return SifImage.read(TestImages.of(file));
    }

    /** What the peers show although it is damaged is not shown here; {@link CorpusTest} tells which. */
    private static boolean isSound(Path file) {
        try {
            SifImage.read(TestImages.of(file));
            return true;
        } catch (SifFormatException e) {
            return false;
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void survivesAnyTime() {
        assertThat(SifText.time(0)).isEqualTo("1970-01-01 00:00:00 +0000 UTC");
        assertThat(SifText.time(SifLayout.NO_TIME)).isEmpty();
        assertThat(SifText.time(Long.MIN_VALUE)).isEqualTo("-9223372036854775808 seconds after 1970");
        assertThat(SifText.time(Long.MAX_VALUE)).contains("seconds");
        assertThat(SifText.time(-62135596801L)).isEqualTo("0000-12-31 23:59:59 +0000 UTC");
    }
}
