package dev.dunnage.launcher.hints;

import dev.dunnage.mpi.PlainText;
import java.util.Optional;
import java.util.OptionalLong;

/** Compares hints with a step. */
public final class HintCheck {
    private final LaunchHints hints;

    /** A check of these hints. */
    public HintCheck(LaunchHints hints) {
        this.hints = hints;
    }

    /**
     * Why MPI programs of the image could not run in a step, with the cure; empty when they can.
     *
     * @param type Slurm's name of its MPI plug-in
     */
    public Optional<String> pmi(Optional<String> type, long tasks) {
        String name = type.orElse("none");
        boolean fits = hints.pmi().stream().anyMatch(kind -> name.equals(kind) || name.matches(kind + "_v[0-9]{1,3}"));
        if (tasks <= 1 || hints.pmi().isEmpty() || fits) {
            return Optional.empty();
        }
        return Optional.of(
                "its MPI" + hints.mpi().map(family -> " (" + family + ")").orElse("") + " needs "
                        + String.join(" or ", hints.pmi()) + ", and the step has --mpi=" + PlainText.of(name)
                        + "; use srun --mpi=" + hints.pmi().get(0)
                        + ", or --container-mpi=none for tasks that run each alone");
    }

    /** Why the image could not run on a node, with the cure; empty when it can, or when nobody knows. */
    public Optional<String> node(NodeOffer node, long uid, long job) {
        if (hints.gpu().filter(maker -> !node.hasGpu(maker)).isPresent()) {
            return Optional.of("it needs a GPU of " + hints.gpu().orElseThrow()
                    + ", and this node has none; ask Slurm for a node with one (--gres, --constraint)");
        }
        OptionalLong has = node.memory(uid, job);
        if (hints.memory().isPresent()
                && has.isPresent()
                && has.getAsLong() < hints.memory().getAsLong()) {
            return Optional.of(
                    "it needs " + mebibytes(hints.memory().getAsLong()) + " of memory on a node, and the job has "
                            + mebibytes(has.getAsLong()) + " here; ask Slurm for more (--mem)");
        }
        return Optional.empty();
    }

    /** What a job that asks Slurm for no GPU lacks, with the cure; empty when nothing. */
    public Optional<String> withoutGpu() {
        return hints.gpu()
                .map(maker -> "needs a GPU of " + maker
                        + " by its launch hints, and the job asks for none; give --gres=gpu:1 or --gpus=1, unless the"
                        + " partition gives one");
    }

    /** What a job that asks Slurm for this much memory on each node lacks, with the cure; empty when nothing. */
    public Optional<String> withMemory(long bytes) {
        long needed = hints.memory().orElse(0);
        return needed <= bytes
                ? Optional.empty()
                : Optional.of(
                        "needs " + mebibytes(needed) + " of memory on a node by its launch hints, and the job asks for "
                                + mebibytes(bytes) + "; give --mem=" + (((needed - 1) >> 20) + 1) + "M");
    }

    private static String mebibytes(long bytes) {
        return (bytes >> 20) + " MiB";
    }
}
