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
                        "object %d of group %d, described at byte %d, is not covered, but must be; sign the whole group"
                                .formatted(member.id(), group.number(), member.descriptor()),
                        List.of());
            }
        }
        if (whole && message.objects().size() != members.size()) {
            return signed.with(
                    SignatureStatus.OTHER_OBJECTS,
                    "an object that was signed is missing from group %d, which has %d objects from byte %d on, but must have"
                                    .formatted(
                                            group.number(),
                                            members.size(),
                                            members.get(0).offset())
                            + " %d; get the complete image"
                                    .formatted(message.objects().size()),
                    List.of());
        }
        return compareDigests(signed, message);
    }

    private SignatureResult compareDigests(SignatureResult signed, SignedMessage message) throws IOException {
        byte[] header = image.signedHeader();
        if (!message.header().isOf(header)) {
            return changed(signed, "the global header at byte 0", message.header(), header);
        }
        for (SifObject member : members) {
            long relativeId = group.relativeId(member);
            Digest descriptor = message.entry(relativeId).orElseThrow().descriptor();
            byte[] part = member.raw().signedPart(relativeId);
            if (!descriptor.isOf(part)) {
                String what = "the descriptor of object %d at byte %d".formatted(member.id(), member.descriptor());
                return changed(signed, what, descriptor, part);
            }
        }
        for (SifObject member : members) {
            Digest content =
                    message.entry(group.relativeId(member)).orElseThrow().content();
            Digest found = hasher.digest(member, content.algorithm());
            if (!content.hex().equals(found.hex())) {
                String what = "the content of object %d at byte %d".formatted(member.id(), member.offset());
                return Refusals.changed(signed, what, found, content);
            }
        }
        return signed.with(
                SignatureStatus.GOOD, "", members.stream().map(SifObject::id).toList());
    }

    private static SignatureResult changed(SignatureResult signed, String what, Digest wanted, byte[] content) {
        return Refusals.changed(signed, what, Digest.of(wanted.algorithm(), content), wanted);
    }
}
