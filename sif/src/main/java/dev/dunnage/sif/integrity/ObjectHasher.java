package dev.dunnage.sif.integrity;

import dev.dunnage.sif.ImageBytes;
import dev.dunnage.sif.SifObject;
import java.io.IOException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Computes digests of the objects of one image. Each object is read once, whatever the number of digests, ahead of the
 * hashing; several large objects are hashed side by side. Memory stays below 8 MiB. Not thread-safe.
 */
public final class ObjectHasher {
    private final ImageBytes bytes;
    /** By object id: what was announced and is not computed yet. */
    private final Map<Long, HashJob> wanted = new LinkedHashMap<>();
    /** By object id. */
    private final Map<Long, Map<DigestAlgorithm, Digest>> digests = new HashMap<>();

    public ObjectHasher(ImageBytes bytes) {
        this.bytes = bytes;
    }

    /** Has the hash compiled, for a process that will verify images: the first megabytes cost ten times what all others do. */
    public static void warmUp() {
        WarmUp.run();
    }

    /** Tells that about so many bytes will be hashed soon, unless a check in between says no. */
    public void prepare(long expected) {
        WarmUp.start(expected);
    }

    /** Notes that a digest will be asked for. */
    public void want(SifObject object, DigestAlgorithm algorithm) {
        if (known(object).containsKey(algorithm)) {
            return;
        }
        Set<DigestAlgorithm> all = EnumSet.of(algorithm);
        HashJob before = wanted.get(object.id());
        if (before != null) {
            all.addAll(before.algorithms());
        }
        wanted.put(object.id(), new HashJob(object, all));
    }

    /** Digest of the object's content; computes everything announced so far at the first call. */
    public Digest digest(SifObject object, DigestAlgorithm algorithm) throws IOException {
        want(object, algorithm);
        if (!wanted.isEmpty()) {
            HashLanes.run(bytes, new ArrayList<>(wanted.values())).forEach(this::remember);
            wanted.clear();
        }
        Digest digest = known(object).get(algorithm);
        if (digest == null) {
            throw new IllegalStateException("digest was not computed");
        }
        return digest;
    }

    private Map<DigestAlgorithm, Digest> known(SifObject object) {
        return digests.getOrDefault(object.id(), Map.of());
    }

    private void remember(Long id, Map<DigestAlgorithm, Digest> found) {
        digests.computeIfAbsent(id, key -> new HashMap<>()).putAll(found);
    }

    /** Digest of the contents of several objects, one behind the other. */
    public Digest digest(List<SifObject> objects, DigestAlgorithm algorithm) throws IOException {
        MessageDigest running = algorithm.start();
        for (SifObject each : objects) {
            HashJob.feed(bytes, each, List.of(running));
        }
        return Digest.ofValue(algorithm, running.digest());
    }
}
