package dev.dunnage.policy;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What the site wants for every container, from {@code /etc/dunnage/dunnage.yaml}:
 *
 * <pre>{@code
 * version: 1
 * mount-home: true                        # bind the user's home directory unless the user says otherwise
 * mounts: [/scratch, "/sw:/sw:ro"]        # SRC[:DST[:ro|rw]], bound in every container
 * contact: "HPC help, hpc@example.org"    # whom refused users should ask
 * keys: /etc/dunnage/keys                 # public keys that may sign images
 * slurm-commands: [srun, sbatch, squeue]  # commands of the node that work inside containers
 * mpi-mode: hybrid                        # for all containers, instead of what users say by --container-mpi
 * audit: wanted                           # required: a step whose decision cannot be recorded is refused
 * audit-file: /var/log/dunnage/audit.jsonl
 * audit-file-size: 64MiB                  # then a new one is begun
 * audit-files: 8                          # how many are kept
 * audit-syslog: true                      # the system's log gets the records as well
 * }</pre>
 *
 * <p>and what {@link SourceSettings}, {@link GpuSettings} and {@link MpiProfile} show.
 *
 * @param mountHome whether the home directory is bound when the user did not say; default true
 * @param mounts mounts of every container, no target twice; default none
 * @param contact whom a refused user should ask, one line for messages; default {@value #DEFAULT_CONTACT}
 * @param keys directory of the site's public keys; default {@code keys} beside the file
 * @param slurmCommands names of Slurm's commands that containers offer; default {@link #DEFAULT_COMMANDS}
 * @param mpiMode how MPI programs are started, when users have no choice; default empty
 * @param mpi what the nodes offer to MPI, when the site wrote it down; default empty
 * @param audit where decisions are recorded; default {@link AuditSettings#DEFAULTS}
 * @param sources where images come from and are kept; default {@link SourceSettings#DEFAULTS}
 * @param gpu which containers have GPUs; default {@link GpuSettings#DEFAULTS}
 */
public record SiteConfig(
        boolean mountHome,
        List<MountSpec> mounts,
        String contact,
        Path keys,
        List<String> slurmCommands,
        Optional<MpiMode> mpiMode,
        Optional<MpiProfile> mpi,
        AuditSettings audit,
        SourceSettings sources,
        GpuSettings gpu) {
    /** Contact of a site that named none. */
    public static final String DEFAULT_CONTACT = "your system administrators";

    /** What users and their workflow tools call in jobs. */
    public static final List<String> DEFAULT_COMMANDS = List.of(
            "sacct",
            "salloc",
            "sattach",
            "sbatch",
            "sbcast",
            "scancel",
            "scontrol",
            "sinfo",
            "sprio",
            "squeue",
            "srun",
            "sshare",
            "sstat");

    /** Copies the lists. */
    public SiteConfig {
        mounts = List.copyOf(mounts);
        slurmCommands = List.copyOf(slurmCommands);
    }

    /** The settings of a site without the file, or with nothing but {@code version: 1} in it. */
    static SiteConfig defaults(Path file) {
        return new SiteConfig(
                true,
                List.of(),
                DEFAULT_CONTACT,
                file.toAbsolutePath().resolveSibling("keys"),
                DEFAULT_COMMANDS,
                Optional.empty(),
                Optional.empty(),
                AuditSettings.DEFAULTS,
                SourceSettings.DEFAULTS,
                GpuSettings.DEFAULTS);
    }
}
