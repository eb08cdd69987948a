package dev.dunnage.mpi;

import java.util.Map;
import java.util.Optional;

/**
 * What must cross the border of the container so that the image's MPI library reaches Slurm's PMI. The tasks keep the
 * variables and descriptors that Slurm gave them in any case.
 *
 * @param kind what the step uses
 * @param bindPmixDirectory whether the PMIx directory of the step must be visible inside at its own path. Without it ranks
 *     still start, but each one prints an error and keeps a private copy of the job's data
 * @param environment variables to set for every rank, after the image's own environment
 * @param explanation one line for logs and {@code explain} output: what is wired and why
 */
public record PmiWiring(PmiKind kind, boolean bindPmixDirectory, Map<String, String> environment, String explanation) {

    /**
     * The server offers munge and native. An image has neither munge's socket nor, often, the component, and says so on
     * every rank; native compares user ids, which the container leaves alone.
     */
    private static final Map<String, String> PMIX_ENVIRONMENT = Map.of("PMIX_MCA_psec", "native");

    /** Copies the map. */
    public PmiWiring {
        environment = Map.copyOf(environment);
    }

    /**
     * The wiring of a step.
     *
     * @param mpiType Slurm's name of the step's MPI plugin, see {@link PmiKind#of}
     */
    public static PmiWiring forStep(Optional<String> mpiType) {
        PmiKind kind = PmiKind.of(mpiType);
        return switch (kind) {
            case PMIX ->
                new PmiWiring(
                        kind,
                        true,
                        PMIX_ENVIRONMENT,
                        "PMIx: the step's PMIx directory is bound, psec is set to native");
            case PMI2 ->
                new PmiWiring(kind, false, Map.of(), "PMI2: the descriptor in PMI_FD stays open, no path is needed");
            case NONE ->
                new PmiWiring(
                        kind,
                        false,
                        Map.of(),
                        "no PMI in this step: MPI ranks would each run alone; use srun --mpi=pmix or --mpi=pmi2");
            case UNKNOWN ->
                new PmiWiring(
                        kind,
                        false,
                        Map.of(),
                        "no wiring for Slurm's MPI type '" + PlainText.of(mpiType.orElse(""))
                                + "': use srun --mpi=pmix or --mpi=pmi2 if MPI does not start");
        };
    }
}
