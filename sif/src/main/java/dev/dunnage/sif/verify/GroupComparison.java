package dev.dunnage.sif.verify;

import dev.dunnage.sif.SifImage;
import dev.dunnage.sif.SifObject;
import dev.dunnage.sif.integrity.Digest;
import dev.dunnage.sif.integrity.ObjectGroup;
import dev.dunnage.sif.integrity.ObjectHasher;
import dev.dunnage.sif.integrity.SignedMessage;
import java.io.IOException;
import java.util.List;

/** Compares what a signed message states with the objects of one group, or with one of them. */
final class GroupComparison {
    private final SifImage image;
    private final ObjectGroup group;
    private final List<SifObject> members;
    private final boolean whole;
    private final ObjectHasher hasher;

    GroupComparison(SifImage image, ObjectGroup group, ObjectHasher hasher) {
        this(image, group, group.members(), true, hasher);
    }

    private GroupComparison(
            SifImage image, ObjectGroup group, List<SifObject> members, boolean whole, ObjectHasher hasher) {
        this.image = image;
        this.group = group;
        this.members = members;
        this.whole = whole;
        this.hasher = hasher;
    }

    /** The comparison of this member alone. */
    GroupComparison only(long id) {
        List<SifObject> one =
                members.stream().filter(member -> member.id() == id).toList();
        return new GroupComparison(image, group, one, false, hasher);
    }

    /** Tells the hasher which digests the message needs, so that each object is read once for all messages. */
    void announce(SignedMessage message) {
        for (SifObject member : members) {
            message.entry(group.relativeId(member))
                    .ifPresent(entry -> hasher.want(member, entry.content().algorithm()));
        }
    }

    SignatureResult compare(SignatureResult signed, SignedMessage message) throws IOException {
        for (SifObject member : members) {
            if (message.entry(group.relativeId(member)).isEmpty()) {
                return signed.with(
                        SignatureStatus.OTHER_OBJECTS,
                        "object %d of group %d is not covered, sign the whole group"
                                .formatted(member.id(), group.number()),
                        List.of());
            }
        }
        if (whole && message.objects().size() != members.size()) {
            return signed.with(
                    SignatureStatus.OTHER_OBJECTS,
                    "an object that was signed is missing from group %d, get the complete image"
                            .formatted(group.number()),
                    List.of());
        }
        return compareDigests(signed, message);
    }

    private SignatureResult compareDigests(SignatureResult signed, SignedMessage message) throws IOException {
        if (!message.header().isOf(image.signedHeader())) {
            return changed(signed, "the global header");
        }
        for (SifObject member : members) {
            long relativeId = group.relativeId(member);
            Digest descriptor = message.entry(relativeId).orElseThrow().descriptor();
            if (!descriptor.isOf(member.raw().signedPart(relativeId))) {
                return changed(signed, "the descriptor of object " + member.id());
            }
        }
        for (SifObject member : members) {
            Digest content =
                    message.entry(group.relativeId(member)).orElseThrow().content();
            if (!content.hex().equals(hasher.digest(member, content.algorithm()).hex())) {
                return changed(signed, "the content of object " + member.id());
            }
        }
        return signed.with(
                SignatureStatus.GOOD, "", members.stream().map(SifObject::id).toList());
    }

    private static SignatureResult changed(SignatureResult signed, String what) {
        return signed.with(
                SignatureStatus.IMAGE_CHANGED,
                what + " is not what was signed, get the original image or sign it anew",
                List.of());
    }
}
