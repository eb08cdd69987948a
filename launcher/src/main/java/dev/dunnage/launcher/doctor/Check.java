package dev.dunnage.launcher.doctor;

import java.io.IOException;
import java.util.List;

/** One part of the examination. */
interface Check {
    /** Looks; what cannot be read is a finding, or the exception of one that is told as such. */
    List<Finding> look(Machine machine) throws IOException;
}
