package dev.dunnage.launcher.build;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** Single files out of the root file system of an image, by {@code unsquashfs}. */
public final class SquashfsReader {
    private static final int LIMIT = 16 << 20;
    private static final Duration PATIENCE = Duration.ofMinutes(1);
    private static final String ROOT = "squashfs-root/";

    private final Tool tool;

    private SquashfsReader(Tool tool) {
        this.tool = tool;
    }

    /** Empty when {@code unsquashfs} is not installed. */
    public static Optional<SquashfsReader> find() {
        return Tool.find("unsquashfs").map(SquashfsReader::new);
    }

    /**
     * Content of one file; empty when it is absent or unsquashfs cannot read it.
     *
     * @param offset where the file system starts in the image
     * @param file path without a leading slash
     */
    public Optional<byte[]> read(Path image, long offset, String file) throws IOException {
        return run(image, offset, "-cat", List.of(file));
    }

    /**
     * Paths of the files below some directories, without a leading slash; none when unsquashfs cannot tell.
     *
     * @param directories may have wild cards
     */
    public List<String> list(Path image, long offset, List<String> directories) throws IOException {
        Optional<byte[]> listing = run(image, offset, "-lc", directories);
        return listing.map(text -> new String(text, StandardCharsets.UTF_8))
                .orElse("")
                .lines()
                .filter(line -> line.startsWith(ROOT))
                .map(line -> line.substring(ROOT.length()))
                .toList();
    }

    private Optional<byte[]> run(Path image, long offset, String action, List<String> files) throws IOException {
        List<String> arguments = new ArrayList<>();
        Collections.addAll(arguments, "-o", Long.toString(offset), action);
        arguments.add(image.toAbsolutePath().toString());
        arguments.addAll(files);
        try {
            return Optional.of(tool.run(arguments, LIMIT, PATIENCE));
        } catch (ToolException e) {
            return Optional.empty();
        }
    }
}
