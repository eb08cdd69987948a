package dev.dunnage.sif.integrity;

import dev.dunnage.sif.ImageBytes;
import dev.dunnage.sif.SifObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Collection;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Computes digests of the objects of one image; each object is read once, whatever the number of digests. Not
 * thread-safe.
 */
public final class ObjectHasher {
    private static final int BUFFER = 1 << 20;

    private final ImageBytes bytes;
    private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
    /** By object id. */
    private final Map<Long, Set<DigestAlgorithm>> wanted = new HashMap<>();
    /** By object id. */
    private final Map<Long, Map<DigestAlgorithm, Digest>> digests = new HashMap<>();

    public ObjectHasher(ImageBytes bytes) {
        this.bytes = bytes;
    }

    /** Notes that a digest will be asked for. */
    public void want(SifObject object, DigestAlgorithm algorithm) {
        wanted.computeIfAbsent(object.id(), id -> EnumSet.noneOf(DigestAlgorithm.class))
                .add(algorithm);
    }

    /** Digest of the object's content; computes all digests wanted of this object at the first call. */
    public Digest digest(SifObject object, DigestAlgorithm algorithm) throws IOException {
        want(object, algorithm);
        Map<DigestAlgorithm, Digest> known = digests.get(object.id());
        if (known == null || !known.containsKey(algorithm)) {
            known = hash(object, wanted.getOrDefault(object.id(), Set.of(algorithm)));
            digests.put(object.id(), known);
        }
        Digest digest = known.get(algorithm);
        if (digest == null) {
            throw new IllegalStateException("digest was not computed");
        }
        return digest;
    }

    /** Digest of the contents of several objects, one behind the other. */
    public Digest digest(List<SifObject> objects, DigestAlgorithm algorithm) throws IOException {
        MessageDigest running = algorithm.start();
        for (SifObject each : objects) {
            feed(each, List.of(running));
        }
        return Digest.ofValue(algorithm, running.digest());
    }

    private Map<DigestAlgorithm, Digest> hash(SifObject object, Set<DigestAlgorithm> algorithms) throws IOException {
        Map<DigestAlgorithm, MessageDigest> running = new EnumMap<>(DigestAlgorithm.class);
        for (DigestAlgorithm each : algorithms) {
            running.put(each, each.start());
        }
        feed(object, running.values());
        Map<DigestAlgorithm, Digest> done = new EnumMap<>(DigestAlgorithm.class);
        running.forEach((algorithm, state) -> done.put(algorithm, Digest.ofValue(algorithm, state.digest())));
        return done;
    }

    private void feed(SifObject object, Collection<MessageDigest> running) throws IOException {
        for (long at = object.offset(); at < object.end(); at += buffer.limit()) {
            buffer.clear().limit((int) Math.min(BUFFER, object.end() - at));
            bytes.readFully(buffer, at);
            for (MessageDigest each : running) {
                each.update(buffer.array(), 0, buffer.limit());
            }
        }
    }
}
