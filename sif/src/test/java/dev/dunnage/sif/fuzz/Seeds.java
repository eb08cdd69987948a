package dev.dunnage.sif.fuzz;

import dev.dunnage.sif.DataType;
import dev.dunnage.sif.ImageBytes;
import dev.dunnage.sif.SifFormatException;
import dev.dunnage.sif.SifImage;
import dev.dunnage.sif.SifObject;
import dev.dunnage.sif.TestImages;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** Where fuzzing starts: the files beside the tests, those of the corpus where it is at hand, and every bug found. */
public final class Seeds {
    private static final Path CORPUS =
            Path.of(System.getProperty("dunnage.corpus", "absent")).resolve("sif");
    private static final int LARGEST = 64 << 10;

    private Seeds() {}

    /** Whole images, and those that were cut or bent to break something. */
    public static Stream<byte[]> sif() {
        return files(List.of("images", "bugs/sif"), List.of("images", "peer"), ".sif");
    }

    /** Signature objects of both forms. */
    public static Stream<byte[]> signatureObject() {
        return Stream.concat(sif().flatMap(Seeds::signatures), bugs("signatureObject"));
    }

    /** Key files. */
    public static Stream<byte[]> armoredKey() {
        return Stream.of(
                        files(List.of("keys"), List.of("keys/public", "keys/secret-test-only", "peer/keys"), ".asc"),
                        files(List.of("keys"), List.of("keys"), ".pgp"),
                        bugs("armoredKey"))
                .flatMap(each -> each);
    }

    /** DSSE envelopes. */
    public static Stream<byte[]> dsse() {
        Stream<byte[]> envelopes =
                sif().flatMap(Seeds::signatures).filter(content -> content.length > 0 && content[0] == '{');
        return Stream.concat(envelopes, bugs("dsse"));
    }

    private static Stream<byte[]> bugs(String target) {
        return files(List.of("bugs/" + target), List.of(), "");
    }

    private static Stream<byte[]> files(List<String> ours, List<String> theirs, String suffix) {
        Path resources = TestImages.file("README.md").resolveSibling(".");
        List<Path> files = new ArrayList<>();
        ours.forEach(each -> list(resources.resolve(each), suffix, files));
        theirs.forEach(each -> list(CORPUS.resolve(each), suffix, files));
        return files.stream().map(Seeds::content);
    }

    private static void list(Path directory, String suffix, List<Path> files) {
        if (!Files.isDirectory(directory)) {
            return;
        }
        try (Stream<Path> entries = Files.list(directory)) {
            entries.filter(file -> Files.isRegularFile(file) && file.toString().endsWith(suffix))
                    .filter(file -> file.toFile().length() <= LARGEST)
                    .sorted()
                    .forEach(files::add);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] content(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Stream<byte[]> signatures(byte[] image) {
        ImageBytes bytes = TestImages.of(image);
        try {
            return SifImage.read(bytes).objects().stream()
                    .filter(object -> object.type() == DataType.SIGNATURE)
                    .map(object -> part(image, object));
        } catch (SifFormatException e) {
            return Stream.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] part(byte[] image, SifObject object) {
        return Arrays.copyOfRange(image, (int) object.offset(), (int) object.end());
    }
}
