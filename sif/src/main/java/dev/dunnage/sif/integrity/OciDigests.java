package dev.dunnage.sif.integrity;

import dev.dunnage.sif.ImageBytes;
import dev.dunnage.sif.SifImage;
import dev.dunnage.sif.SifObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Whether the OCI objects of an image hold what their digests say. Reads them, so it is done on request only. */
public final class OciDigests {
    private static final String START = "sha256:";

    private OciDigests() {}

    /**
     * An object whose content is not the one that its descriptor names.
     *
     * @param claimed digest in the descriptor
     * @param found digest of the content
     */
    public record Mismatch(SifObject object, Digest claimed, Digest found) {
        /** One line for users. */
        @Override
        public String toString() {
            return "the content of object %d at byte %d has digest %s, but must have %s; get the original image"
                    .formatted(object.id(), object.offset(), found, claimed);
        }
    }

    /** All mismatches, by slot; none for images without OCI objects. */
    public static List<Mismatch> check(SifImage image, ImageBytes bytes) throws IOException {
        return check(image, new ObjectHasher(bytes), Long.MAX_VALUE);
    }

    /**
     * Mismatches among the OCI objects of no more than {@code limit} bytes, by slot.
     *
     * @param hasher gives the digests that it knows already without reading again
     */
    public static List<Mismatch> check(SifImage image, ObjectHasher hasher, long limit) throws IOException {
        List<SifObject> objects = image.objects().stream()
                .filter(object -> object.ociDigest().isPresent() && object.size() <= limit)
                .toList();
        objects.forEach(object -> hasher.want(object, DigestAlgorithm.SHA256));
        List<Mismatch> mismatches = new ArrayList<>();
        for (SifObject object : objects) {
            Digest found = hasher.digest(object, DigestAlgorithm.SHA256);
            String claimed = object.ociDigest().orElseThrow().substring(START.length());
            if (!found.hex().equals(claimed)) {
                mismatches.add(new Mismatch(object, new Digest(DigestAlgorithm.SHA256, claimed), found));
            }
        }
        return mismatches;
    }
}
