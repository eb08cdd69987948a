package dev.dunnage.sif.verify;

import dev.dunnage.sif.DataType;
import dev.dunnage.sif.Link;
import dev.dunnage.sif.SifImage;
import dev.dunnage.sif.SifObject;
import dev.dunnage.sif.integrity.ObjectGroup;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a scope selects in an image.
 *
 * @param groups by number
 * @param signatures those that must be good
 * @param only id of the one object that matters; empty when whole groups do
 * @param problem why the scope selects nothing, one line
 */
record Selection(
        Map<Long, ObjectGroup> groups, List<SifObject> signatures, OptionalLong only, Optional<String> problem) {

    static Selection of(SifImage image, VerifyScope scope) {
        Map<Long, ObjectGroup> groups = new LinkedHashMap<>();
        ObjectGroup.of(image).forEach(group -> groups.put(group.number(), group));
        if (scope instanceof VerifyScope.Group group) {
            return ofGroup(image, groups, group.number(), OptionalLong.empty(), "group %d".formatted(group.number()));
        }
        if (scope instanceof VerifyScope.SingleObject single) {
            long group = image.object(single.id()).map(SifObject::group).orElse(0L);
            return ofGroup(
                    image, groups, group, OptionalLong.of(single.id()), "object %d in a group".formatted(single.id()));
        }
        Optional<String> problem = groups.isEmpty()
                ? Optional.of("the image has no group of objects that could be signed, build it anew")
                : Optional.empty();
        return new Selection(groups, signatures(image), OptionalLong.empty(), problem);
    }

    private static Selection ofGroup(
            SifImage image, Map<Long, ObjectGroup> groups, long number, OptionalLong only, String name) {
        ObjectGroup group = groups.get(number);
        if (group == null) {
            return new Selection(
                    Map.of(), List.of(), only, Optional.of("the image has no %s, name another one".formatted(name)));
        }
        List<SifObject> linked = signatures(image).stream()
                .filter(object -> linkedGroup(object) == number)
                .toList();
        return new Selection(Map.of(number, group), linked, only, Optional.empty());
    }

    private static List<SifObject> signatures(SifImage image) {
        return image.objects().stream()
                .filter(object -> object.type() == DataType.SIGNATURE)
                .toList();
    }

    /** Bytes in all groups that are selected. */
    long size() {
        return groups.values().stream()
                .flatMap(group -> group.members().stream())
                .mapToLong(SifObject::size)
                .sum();
    }

    /** Number of the group that a signature is linked to, 0 for none. */
    static long linkedGroup(SifObject signature) {
        return signature.link() instanceof Link.ToGroup link ? link.group() : 0;
    }
}
