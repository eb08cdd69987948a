package dev.dunnage.launcher.cli;

import dev.dunnage.sif.key.KeyFacts;
import dev.dunnage.sif.verify.SignatureResult;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What {@code dunnage verify} found out about one file.
 *
 * @param result {@code accept}, {@code reject}, or {@code error} when the file could not be read
 * @param reason empty when accepted
 */
record VerifyOutcome(Path file, String result, String reason, List<SignatureResult> signatures) {
    static VerifyOutcome of(Path file, Optional<String> rejection, List<SignatureResult> signatures) {
        return new VerifyOutcome(
                file, rejection.isEmpty() ? "accept" : "reject", rejection.orElse(""), List.copyOf(signatures));
    }

    /** A file that was read and is no sound image. */
    static VerifyOutcome damaged(Path file, String reason) {
        return new VerifyOutcome(file, "reject", reason, List.of());
    }

    static VerifyOutcome unreadable(Path file, String reason) {
        return new VerifyOutcome(file, "error", reason, List.of());
    }

    boolean accepted() {
        return result.equals("accept");
    }

    Map<String, Object> members() {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("file", file.toString());
        object.put("result", result);
        object.put("reason", reason);
        object.put("signers", signatures.stream().map(VerifyOutcome::signer).toList());
        return object;
    }

    Stream<String> lines() {
        String first = file + ": " + result + (reason.isEmpty() ? "" : ": " + reason);
        return Stream.concat(Stream.of(first), signatures.stream().map(signature -> "  " + line(signature)));
    }

    private static Map<String, Object> signer(SignatureResult signature) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("fingerprint", fingerprint(signature));
        object.put("algorithm", signature.signer().map(KeyFacts::algorithm));
        object.put("name", signature.signer().map(KeyFacts::userId));
        object.put("created", signature.created());
        object.put("status", status(signature));
        object.put("reason", signature.reason());
        object.put("objects", signature.objects());
        return object;
    }

    /** A DSSE signature claims none; the key that made it is known when it is good. */
    private static String fingerprint(SignatureResult signature) {
        String claimed = signature.claimedFingerprint();
        return claimed.isEmpty() ? signature.signer().map(KeyFacts::fingerprint).orElse("") : claimed;
    }

    private static String status(SignatureResult signature) {
        return signature.status().name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static String line(SignatureResult signature) {
        String who = signature
                .signer()
                .map(key -> (" " + key.algorithm() + " " + key.userId()).stripTrailing())
                .orElse("");
        String when = signature.created().map(time -> ", made " + time).orElse("");
        String what = signature.good() ? ", objects " + signature.objects() : ": " + signature.reason();
        String whose = fingerprint(signature).isEmpty() ? "no fingerprint" : fingerprint(signature);
        return status(signature) + " " + whose + who + when + what;
    }
}
