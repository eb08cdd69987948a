package dev.dunnage.launcher.cli;

import dev.dunnage.sif.DataType;
import dev.dunnage.sif.Link;
import dev.dunnage.sif.SifImage;
import dev.dunnage.sif.SifObject;
import dev.dunnage.sif.verify.SignatureResult;
import dev.dunnage.sif.verify.SignatureStatus;
import dev.dunnage.sif.verify.Verification;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What a verification says about one group of objects: every signature over it must be good, and there must be one. */
record GroupScope(SifImage image, long group) {

    /** Results of the signatures that are linked to the group. */
    List<SignatureResult> signatures(Verification found) {
        Set<Long> linked = new HashSet<>();
        for (SifObject object : image.objects()) {
            if (object.type() == DataType.SIGNATURE
                    && object.link() instanceof Link.ToGroup link
                    && link.group() == group) {
                linked.add(object.id());
            }
        }
        return found.signatures().stream()
                .filter(result -> linked.contains(result.objectId()))
                .toList();
    }

    /** Why the group is not accepted, one line; empty when it is. */
    Optional<String> rejection(Verification found) {
        if (image.objects().stream().noneMatch(object -> object.group() == group)) {
            return Optional.of("the image has no group %d; dunnage sif list shows its groups".formatted(group));
        }
        for (SifObject object : image.objects()) {
            if (object.group() == 0 && object.type() != DataType.SIGNATURE) {
                return Optional.of(
                        "object %d belongs to no group, so no signature covers it; delete it or put it into a group"
                                .formatted(object.id()));
            }
        }
        List<SignatureResult> results = signatures(found);
        for (SignatureResult result : results) {
            if (!result.good() && result.status() != SignatureStatus.LEGACY) {
                return Optional.of(
                        "signature object %d is not valid: %s".formatted(result.objectId(), result.reason()));
            }
        }
        return results.stream().anyMatch(SignatureResult::good)
                ? Optional.empty()
                : Optional.of("group %d of the image is not signed, sign it with a trusted key".formatted(group));
    }
}
