package dev.dunnage.sif.sign;

import dev.dunnage.sif.DataType;
import dev.dunnage.sif.SifImage;
import dev.dunnage.sif.SifObject;
import dev.dunnage.sif.integrity.ObjectGroup;
import java.util.List;
import java.util.OptionalLong;

/** What can be signed in an image. */
final class Signable {
    private Signable() {}

    /**
     * The groups to sign, one signature object each.
     *
     * @param group number of one group, or empty for all
     * @throws SignException when there is nothing to sign, no room for signatures, or no hope that they ever verify
     */
    static List<ObjectGroup> groups(SifImage image, OptionalLong group) throws SignException {
        List<ObjectGroup> groups = ObjectGroup.of(image).stream()
                .filter(each -> group.isEmpty() || each.number() == group.getAsLong())
                .toList();
        if (groups.isEmpty()) {
            throw new SignException(
                    group.isPresent()
                            ? "group %d has no objects, name another one".formatted(group.getAsLong())
                            : "the image has no objects to sign, build it anew");
        }
        check(image, groups.size());
        return groups;
    }

    private static void check(SifImage image, int signatures) throws SignException {
        if (image.freeSlots() < signatures) {
            throw new SignException("the image has %d free descriptors and needs %d, delete objects or build it anew"
                    .formatted(image.freeSlots(), signatures));
        }
        for (SifObject each : image.objects()) {
            if (each.group() == 0 && each.type() != DataType.SIGNATURE) {
                throw new SignException(
                        "object %d belongs to no group, so that the image could never verify; delete the object"
                                .formatted(each.id()));
            }
        }
    }
}
