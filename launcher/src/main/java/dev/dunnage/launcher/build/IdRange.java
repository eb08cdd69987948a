package dev.dunnage.launcher.build;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Subordinate ids of an account, as {@code /etc/subuid} gives them. */
record IdRange(long start, long count) {
    /** As many as the accounts of a distribution need. */
    private static final long ENOUGH = 65_536;

    /**
     * The first range that is large enough.
     *
     * @param names of the account: its name and its number
     */
    static Optional<IdRange> in(Path file, Set<String> names) throws IOException {
        if (!Files.isReadable(file)) {
            return Optional.empty();
        }
        for (String line : Files.readAllLines(file)) {
            List<String> fields = List.of(line.strip().split(":", -1));
            if (fields.size() == 3
                    && names.contains(fields.get(0))
                    && fields.get(1).matches("[0-9]{1,10}")
                    && fields.get(2).matches("[0-9]{1,10}")) {
                IdRange range = new IdRange(Long.parseLong(fields.get(1)), Long.parseLong(fields.get(2)));
                if (range.count() >= ENOUGH) {
                    return Optional.of(range);
                }
            }
        }
        return Optional.empty();
    }

    /** As {@code dunnage-buildroot} takes it. */
    String argument() {
        return start + ":" + count;
    }
}
