package dev.dunnage.sif;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** Checks that need all descriptors together. */
final class ImageChecks {
    private static final Pattern OCI_DIGEST = Pattern.compile("sha256:[0-9a-f]{64}");

    private final SifHeader header;
    private final List<SifObject> objects;
    private final List<String> warnings;

    ImageChecks(SifHeader header, List<SifObject> objects, List<String> warnings) {
        this.header = header;
        this.objects = objects;
        this.warnings = warnings;
    }

    void run() throws SifFormatException {
        checkFreeCount();
        checkIds();
        checkOverlap();
        checkPrimary();
        checkLinks();
        checkOciDigests();
    }

    /** Other runtimes read a table whose free count equals its total as empty, whatever is in it. */
    private void checkFreeCount() throws SifFormatException {
        int free = header.totalDescriptors() - objects.size();
        if (header.freeDescriptors() == free) {
            return;
        }
        if (header.freeDescriptors() == header.totalDescriptors()) {
            throw new SifFormatException("free descriptor count", header.freeDescriptors(), "" + free, 80);
        }
        warnings.add("the header counts %d free descriptors, there are %d".formatted(header.freeDescriptors(), free));
    }

    private void checkIds() throws SifFormatException {
        Set<Long> ids = new HashSet<>();
        for (SifObject object : objects) {
            if (!ids.add(object.id())) {
                throw new SifFormatException(
                        "object id of slot " + object.slot(), object.id(), "used once", object.descriptor() + 5);
            }
        }
    }

    private void checkOverlap() throws SifFormatException {
        List<SifObject> byOffset = new ArrayList<>(objects);
        byOffset.removeIf(object -> object.size() == 0);
        byOffset.sort((one, other) -> Long.compare(one.offset(), other.offset()));
        for (int i = 1; i < byOffset.size(); i++) {
            SifObject before = byOffset.get(i - 1);
            SifObject object = byOffset.get(i);
            if (object.offset() < before.end()) {
                throw new SifFormatException(
                        "offset of object " + object.id(),
                        object.offset(),
                        "behind object %d, which ends at %d".formatted(before.id(), before.end()),
                        object.descriptor() + 17);
            }
        }
    }

    private void checkPrimary() throws SifFormatException {
        List<SifObject> found =
                objects.stream().filter(SifObject::isPrimarySystem).toList();
        if (found.size() > 1) {
            throw new SifFormatException(
                    "number of primary system partitions",
                    found.size(),
                    "at most 1",
                    found.get(1).descriptor());
        }
        for (SifObject object : found) {
            PartitionInfo partition = object.partition().orElseThrow();
            if (partition.architecture() != header.architecture()) {
                warnings.add("the header says architecture %s, the primary partition %s"
                        .formatted(
                                header.architecture().label(),
                                partition.architecture().label()));
            }
        }
    }

    private void checkLinks() {
        Set<Long> ids = new HashSet<>();
        Set<Long> groups = new HashSet<>();
        for (SifObject object : objects) {
            ids.add(object.id());
            groups.add(object.group());
        }
        for (SifObject object : objects) {
            if (object.link() instanceof Link.ToObject link && !ids.contains(link.id())) {
                warnings.add("object %d links to object %d, which does not exist".formatted(object.id(), link.id()));
            }
            if (object.link() instanceof Link.ToGroup link && !groups.contains(link.group())) {
                warnings.add("object %d links to group %d, which is empty".formatted(object.id(), link.group()));
            }
        }
    }

    private void checkOciDigests() throws SifFormatException {
        for (SifObject object : objects) {
            String digest = object.ociDigest().orElse("");
            if (object.ociDigest().isPresent() && !OCI_DIGEST.matcher(digest).matches()) {
                throw new SifFormatException(
                        "digest of object " + object.id(),
                        digest,
                        "sha256: and 64 hex digits",
                        object.descriptor() + 201);
            }
        }
    }
}
