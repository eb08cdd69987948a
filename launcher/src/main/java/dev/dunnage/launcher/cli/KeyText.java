package dev.dunnage.launcher.cli;

import dev.dunnage.launcher.keys.Fingerprint;
import dev.dunnage.sif.key.KeyFacts;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Keys in what the commands print and read. */
final class KeyText {
    private KeyText() {}

    static String line(KeyFacts key) {
        String end = key.revoked()
                ? ", revoked"
                : key.expires().map(time -> ", valid until " + time).orElse("");
        String whose = key.userId().isEmpty() ? "(no user id)" : key.userId();
        return key.fingerprint() + " " + key.algorithm() + " " + whose + ", made " + key.created() + end;
    }

    static Map<String, Object> describe(KeyFacts key, boolean hasSecret) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("fingerprint", key.fingerprint());
        object.put("algorithm", key.algorithm());
        object.put("name", key.userId());
        object.put("created", key.created());
        object.put("expires", key.expires());
        object.put("revoked", key.revoked());
        object.put("can-sign", key.canSign());
        object.put("secret", hasSecret);
        return object;
    }

    /** Why no signature by this key will count at that time; empty when one may. */
    static Optional<String> unfitness(KeyFacts key, Instant at) {
        if (key.revoked()) {
            return Optional.of("the key is revoked, its signatures do not count");
        } else if (key.expiredAt(at)) {
            return Optional.of("the key has expired, its signatures do not count");
        } else if (key.userId().isEmpty()) {
            return Optional.of("the key came without user id, since the server leaves out what its owner has not"
                    + " confirmed; signatures do not count until it is complete, get it from its owner");
        }
        return key.canSign() ? Optional.empty() : Optional.of("the key may not sign, its signatures do not count");
    }

    /** A fingerprint argument. */
    static String fingerprint(String text) throws CommandFailure {
        Optional<String> fingerprint = Fingerprint.parse(text);
        return fingerprint.orElseThrow(() -> new CommandFailure(
                2, "'" + text + "' is no fingerprint; give all 40 hexadecimal digits, shorter ids can be forged"));
    }

    static CommandFailure unknown(String fingerprint) {
        return new CommandFailure(2, "no key " + fingerprint + " here; see dunnage key list");
    }
}
