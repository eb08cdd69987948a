package dev.dunnage.launcher.doctor;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** One part of the examination. */
interface Check {
    /**
     * Looks; what cannot be read is a finding, or the exception of one that is told as such.
     *
     * @param slurm where Slurm has its plug-ins; empty when the machine has no Slurm
     */
    List<Finding> look(Machine machine, Optional<String> slurm) throws IOException;
}
