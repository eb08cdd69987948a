package dev.dunnage.sif.verify;

import dev.dunnage.sif.DataType;
import dev.dunnage.sif.ImageBytes;
import dev.dunnage.sif.Link;
import dev.dunnage.sif.SifImage;
import dev.dunnage.sif.SifObject;
import dev.dunnage.sif.integrity.Digest;
import dev.dunnage.sif.integrity.DigestAlgorithm;
import dev.dunnage.sif.integrity.ObjectHasher;
import dev.dunnage.sif.key.KeyFacts;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Verification by signatures of the form before Singularity 3.6. They cover contents only, never the header or a
 * descriptor; modern signatures do not count here.
 */
final class LegacyRun {
    private static final int MAX_SIGNATURES = 64;

    private final SifImage image;
    private final ImageBytes bytes;
    private final PgpTextCheck pgp;
    private final ObjectHasher hasher;

    LegacyRun(SifImage image, ImageBytes bytes, PgpTextCheck pgp) {
        this.image = image;
        this.bytes = bytes;
        this.pgp = pgp;
        this.hasher = new ObjectHasher(bytes);
    }

    Verification run() throws IOException {
        Optional<SifObject> root =
                image.objects().stream().filter(SifObject::isPrimarySystem).findFirst();
        if (root.isEmpty()) {
            return rejected("the image has no root file system that a legacy signature could cover");
        }
        List<SifObject> candidates = image.objects().stream()
                .filter(object -> object.type() == DataType.SIGNATURE
                        && !covered(object, root.get()).isEmpty())
                .toList();
        if (candidates.size() > MAX_SIGNATURES) {
            return rejected("the image has more than 64 signatures for its root file system, delete some");
        }
        List<SignatureResult> results = new ArrayList<>();
        for (SifObject object : candidates) {
            if (SignatureContent.read(bytes, object) instanceof SignatureContent.Legacy legacy) {
                results.add(check(object, legacy, covered(object, root.get())));
            }
        }
        return conclude(results);
    }

    private static Verification rejected(String reason) {
        return new Verification(List.of(), Set.of(), Set.of(), Optional.of(reason));
    }

    /** What a signature covers, if that includes the root file system: the root alone, or all objects of its group. */
    private List<SifObject> covered(SifObject signature, SifObject root) {
        if (signature.link() instanceof Link.ToObject link && link.id() == root.id()) {
            return List.of(root);
        }
        if (signature.link() instanceof Link.ToGroup link && link.group() == root.group() && root.group() != 0) {
            return image.objects().stream()
                    .filter(object -> object.group() == root.group() && object.type() != DataType.SIGNATURE)
                    .toList();
        }
        return List.of();
    }

    private SignatureResult check(SifObject object, SignatureContent.Legacy legacy, List<SifObject> objects)
            throws IOException {
        SignatureResult result = pgp.check(object, legacy.text());
        if (!result.good()) {
            return result;
        }
        Optional<DigestAlgorithm> algorithm = algorithm(object);
        if (algorithm.isEmpty()) {
            return result.with(SignatureStatus.UNSUPPORTED, "its hash is not SHA-2, sign the image anew", List.of());
        }
        List<String> lines = legacy.text().text().lines().toList();
        Digest found = hasher.digest(objects, algorithm.get());
        boolean same =
                lines.size() == 2 && lines.get(1).toLowerCase(Locale.ROOT).equals(found.hex());
        return same
                ? result.with(
                        SignatureStatus.GOOD,
                        "",
                        objects.stream().map(SifObject::id).sorted().toList())
                : result.with(
                        SignatureStatus.IMAGE_CHANGED,
                        "the content is not what was signed, get the original image or sign it anew",
                        List.of());
    }

    private static Optional<DigestAlgorithm> algorithm(SifObject object) {
        return switch (object.signature().orElseThrow().hash()) {
            case SHA256 -> Optional.of(DigestAlgorithm.SHA256);
            case SHA384 -> Optional.of(DigestAlgorithm.SHA384);
            case SHA512 -> Optional.of(DigestAlgorithm.SHA512);
            case BLAKE2S_256, BLAKE2B_256, UNKNOWN -> Optional.empty();
        };
    }

    private static Verification conclude(List<SignatureResult> results) {
        Set<String> signers = results.stream()
                .filter(SignatureResult::good)
                .flatMap(result -> result.signer().stream())
                .map(KeyFacts::fingerprint)
                .collect(Collectors.toSet());
        Optional<String> rejection = results.stream()
                .filter(result -> !result.good())
                .map(result -> "signature object %d is not valid: %s".formatted(result.objectId(), result.reason()))
                .findFirst();
        if (results.isEmpty()) {
            rejection = Optional.of("the root file system has no legacy signature, sign the image with a trusted key");
        }
        return new Verification(results, signers, signers, rejection);
    }
}
