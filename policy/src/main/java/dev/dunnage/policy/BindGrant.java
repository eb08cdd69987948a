package dev.dunnage.policy;

import java.nio.file.Path;

/**
 * A place of the host that users may bind.
 *
 * @param source absolute clean path: this file, or this directory and everything beneath
 * @param readOnly whether it may be bound read-only at most
 */
public record BindGrant(Path source, boolean readOnly) {
    /** As it is written in a policy. */
    @Override
    public String toString() {
        return source + (readOnly ? ":ro" : "");
    }
}
