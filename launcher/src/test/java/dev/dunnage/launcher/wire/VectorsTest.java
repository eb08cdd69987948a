package dev.dunnage.launcher.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The files of tests/contract/vectors, which the C codec is tested with too. */
class VectorsTest {
    private static final Path VECTORS = Path.of(System.getProperty("dunnage.root"), "tests", "contract", "vectors");

    static List<Path> good() throws IOException {
        return hexFiles("good");
    }

    static List<Path> bad() throws IOException {
        return hexFiles("bad");
    }

    @Test
    void bothKindsOfVectorsAreThere() throws IOException {
        Assumptions.assumeTrue(
                Files.isDirectory(VECTORS.resolve("good")), "tests/contract/vectors is not in this tree");
        assertThat(good()).isNotEmpty();
        assertThat(bad()).isNotEmpty();
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("good")
    void goodFramesAreReadAsDescribed(Path file) throws Exception {
        List<String> described = Files.readAllLines(sibling(file, ".txt"));
        assertThat(Described.of(decode(bytes(file))))
                .isEqualTo(described.stream().map(String::strip).toList());
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("good")
    void goodFramesAreWrittenInTheOrderOfTheTable(Path file) throws Exception {
        byte[] ordered = bytes(sibling(file, ".hex"));
        assertThat(Codec.encode(decode(bytes(file)))).isEqualTo(ordered);
    }

    /** Text beside the frame, or the frame whose records stand in order. */
    private static Path sibling(Path file, String suffix) {
        String name = file.getFileName().toString().replace(".hex", suffix);
        return file.resolveSibling(suffix.equals(".hex") ? name.replace("-unordered", "") : name);
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("bad")
    void badFramesAreRefused(Path file) throws Exception {
        byte[] frame = bytes(file);
        assertThatThrownBy(() -> decode(frame)).isInstanceOf(WireException.class);
    }

    private static Message decode(byte[] frame) throws IOException, WireException {
        ByteArrayInputStream in = new ByteArrayInputStream(frame);
        Message message = Codec.decode(Frame.read(in));
        if (in.available() > 0) {
            throw new WireException("bytes after the frame");
        }
        return message;
    }

    private static byte[] bytes(Path file) throws IOException {
        String text = Files.readString(file).replaceAll("(?m)#.*$", "").replaceAll("\\s+", "");
        return HexFormat.of().parseHex(text);
    }

    private static List<Path> hexFiles(String folder) throws IOException {
        Path directory = VECTORS.resolve(folder);
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(".hex"))
                    .sorted()
                    .toList();
        }
    }
}
