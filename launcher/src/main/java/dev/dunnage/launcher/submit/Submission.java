package dev.dunnage.launcher.submit;

import dev.dunnage.policy.MpiMode;
import dev.dunnage.policy.SiteConfig;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What is known of a job or step that is about to be submitted.
 *
 * @param mpi Slurm's name of the MPI plug-in of its steps, when it is known
 * @param tasks tasks of its step, when they are known
 * @param containerMpi the value of {@code --container-mpi}, when it was given
 * @param noGpu whether it is known to ask for no GPU
 * @param memory the value of {@code --mem}, when it was given
 */
public record Submission(
        Optional<String> mpi,
        OptionalLong tasks,
        Optional<String> containerMpi,
        boolean noGpu,
        Optional<String> memory) {
    /** One of which nothing is known. */
    public static final Submission UNKNOWN =
            new Submission(Optional.empty(), OptionalLong.empty(), Optional.empty(), false, Optional.empty());

    private static final Pattern MEMORY = Pattern.compile("([0-9]{1,12})(?:([kKmMgGtT])[bB]?)?");

    /** Bytes that it asks for on each node; empty when that is not known, or all that a node has. */
    OptionalLong memoryBytes() {
        Matcher size = MEMORY.matcher(memory.orElse(""));
        if (!size.matches()) {
            return OptionalLong.empty();
        }
        String unit = Optional.ofNullable(size.group(2)).orElse("m").toLowerCase(Locale.ROOT);
        long count = Long.parseLong(size.group(1));
        int shift = 10 * ("kmgt".indexOf(unit) + 1);
        boolean all = count == 0;
        return all || count > Long.MAX_VALUE >> shift ? OptionalLong.empty() : OptionalLong.of(count << shift);
    }

    /** How MPI programs of its steps will be started, as far as site and user say. */
    MpiMode mode(Optional<SiteConfig> config) {
        return config.flatMap(SiteConfig::mpiMode)
                .or(() -> containerMpi.flatMap(MpiMode::wished))
                .orElse(MpiMode.AUTO);
    }
}
