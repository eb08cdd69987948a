package dev.dunnage.launcher.hints;

import dev.dunnage.launcher.json.JsonDocument;
import dev.dunnage.mpi.PlainText;
import dev.dunnage.sif.DataType;
import dev.dunnage.sif.ImageBytes;
import dev.dunnage.sif.SifFormatException;
import dev.dunnage.sif.SifImage;
import dev.dunnage.sif.SifObject;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What steps need to run an image, in the words of who made it. {@code docs/images.md} has the form.
 *
 * @param mpi family of its MPI: {@code openmpi}, {@code mpich}, {@code cray}, {@code standard}
 * @param pmi values of {@code srun --mpi} that its MPI programs can do with; none when any will do
 * @param gpu {@code nvidia} or {@code amd} when it does not run without
 * @param memory bytes that a node must have for the job
 */
public record LaunchHints(Optional<String> mpi, List<String> pmi, Optional<String> gpu, OptionalLong memory) {
    /** Name of the object. */
    public static final String OBJECT = "launch-hints.json";

    /** Larger objects are none. */
    public static final int MAX_BYTES = 1 << 16;

    private static final List<String> MEMBERS = List.of("version", "mpi", "pmi", "gpu", "memory");
    private static final List<String> FAMILIES = List.of("openmpi", "mpich", "cray", "standard");
    private static final List<String> PMI = List.of("pmix", "pmi2");
    private static final List<String> GPUS = List.of("nvidia", "amd");
    private static final Pattern SIZE = Pattern.compile("([1-9][0-9]{0,8})(KiB|MiB|GiB|TiB)");

    /** Copies the list. */
    public LaunchHints {
        pmi = List.copyOf(pmi);
    }

    /** The object of an image; empty when it has none. */
    public static Optional<SifObject> object(SifImage image) {
        return image.objects().stream()
                .filter(object ->
                        object.type() == DataType.GENERIC_JSON && object.name().equals(OBJECT))
                .findFirst();
    }

    /**
     * The hints of an image.
     *
     * @return empty when it has none
     * @throws HintsException when they cannot be used
     */
    public static Optional<LaunchHints> of(SifImage image, ImageBytes bytes)
            throws IOException, SifFormatException, HintsException {
        Optional<SifObject> object = object(image);
        if (object.isEmpty()) {
            return Optional.empty();
        }
        if (object.get().size() > MAX_BYTES) {
            throw new HintsException("an object of more than " + MAX_BYTES + " bytes");
        }
        return Optional.of(parse(image.metadata(bytes, object.get())));
    }

    /** Reads the text of the object. */
    public static LaunchHints parse(byte[] json) throws HintsException {
        JsonDocument document;
        try {
            document = JsonDocument.parse(json);
        } catch (IOException e) {
            throw new HintsException("no JSON object (" + firstLine(e) + ")");
        }
        for (String name : document.names()) {
            if (!MEMBERS.contains(name)) {
                throw new HintsException(
                        "unknown member '" + PlainText.of(name) + "' (allowed: " + String.join(", ", MEMBERS) + ")");
            }
        }
        if (!document.number("version").equals(Optional.of(1L))) {
            throw new HintsException("member version must be 1");
        }
        return new LaunchHints(
                word(document, "mpi", FAMILIES), kinds(document), word(document, "gpu", GPUS), memory(document));
    }

    private static String firstLine(IOException e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
    }

    private static Optional<String> word(JsonDocument document, String name, List<String> allowed)
            throws HintsException {
        Optional<String> text = document.text(name);
        if (document.has(name) && text.filter(allowed::contains).isEmpty()) {
            throw new HintsException("member " + name + " must be one of " + String.join(", ", allowed));
        }
        return text;
    }

    private static List<String> kinds(JsonDocument document) throws HintsException {
        List<String> kinds = document.texts("pmi");
        if (document.has("pmi") && (kinds.isEmpty() || !PMI.containsAll(kinds))) {
            throw new HintsException("member pmi must be a list of " + String.join(", ", PMI));
        }
        return kinds;
    }

    private static OptionalLong memory(JsonDocument document) throws HintsException {
        if (!document.has("memory")) {
            return OptionalLong.empty();
        }
        Matcher size = SIZE.matcher(document.text("memory").orElse(""));
        if (!size.matches()) {
            throw new HintsException("member memory must be a size such as \"4GiB\" (with KiB, MiB, GiB or TiB)");
        }
        int shift = 10 * (List.of("KiB", "MiB", "GiB", "TiB").indexOf(size.group(2)) + 1);
        return OptionalLong.of(Long.parseLong(size.group(1)) << shift);
    }
}
