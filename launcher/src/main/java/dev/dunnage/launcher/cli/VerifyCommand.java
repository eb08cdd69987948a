package dev.dunnage.launcher.cli;

import dev.dunnage.launcher.keys.KeyRings;
import dev.dunnage.launcher.keys.UserKeys;
import dev.dunnage.sif.ImageBytes;
import dev.dunnage.sif.SifFormatException;
import dev.dunnage.sif.SifImage;
import dev.dunnage.sif.key.KeyFacts;
import dev.dunnage.sif.key.KeyRing;
import dev.dunnage.sif.verify.SifVerifier;
import dev.dunnage.sif.verify.SignatureResult;
import dev.dunnage.sif.verify.Verification;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code dunnage verify}. */
@Command(
        name = "verify",
        description = {
            "Verifies the signatures of images.",
            "Accepted means: every object of the image is signed, every signature is good, and every signer's key is in"
                    + " the ring. Whether an image may run is the site's policy's word: see dunnage policy check.",
            "Exit status 0 when every image is accepted, 1 otherwise."
        })
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class VerifyCommand extends BaseCommand {
    @Parameters(paramLabel = "IMAGE", arity = "1..*", description = "SIF files.")
    private List<Path> images;

    @Option(
            names = "--keyring",
            paramLabel = "FILE",
            description = "File or directory of trusted public keys; may be repeated. Default: the site's keys in"
                    + " /etc/dunnage/keys and those of the user.")
    private List<Path> keyrings = new ArrayList<>();

    @Option(
            names = "--time",
            paramLabel = "TIME",
            converter = TimeOption.class,
            description =
                    "Judge keys and signatures at this time, such as 2026-12-01 or 2026-12-01T10:00:00Z, instead of"
                            + " now.")
    private Optional<Instant> time = Optional.empty();

    @Mixin
    private JsonOption json;

    private record Outcome(String result, String reason, List<SignatureResult> signatures) {}

    @Override
    public Integer call() throws Exception {
        KeyRing ring = KeyRings.read(keyrings.isEmpty() ? defaultKeys() : keyrings);
        SifVerifier verifier = new SifVerifier(ring, time.orElseGet(Instant::now));
        boolean allAccepted = true;
        for (Path image : images) {
            Outcome outcome = verify(verifier, image);
            print(image, outcome);
            allAccepted &= outcome.result().equals("accept");
        }
        return allAccepted ? 0 : 1;
    }

    static List<Path> defaultKeys() {
        List<Path> places = new ArrayList<>();
        for (Path place : List.of(KeyRings.SITE, UserKeys.ofHome().publicKeys())) {
            if (Files.isDirectory(place)) {
                places.add(place);
            }
        }
        return places;
    }

    private static Outcome verify(SifVerifier verifier, Path path) {
        try (OpenedImage image = OpenedImage.open(path)) {
            ImageBytes bytes = image.bytes();
            Verification found = verifier.verify(SifImage.read(bytes), bytes);
            return found.accepted()
                    ? new Outcome("accept", "", found.signatures())
                    : new Outcome("reject", found.rejection().orElse(""), found.signatures());
        } catch (CommandFailure | SifFormatException | IOException e) {
            return new Outcome("error", String.valueOf(e.getMessage()), List.of());
        }
    }

    private void print(Path image, Outcome outcome) {
        if (json.wanted()) {
            Map<String, Object> object = new LinkedHashMap<>();
            object.put("file", image.toString());
            object.put("result", outcome.result());
            object.put("reason", outcome.reason());
            object.put(
                    "signers",
                    outcome.signatures().stream().map(VerifyCommand::signer).toList());
            out().println(JsonLine.of(object));
            return;
        }
        out().println(image + ": " + outcome.result() + (outcome.reason().isEmpty() ? "" : ": " + outcome.reason()));
        for (SignatureResult signature : outcome.signatures()) {
            out().println("  " + line(signature));
        }
    }

    private static Map<String, Object> signer(SignatureResult signature) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("fingerprint", signature.claimedFingerprint());
        object.put("algorithm", signature.signer().map(KeyFacts::algorithm));
        object.put("name", signature.signer().map(KeyFacts::userId));
        object.put("created", signature.created());
        object.put("status", status(signature));
        object.put("reason", signature.reason());
        object.put("objects", signature.objects());
        return object;
    }

    private static String status(SignatureResult signature) {
        return signature.status().name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static String line(SignatureResult signature) {
        String who = signature
                .signer()
                .map(key -> " " + key.algorithm() + " " + key.userId())
                .orElse("");
        String when = signature.created().map(time -> ", made " + time).orElse("");
        String what = signature.good() ? ", objects " + signature.objects() : ": " + signature.reason();
        String whose = signature.claimedFingerprint().isEmpty() ? "no fingerprint" : signature.claimedFingerprint();
        return status(signature) + " " + whose + who + when + what;
    }
}
