package dev.dunnage.sif.verify;

import dev.dunnage.sif.DataType;
import dev.dunnage.sif.ImageBytes;
import dev.dunnage.sif.SifImage;
import dev.dunnage.sif.SifObject;
import dev.dunnage.sif.integrity.ObjectGroup;
import dev.dunnage.sif.integrity.ObjectHasher;
import dev.dunnage.sif.integrity.OciDigests;
import dev.dunnage.sif.integrity.SignedMessage;
import dev.dunnage.sif.key.KeyFacts;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** One verification of one image. */
final class VerificationRun {
    private static final int MAX_PER_GROUP = 64;
    private static final int MAX_IN_IMAGE = 256;

    private final SifImage image;
    private final Selection selection;
    private final SignatureReader reader;
    private final ObjectHasher hasher;

    VerificationRun(SifImage image, ImageBytes bytes, VerifyScope scope, PgpTextCheck pgp, DsseCheck dsse) {
        this.image = image;
        this.selection = Selection.of(image, scope);
        this.reader = new SignatureReader(bytes, pgp, dsse, selection.groups().keySet());
        this.hasher = new ObjectHasher(bytes);
    }

    Verification run() throws IOException {
        Optional<String> problem = selection.problem().or(this::tooMany);
        if (problem.isPresent()) {
            return Verification.refused(problem.get());
        }
        if (!selection.signatures().isEmpty()) {
            hasher.prepare(selection.size());
        }
        List<Checked> checked = new ArrayList<>();
        for (SifObject each : selection.signatures()) {
            checked.add(new Checked(each, reader.read(each)));
        }
        for (Checked each : checked) {
            each.text().message().ifPresent(message -> comparison(each.object()).announce(message));
        }
        List<Judged> judged = new ArrayList<>();
        for (Checked each : checked) {
            judged.add(new Judged(Selection.linkedGroup(each.object()), result(each)));
        }
        return conclude(judged);
    }

    private record Checked(SifObject object, SignedText text) {}

    private record Judged(long group, SignatureResult result) {}

    private Optional<String> tooMany() {
        List<SifObject> signatures = selection.signatures();
        Map<Long, Long> counts =
                signatures.stream().collect(Collectors.groupingBy(Selection::linkedGroup, Collectors.counting()));
        boolean crowded = counts.values().stream().anyMatch(count -> count > MAX_PER_GROUP);
        return crowded || signatures.size() > MAX_IN_IMAGE
                ? Optional.of("the image has more than %d signatures for one group, or more than %d in all; delete some"
                        .formatted(MAX_PER_GROUP, MAX_IN_IMAGE))
                : Optional.empty();
    }

    private SignatureResult result(Checked checked) throws IOException {
        Optional<SignedMessage> message = checked.text().message();
        return message.isPresent()
                ? comparison(checked.object()).compare(checked.text().result(), message.get())
                : checked.text().result();
    }

    /** Only for signatures whose link the reader found to be an existing group. */
    private GroupComparison comparison(SifObject signature) {
        ObjectGroup group = Optional.ofNullable(selection.groups().get(Selection.linkedGroup(signature)))
                .orElseThrow();
        GroupComparison whole = new GroupComparison(image, group, hasher);
        return selection.only().isPresent() ? whole.only(selection.only().getAsLong()) : whole;
    }

    /** An OCI image is found by its digests: signed or not, contents must be what they say. */
    private Optional<String> otherOciContent() throws IOException {
        return OciDigests.check(image, hasher, Long.MAX_VALUE).stream()
                .findFirst()
                .map(OciDigests.Mismatch::toString);
    }

    private Verification conclude(List<Judged> judged) throws IOException {
        Set<String> any = new TreeSet<>();
        Set<String> every = new TreeSet<>();
        boolean first = true;
        for (Long group : selection.groups().keySet()) {
            Set<String> signers = goodSigners(group, judged);
            any.addAll(signers);
            if (first) {
                every.addAll(signers);
            }
            every.retainAll(signers);
            first = false;
        }
        List<SignatureResult> results = judged.stream().map(Judged::result).toList();
        Optional<String> rejection = rejection(judged, status -> status == SignatureStatus.LEGACY);
        Optional<String> objection = rejection(judged, SignatureStatus::provesNothing);
        Optional<String> content =
                rejection.isPresent() && objection.isPresent() ? Optional.empty() : otherOciContent();
        return new Verification(
                results,
                every,
                any,
                rejection.or(() -> content),
                objection.or(() -> content),
                Verification.claims(results));
    }

    private static Set<String> goodSigners(long group, List<Judged> judged) {
        return judged.stream()
                .filter(each -> each.group() == group && each.result().good())
                .flatMap(each -> each.result().signer().stream())
                .map(KeyFacts::fingerprint)
                .collect(Collectors.toSet());
    }

    private Optional<String> rejection(List<Judged> judged, Predicate<SignatureStatus> passedOver) {
        for (SifObject object : image.objects()) {
            if (object.group() == 0 && object.type() != DataType.SIGNATURE) {
                return Optional.of(
                        "object %d belongs to no group, at byte %d, but must belong to one so that a signature covers it; delete it or"
                                        .formatted(object.id(), object.descriptor() + 9)
                                + " put it into a group");
            }
        }
        for (Judged each : judged) {
            SignatureResult result = each.result();
            if (!result.good() && !passedOver.test(result.status())) {
                return Optional.of(Refusals.invalid(image, result));
            }
        }
        for (Long group : selection.groups().keySet()) {
            if (judged.stream()
                    .noneMatch(each -> each.group() == group && each.result().good())) {
                return Optional.of(unsigned(group, judged));
            }
        }
        return Optional.empty();
    }

    /** What is wrong with the signature that it has tells more than that it has no good one. */
    private String unsigned(long group, List<Judged> judged) {
        return judged.stream()
                .filter(each -> each.group() == group && each.result().status() != SignatureStatus.LEGACY)
                .findFirst()
                .map(each -> Refusals.invalid(image, each.result()))
                .orElseGet(() -> "group %d of the image is not signed, sign it with a trusted key".formatted(group));
    }
}
