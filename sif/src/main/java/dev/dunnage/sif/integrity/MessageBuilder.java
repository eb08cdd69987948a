package dev.dunnage.sif.integrity;

import dev.dunnage.sif.SifImage;
import dev.dunnage.sif.SifObject;
import java.io.IOException;
import java.util.TreeMap;

/** Makes the message that a signature over one group states, with SHA-256 throughout as other writers do. */
public final class MessageBuilder {
    private static final DigestAlgorithm ALGORITHM = DigestAlgorithm.SHA256;

    private MessageBuilder() {}

    /** The message for all members of a group; reads every member. */
    public static SignedMessage build(SifImage image, ObjectGroup group, ObjectHasher hasher) throws IOException {
        group.members().forEach(member -> hasher.want(member, ALGORITHM));
        TreeMap<Long, SignedMessage.Entry> objects = new TreeMap<>();
        for (SifObject member : group.members()) {
            long relativeId = group.relativeId(member);
            objects.put(
                    relativeId,
                    new SignedMessage.Entry(
                            Digest.of(ALGORITHM, member.raw().signedPart(relativeId)),
                            hasher.digest(member, ALGORITHM)));
        }
        return new SignedMessage(Digest.of(ALGORITHM, image.signedHeader()), objects);
    }
}
