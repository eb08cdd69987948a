package dev.dunnage.launcher.keyserver;

import dev.dunnage.sif.Printable;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Machine-readable key lists, draft-shaw-openpgp-hkp-00 section 5.2. */
final class IndexReader {
    private static final int MAX_KEYS = 1000;
    private static final int MAX_NAMES = 50;

    private static final Map<String, String> ALGORITHMS = Map.of(
            "1", "RSA", "2", "RSA", "3", "RSA", "16", "Elgamal", "17", "DSA", "18", "ECDH", "19", "ECDSA", "22",
            "EdDSA", "25", "X25519", "27", "Ed25519");

    private IndexReader() {}

    /**
     * Reads a list; lines of kinds that are not known are passed over.
     *
     * @return empty when the text is no such list
     */
    static Optional<List<ListedKey>> parse(byte[] answer) {
        List<ListedKey> keys = new ArrayList<>();
        boolean isIndex = false;
        for (String line : new String(answer, StandardCharsets.UTF_8).lines().toList()) {
            String[] fields = line.strip().split(":", -1);
            isIndex |= fields[0].equals("info") || fields[0].equals("pub");
            if (fields[0].equals("pub") && fields.length > 1 && fields[1].matches("[0-9A-Fa-f]{8,64}")) {
                if (keys.size() == MAX_KEYS) {
                    break;
                }
                keys.add(key(fields));
            } else if (fields[0].equals("uid") && fields.length > 1 && !keys.isEmpty()) {
                addName(keys, fields[1]);
            }
        }
        return isIndex ? Optional.of(List.copyOf(keys)) : Optional.empty();
    }

    private static ListedKey key(String[] fields) {
        String algorithm = ALGORITHMS.getOrDefault(field(fields, 2), "");
        String bits = field(fields, 3);
        if (!algorithm.isEmpty() && bits.matches("[1-9][0-9]{1,4}")) {
            algorithm += " " + bits;
        }
        String flags = field(fields, 6);
        return new ListedKey(
                fields[1].toUpperCase(Locale.ROOT),
                algorithm,
                time(field(fields, 4)),
                time(field(fields, 5)),
                flags.contains("r") || flags.contains("d"),
                List.of());
    }

    private static String field(String[] fields, int number) {
        return number < fields.length ? fields[number] : "";
    }

    private static void addName(List<ListedKey> keys, String escaped) {
        ListedKey last = keys.get(keys.size() - 1);
        if (last.names().size() < MAX_NAMES) {
            keys.set(keys.size() - 1, last.named(name(escaped)));
        }
    }

    /** Escaped as in a URL, but a plus sign is itself. */
    private static String name(String escaped) {
        String text;
        try {
            text = URLDecoder.decode(escaped.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            text = escaped;
        }
        return Printable.of(text.getBytes(StandardCharsets.UTF_8));
    }

    private static Optional<Instant> time(String seconds) {
        try {
            return seconds.matches("[0-9]{1,12}")
                    ? Optional.of(Instant.ofEpochSecond(Long.parseLong(seconds)))
                    : Optional.empty();
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }
}
