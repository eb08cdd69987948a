package dev.dunnage.launcher.accounts;

import java.util.Optional;
import java.util.Set;

/** The node's own lookup of accounts. */
public interface Accounts {
    /** Names of groups; those without a name are left out. Empty when the lookup does not work. */
    Optional<Set<String>> groupNames(Set<Long> gids);

    /** Login name. */
    Optional<String> userName(long uid);

    /** No lookup at all. */
    static Accounts none() {
        return new Accounts() {
            @Override
            public Optional<Set<String>> groupNames(Set<Long> gids) {
                return Optional.empty();
            }

            @Override
            public Optional<String> userName(long uid) {
                return Optional.empty();
            }
        };
    }
}
