package dev.dunnage.launcher.plan;

import dev.dunnage.launcher.audit.AuditException;
import dev.dunnage.launcher.audit.AuditRecord;
import dev.dunnage.policy.AuditSettings;

/** Takes a record of each decision. */
public interface Recorder {
    /**
     * Keeps a record.
     *
     * @throws AuditException when it is lost
     */
    void write(AuditSettings settings, AuditRecord record) throws AuditException;

    /** For trials, and for what users do by themselves: they could not write into the site's file anyway. */
    static Recorder none() {
        return (settings, record) -> {};
    }
}
