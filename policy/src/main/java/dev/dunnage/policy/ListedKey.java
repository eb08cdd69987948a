package dev.dunnage.policy;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;

/**
 * A key in a list of the policy.
 *
 * @param fingerprint as in {@link SignatureFacts}
 * @param validity when the key counts for an allowance; a forbidden key is forbidden at any time
 */
record ListedKey(String fingerprint, Validity validity) {

    static List<ListedKey> always(Collection<String> fingerprints) {
        return fingerprints.stream()
                .map(key -> new ListedKey(key, Validity.ALWAYS))
                .toList();
    }

    static List<String> fingerprints(List<ListedKey> keys) {
        return names(keys.stream());
    }

    static List<String> usable(List<ListedKey> keys, Instant at) {
        return names(keys.stream().filter(key -> key.validity().contains(at)));
    }

    private static List<String> names(Stream<ListedKey> keys) {
        return keys.map(ListedKey::fingerprint).distinct().toList();
    }
}
