package dev.dunnage.sif.integrity;

import dev.dunnage.sif.SifImage;
import dev.dunnage.sif.SifObject;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * The objects that share a group number.
 *
 * @param number 1 or more
 * @param members ordered by id, never empty
 */
public record ObjectGroup(long number, List<SifObject> members) {
    /** Copies the list. */
    public ObjectGroup {
        members = List.copyOf(members);
    }

    /** All groups of an image, ordered by number. */
    public static List<ObjectGroup> of(SifImage image) {
        TreeMap<Long, List<SifObject>> groups = new TreeMap<>();
        for (SifObject object : image.objects()) {
            if (object.group() != 0) {
                groups.computeIfAbsent(object.group(), number -> new ArrayList<>())
                        .add(object);
            }
        }
        List<ObjectGroup> result = new ArrayList<>();
        groups.forEach((number, members) -> {
            members.sort((one, other) -> Long.compare(one.id(), other.id()));
            result.add(new ObjectGroup(number, members));
        });
        return result;
    }

    /** Id of the member relative to the lowest id in the group. */
    public long relativeId(SifObject member) {
        return member.id() - members.get(0).id();
    }
}
