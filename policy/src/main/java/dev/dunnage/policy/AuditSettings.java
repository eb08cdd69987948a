package dev.dunnage.policy;

import java.nio.file.Path;

/**
 * Where decisions are recorded.
 *
 * @param required whether a step is refused whose decision cannot be written to the file
 * @param file absolute; its directory belongs to the account that runs the launcher
 * @param fileSize bytes at which a new file is begun, at least 4096
 * @param files how many files are kept, the current one included, at least 1
 * @param syslog whether the system's log gets each record as well
 */
public record AuditSettings(boolean required, Path file, long fileSize, int files, boolean syslog) {
    /** Smallest file. */
    static final long LEAST_SIZE = 1 << 16;

    /** Settings of a site that said nothing: written where it can be, and loud where not. */
    public static final AuditSettings DEFAULTS =
            new AuditSettings(false, Path.of("/var/log/dunnage/audit.jsonl"), 64L << 20, 8, true);
}
