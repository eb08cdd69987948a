package dev.dunnage.launcher.pull;

import dev.dunnage.launcher.build.Tool;
import dev.dunnage.launcher.build.ToolException;
import dev.dunnage.launcher.cache.CachedImage;
import dev.dunnage.launcher.cache.ImageCache;
import dev.dunnage.launcher.reference.ImageReference;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * The nodes of the job that this process is in, which share no file system: an image goes from the cache here into the caches there, over the
 * tree of Slurm's sbcast. Everything is done as the user, and each node believes the digest alone.
 *
 * @param count how many nodes the job has
 * @param program the installed command, at the same path on all nodes
 */
public record Nodes(int count, Path program) {
    /** What a node says that has the image in its cache. */
    public static final String HERE = "here";
    /** What it says when it has not, and was not given it. */
    public static final String ABSENT = "absent";

    private static final Duration LONGEST = Duration.ofHours(12);
    private static final int LINE = 4096;

    /** Those of the job that an environment tells of; empty when it tells of none. */
    public static Optional<Nodes> ofJob(Map<String, String> environment, Path program) {
        String count = environment.getOrDefault("SLURM_JOB_NUM_NODES", environment.getOrDefault("SLURM_NNODES", ""));
        boolean isJob = !environment.getOrDefault("SLURM_JOB_ID", "").isEmpty() && count.matches("[1-9][0-9]{0,5}");
        return isJob ? Optional.of(new Nodes(Integer.parseInt(count), program)) : Optional.empty();
    }

    /**
     * Gives an image to the nodes when one of their caches lacks it; when all have it, nothing is sent.
     *
     * @param cache the one here; the nodes' have the same path
     * @param image that is in it
     */
    public void give(ImageReference reference, CachedImage image, ImageCache cache, Consumer<String> notices)
            throws IOException {
        try {
            List<String> before = ask(reference, image, cache, Optional.empty());
            if (lacking(before).isEmpty()) {
                return;
            }
            Path there = cache.partial().resolve("sbcast-" + UUID.randomUUID());
            notices.accept("sending " + reference + " to the " + count + " nodes of the job");
            // without --force: a file that is there already is an error and never written to
            Tool.require("sbcast", "slurm-client")
                    .run(List.of(image.file().toString(), there.toString()), LINE, LONGEST);
            Optional<String> complaint = lacking(ask(reference, image, cache, Optional.of(there)));
            if (complaint.isPresent()) {
                throw failed(reference, complaint.get());
            }
        } catch (ToolException e) {
            throw failed(reference, String.valueOf(e.getMessage()));
        }
    }

    private static PullException failed(ImageReference reference, String why) {
        return new PullException(
                reference,
                "sending it to the nodes of the job: " + why
                        + "; see 'dunnage cache list' there, or let each node pull (start)");
    }

    /** One task on each node, and what they answer. */
    private List<String> ask(ImageReference reference, CachedImage image, ImageCache cache, Optional<Path> sent)
            throws IOException, ToolException {
        Tool srun = Tool.require("srun", "slurm-client");
        List<String> words = new ArrayList<>(
                List.of("--container=none", "--overlap", "--mpi=none", "--input=none", "--export=ALL", "--quiet"));
        words.addAll(List.of("--nodes=" + count, "--ntasks=" + count, "--ntasks-per-node=1"));
        words.addAll(List.of(
                program.toString(), "cache", "take", "--cache", cache.root().toString()));
        sent.ifPresent(file -> words.addAll(List.of("--file", file.toString())));
        words.addAll(
                List.of(reference.toString(), image.pinned(), image.content().toString()));
        byte[] said = srun.run(words, count * LINE, LONGEST);
        return new String(said, StandardCharsets.UTF_8).lines().toList();
    }

    /** What the first node says that has not got the image; empty when all have it. */
    private Optional<String> lacking(List<String> answers) {
        Optional<String> other =
                answers.stream().filter(line -> !line.equals(HERE)).findFirst();
        return other.isEmpty() && answers.size() != count
                ? Optional.of(answers.size() + " of " + count + " nodes answered")
                : other;
    }
}
