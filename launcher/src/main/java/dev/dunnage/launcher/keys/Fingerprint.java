package dev.dunnage.launcher.keys;

import java.util.Locale;
import java.util.Optional;

/** Fingerprints as people write them. */
public final class Fingerprint {
    private Fingerprint() {}

    /** 40 upper-case hexadecimal digits; empty when the text is no fingerprint. Blanks and a leading 0x may be there. */
    public static Optional<String> parse(String text) {
        String digits = text.replaceAll("\\s", "").replaceFirst("^0[xX]", "").toUpperCase(Locale.ROOT);
        return digits.matches("[0-9A-F]{40}") ? Optional.of(digits) : Optional.empty();
    }
}
