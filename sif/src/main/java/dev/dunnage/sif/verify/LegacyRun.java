package dev.dunnage.sif.verify;

import dev.dunnage.sif.DataType;
import dev.dunnage.sif.ImageBytes;
import dev.dunnage.sif.Link;
import dev.dunnage.sif.Printable;
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
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Verification by signatures of the form before Singularity 3.6. They cover contents only, never the header or a
 * descriptor; modern signatures do not count here.
 */
final class LegacyRun {
    private static final int MAX_SIGNATURES = 64;

    private final SifImage image;
    private final ImageBytes bytes;
    private final VerifyScope scope;
    private final PgpTextCheck pgp;
    private final ObjectHasher hasher;

    LegacyRun(SifImage image, ImageBytes bytes, VerifyScope scope, PgpTextCheck pgp) {
        this.image = image;
        this.bytes = bytes;
        this.scope = scope;
        this.pgp = pgp;
        this.hasher = new ObjectHasher(bytes);
    }

    Verification run() throws IOException {
        Optional<SifObject> root =
                image.objects().stream().filter(SifObject::isPrimarySystem).findFirst();
        if (scope instanceof VerifyScope.Image && root.isEmpty()) {
            return rejected("the image has no root file system that a legacy signature could cover");
        }
        List<SifObject> candidates = image.objects().stream()
                .filter(object -> object.type() == DataType.SIGNATURE
                        && !covered(object, root).isEmpty())
                .toList();
        if (candidates.size() > MAX_SIGNATURES) {
            return rejected("the image has more than 64 signatures for the same objects, delete some");
        }
        List<SignatureResult> results = new ArrayList<>();
        for (SifObject object : candidates) {
            if (SignatureContent.read(bytes, object) instanceof SignatureContent.Legacy legacy) {
                results.add(check(object, legacy, covered(object, root)));
            }
        }
        boolean coversRoot = scope instanceof VerifyScope.Image
                || (scope instanceof VerifyScope.SingleObject single
                        && root.filter(object -> object.id() == single.id()).isPresent());
        return conclude(results, coversRoot);
    }

    private static Verification rejected(String reason) {
        return Verification.refused(reason);
    }

    /** The objects that a signature covers, one or all of a group; none when it has nothing to do with the scope. */
    private List<SifObject> covered(SifObject signature, Optional<SifObject> root) {
        if (signature.link() instanceof Link.ToObject link && isWanted(link.id(), root)) {
            return image.object(link.id()).stream().toList();
        }
        if (signature.link() instanceof Link.ToGroup link && link.group() != 0 && isWantedGroup(link.group(), root)) {
            return image.objects().stream()
                    .filter(object -> object.group() == link.group() && object.type() != DataType.SIGNATURE)
                    .toList();
        }
        return List.of();
    }

    private boolean isWanted(long id, Optional<SifObject> root) {
        return scope instanceof VerifyScope.SingleObject single
                ? single.id() == id
                : scope instanceof VerifyScope.Image
                        && root.filter(object -> object.id() == id).isPresent();
    }

    private boolean isWantedGroup(long number, Optional<SifObject> root) {
        return scope instanceof VerifyScope.Group group
                ? group.number() == number
                : scope instanceof VerifyScope.Image
                        && root.filter(object -> object.group() == number).isPresent();
    }

    private SignatureResult check(SifObject object, SignatureContent.Legacy legacy, List<SifObject> objects)
            throws IOException {
        SignatureResult result = pgp.check(object, legacy.text());
        if (!result.good()) {
            return result;
        }
        Optional<DigestAlgorithm> algorithm = algorithm(object);
        if (algorithm.isEmpty()) {
            return result.with(
                    SignatureStatus.UNSUPPORTED,
                    Refusals.field(
                                    object,
                                    201,
                                    "hash type",
                                    object.signature().orElseThrow().hashCodeNumber(),
                                    "1 to 3, for SHA-2")
                            + "; sign the image anew",
                    List.of());
        }
        List<String> lines = legacy.text().text().lines().toList();
        Digest found = hasher.digest(objects, algorithm.get());
        String stated = lines.size() == 2 ? lines.get(1).toLowerCase(Locale.ROOT) : "";
        if (stated.equals(found.hex())) {
            List<Long> ids = objects.stream().map(SifObject::id).sorted().toList();
            return result.with(SignatureStatus.GOOD, "", ids);
        }
        return result.with(
                SignatureStatus.IMAGE_CHANGED,
                ("the content at byte %d is not what was signed: it has digest %s, but must have %s; get the original"
                                + " image or sign it anew")
                        .formatted(objects.get(0).offset(), found.brief(), Printable.excerpt(stated)),
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

    private Verification conclude(List<SignatureResult> results, boolean coversRoot) {
        Set<String> signers = results.stream()
                .filter(SignatureResult::good)
                .flatMap(result -> result.signer().stream())
                .map(KeyFacts::fingerprint)
                .collect(Collectors.toSet());
        Optional<String> rejection = results.stream()
                .filter(result -> !result.good())
                .map(result -> Refusals.invalid(image, result))
                .findFirst();
        if (results.isEmpty()) {
            rejection = Optional.of("%s has no legacy signature, sign the image with a trusted key"
                    .formatted(coversRoot ? "the root file system" : "the part asked for"));
        }
        return new Verification(
                results,
                signers,
                signers,
                rejection,
                rejection.flatMap(reason -> objection(results, reason)),
                Verification.claims(results));
    }

    /** Signatures by keys outside the ring are no objection even alone: who only forbids keys may be content with them. */
    private static Optional<String> objection(List<SignatureResult> results, String rejection) {
        boolean good = results.stream().anyMatch(SignatureResult::good);
        Predicate<SignatureResult> harmless = result -> result.good()
                || (good && result.status().provesNothing() && result.status() != SignatureStatus.UNSUPPORTED)
                || result.status() == SignatureStatus.UNKNOWN_KEY;
        return !results.isEmpty() && results.stream().allMatch(harmless) ? Optional.empty() : Optional.of(rejection);
    }
}
