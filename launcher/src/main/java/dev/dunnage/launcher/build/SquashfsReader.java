package dev.dunnage.launcher.build;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Single files out of the root file system of an image, by {@code unsquashfs}. */
public final class SquashfsReader {
    private static final int LIMIT = 16 << 20;
    private static final Duration PATIENCE = Duration.ofMinutes(1);

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
        try {
            byte[] content = tool.run(
                    List.of(
                            "-o",
                            Long.toString(offset),
                            "-cat",
                            image.toAbsolutePath().toString(),
                            file),
                    LIMIT,
                    PATIENCE);
            return Optional.of(content);
        } catch (ToolException e) {
            return Optional.empty();
        }
    }
}
