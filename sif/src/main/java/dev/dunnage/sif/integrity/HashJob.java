package dev.dunnage.sif.integrity;

import dev.dunnage.sif.ImageBytes;
import dev.dunnage.sif.SifObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** One object to be read once, with all digests that are wanted of it. */
record HashJob(SifObject object, Set<DigestAlgorithm> algorithms) {
    /** Below this, a thread costs more than it gains. */
    private static final int SMALL = 1 << 20;

    /** Copies the set. */
    HashJob {
        algorithms = Set.copyOf(algorithms);
    }

    boolean isLarge() {
        return object.size() > SMALL;
    }

    Map<DigestAlgorithm, Digest> run(ImageBytes bytes) throws IOException {
        Map<DigestAlgorithm, MessageDigest> running = new EnumMap<>(DigestAlgorithm.class);
        algorithms.forEach(each -> running.put(each, each.start()));
        feed(bytes, object, running.values());
        Map<DigestAlgorithm, Digest> done = new EnumMap<>(DigestAlgorithm.class);
        running.forEach((algorithm, state) -> done.put(algorithm, Digest.ofValue(algorithm, state.digest())));
        return done;
    }

    /** Reads the object's content into digests. */
    static void feed(ImageBytes bytes, SifObject object, Collection<MessageDigest> running) throws IOException {
        if (object.size() <= SMALL) {
            byte[] content = bytes.bytes(object.offset(), (int) object.size());
            running.forEach(each -> each.update(content));
            return;
        }
        try (ReadAhead pieces = new ReadAhead(bytes, object.offset(), object.end())) {
            while (pieces.hasNext()) {
                ByteBuffer piece = pieces.next();
                running.forEach(each -> each.update(piece.duplicate()));
                pieces.recycle(piece);
            }
        }
    }

    /** The longest first, so that lanes end at about the same time. */
    static List<HashJob> byLength(Collection<HashJob> jobs) {
        return jobs.stream()
                .sorted((a, b) -> Long.compare(b.object().size(), a.object().size()))
                .toList();
    }
}
