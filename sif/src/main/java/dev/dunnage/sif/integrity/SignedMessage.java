package dev.dunnage.sif.integrity;

import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a modern signature states about an image.
 *
 * @param header digest of the signed part of the global header
 * @param objects digests by relative id: the object's id minus the lowest id in its group
 */
public record SignedMessage(Digest header, SortedMap<Long, Entry> objects) {
    /** Copies the map. */
    public SignedMessage {
        objects = Collections.unmodifiableSortedMap(new TreeMap<>(objects));
    }

    /** What is stated about the object with this relative id. */
    public Optional<Entry> entry(long relativeId) {
        return Optional.ofNullable(objects.get(relativeId));
    }

    /** Digests of one object's descriptor and content. */
    public record Entry(Digest descriptor, Digest content) {}

    /** The one-line JSON form that signatures cover. */
    public String toJson() {
        StringBuilder out = new StringBuilder("{\"version\":1,\"header\":{\"digest\":\"");
        out.append(header).append("\"},\"objects\":[");
        String comma = "";
        for (var each : objects.entrySet()) {
            out.append("%s{\"relativeId\":%d,\"descriptorDigest\":\"%s\",\"objectDigest\":\"%s\"}"
                    .formatted(
                            comma,
                            each.getKey(),
                            each.getValue().descriptor(),
                            each.getValue().content()));
            comma = ",";
        }
        return out.append("]}").toString();
    }
}
