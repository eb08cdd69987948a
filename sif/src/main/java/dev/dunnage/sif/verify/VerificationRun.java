package dev.dunnage.sif.verify;

import dev.dunnage.sif.DataType;
import dev.dunnage.sif.ImageBytes;
import dev.dunnage.sif.Link;
import dev.dunnage.sif.SifImage;
import dev.dunnage.sif.SifObject;
import dev.dunnage.sif.integrity.ObjectGroup;
import dev.dunnage.sif.integrity.ObjectHasher;
import dev.dunnage.sif.key.KeyFacts;
import dev.dunnage.sif.key.KeyRing;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** One verification of one image. */
final class VerificationRun {
    private static final int MAX_PER_GROUP = 64;
    private static final int MAX_IN_IMAGE = 256;

    private final SifImage image;
    private final Map<Long, ObjectGroup> groups;
    private final List<SifObject> signatures;
    private final SignatureReader reader;
    private final ObjectHasher hasher;

    VerificationRun(SifImage image, ImageBytes bytes, KeyRing ring, Instant at) {
        this.image = image;
        this.groups = new LinkedHashMap<>();
        ObjectGroup.of(image).forEach(group -> groups.put(group.number(), group));
        this.signatures = image.objects().stream()
                .filter(object -> object.type() == DataType.SIGNATURE)
                .toList();
        this.reader = new SignatureReader(bytes, ring, at, groups.keySet());
        this.hasher = new ObjectHasher(bytes);
    }

    Verification run() throws IOException {
        Optional<String> tooMany = tooMany();
        if (tooMany.isPresent()) {
            return new Verification(List.of(), Set.of(), Set.of(), tooMany);
        }
        Map<SifObject, SignedText> texts = new LinkedHashMap<>();
        for (SifObject each : signatures) {
            texts.put(each, reader.read(each));
        }
        texts.forEach((object, text) ->
                text.message().ifPresent(message -> comparison(object).announce(message)));
        Map<SifObject, SignatureResult> results = new LinkedHashMap<>();
        for (Map.Entry<SifObject, SignedText> each : texts.entrySet()) {
            results.put(each.getKey(), result(each.getKey(), each.getValue()));
        }
        return conclude(results);
    }

    private Optional<String> tooMany() {
        Map<Link, Long> counts =
                signatures.stream().collect(Collectors.groupingBy(SifObject::link, Collectors.counting()));
        boolean crowded = counts.values().stream().anyMatch(count -> count > MAX_PER_GROUP);
        return crowded || signatures.size() > MAX_IN_IMAGE
                ? Optional.of("the image has more than %d signatures for one group, or more than %d in all; delete some"
                        .formatted(MAX_PER_GROUP, MAX_IN_IMAGE))
                : Optional.empty();
    }

    private SignatureResult result(SifObject object, SignedText text) throws IOException {
        return text.message().isPresent()
                ? comparison(object).compare(text, text.message().get())
                : text.result();
    }

    /** Only for signatures whose link the reader found to be an existing group. */
    private GroupComparison comparison(SifObject signature) {
        ObjectGroup group =
                Optional.ofNullable(groups.get(linkedGroup(signature))).orElseThrow();
        return new GroupComparison(image, group, hasher);
    }

    private static long linkedGroup(SifObject signature) {
        return signature.link() instanceof Link.ToGroup link ? link.group() : 0;
    }

    private Verification conclude(Map<SifObject, SignatureResult> results) {
        Set<String> any = new TreeSet<>();
        Set<String> every = new TreeSet<>();
        boolean first = true;
        for (Long group : groups.keySet()) {
            Set<String> signers = goodSigners(group, results);
            any.addAll(signers);
            if (first) {
                every.addAll(signers);
            }
            every.retainAll(signers);
            first = false;
        }
        return new Verification(new ArrayList<>(results.values()), every, any, rejection(results));
    }

    private static Set<String> goodSigners(long group, Map<SifObject, SignatureResult> results) {
        return results.entrySet().stream()
                .filter(each ->
                        linkedGroup(each.getKey()) == group && each.getValue().good())
                .flatMap(each -> each.getValue().signer().stream())
                .map(KeyFacts::fingerprint)
                .collect(Collectors.toSet());
    }

    private Optional<String> rejection(Map<SifObject, SignatureResult> results) {
        if (groups.isEmpty()) {
            return Optional.of("the image has no group of objects that could be signed, build it anew");
        }
        for (SifObject object : image.objects()) {
            if (object.group() == 0 && object.type() != DataType.SIGNATURE) {
                return Optional.of(
                        "object %d belongs to no group, so no signature covers it; delete it or put it into a group"
                                .formatted(object.id()));
            }
        }
        for (SignatureResult each : results.values()) {
            if (!each.good() && each.status() != SignatureStatus.LEGACY) {
                return Optional.of("signature object %d is not valid: %s".formatted(each.objectId(), each.reason()));
            }
        }
        for (Long group : groups.keySet()) {
            if (goodSigners(group, results).isEmpty()) {
                return Optional.of("group %d of the image is not signed, sign it with a trusted key".formatted(group));
            }
        }
        return Optional.empty();
    }
}
