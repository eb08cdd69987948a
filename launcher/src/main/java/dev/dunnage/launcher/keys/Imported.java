package dev.dunnage.launcher.keys;

import dev.dunnage.sif.key.KeyFacts;
import java.util.List;

/**
 * What an import brought.
 *
 * @param keys those that are among the user's keys now
 * @param problems one line for each key that could not be taken over
 */
public record Imported(List<Key> keys, List<String> problems) {
    /** Copies the lists. */
    public Imported {
        keys = List.copyOf(keys);
        problems = List.copyOf(problems);
    }

    /**
     * One key.
     *
     * @param secret whether its secret part came too
     */
    public record Key(KeyFacts facts, boolean secret) {}
}
