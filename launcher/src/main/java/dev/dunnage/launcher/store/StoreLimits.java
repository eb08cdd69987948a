package dev.dunnage.launcher.store;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Bounds of the store.
 *
 * @param bytes most bytes that copies may take together, unless a file {@code limit} in the store says otherwise
 * @param quiet a copy that was used within this time is not evicted: its plan may not have been carried out yet. Once it
 *     is mounted, a lock keeps it.
 */
public record StoreLimits(long bytes, Duration quiet) {
    private static final long GIBIBYTE = 1L << 30;
    private static final Pattern SIZE = Pattern.compile("([0-9]{1,6})([KMGT])");

    /** 50 GiB and 2 minutes; from a plan to its mount it takes much less than a second. */
    public static StoreLimits defaults() {
        return new StoreLimits(50 * GIBIBYTE, Duration.ofMinutes(2));
    }

    /** The bound that the administrator wrote into the store, where agent and one-shot launchers both find it. */
    StoreLimits of(Path store) throws StoreException {
        Path file = store.resolve("limit");
        try {
            String text = PrivateFiles.read(file).map(String::strip).orElse("");
            return text.isEmpty() ? this : new StoreLimits(parse(file, text), quiet);
        } catch (IOException e) {
            throw StoreErrors.broken(file, e);
        }
    }

    private static long parse(Path file, String text) throws StoreException {
        Matcher size = SIZE.matcher(text);
        if (!size.matches()) {
            throw new StoreException(
                    "file " + file + " holds no size; write at most six digits and K, M, G or T, such as 200G");
        }
        int power = 1 + "KMGT".indexOf(size.group(2));
        return Long.parseLong(size.group(1)) << (10 * power);
    }
}
