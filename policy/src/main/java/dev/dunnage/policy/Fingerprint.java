package dev.dunnage.policy;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads fingerprints of keys. */
final class Fingerprint {
    private static final Pattern OPENPGP = Pattern.compile("[0-9A-Fa-f]{40}");
    private static final Pattern PEM = Pattern.compile("SHA256:[A-Za-z0-9+/]{43}");

    private Fingerprint() {}

    /** An OpenPGP fingerprint in capitals; otherwise a finding. */
    static Optional<String> read(Node node, Findings findings) {
        Optional<String> text = Section.text(node, findings).map(Node.Scalar::text);
        if (text.isPresent() && !OPENPGP.matcher(text.get()).matches()) {
            findings.add(node, refusal(text.get()));
            return Optional.empty();
        }
        return text.map(t -> t.toUpperCase(Locale.ROOT));
    }

    /** The normal form of an OpenPGP or PEM fingerprint; empty for any other text. */
    static Optional<String> of(String text) {
        if (OPENPGP.matcher(text).matches()) {
            return Optional.of(text.toUpperCase(Locale.ROOT));
        }
        return PEM.matcher(text).matches() ? Optional.of(text) : Optional.empty();
    }

    static String refusal(String text) {
        return "'" + text + "' is no fingerprint: write all 40 hex digits without blanks, as gpg --with-colons"
                + " --fingerprint shows them";
    }
}
