package dev.dunnage.sif.key;

import dev.dunnage.sif.armor.ArmorException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.bouncycastle.openpgp.PGPException;
import org.bouncycastle.openpgp.PGPMarker;
import org.bouncycastle.openpgp.PGPObjectFactory;
import org.bouncycastle.openpgp.PGPPublicKeyRing;
import org.bouncycastle.openpgp.operator.bc.BcKeyFingerprintCalculator;

/**
 * Trusted public keys. Immutable and thread-safe: keys are kept encoded, since decoded ones carry state while they
 * check.
 */
public final class KeyRing {
    private static final String TYPE = "PGP PUBLIC KEY BLOCK";

    private final Map<String, byte[]> rings;
    private final List<String> notes;

    private KeyRing(Map<String, byte[]> rings, List<String> notes) {
        this.rings = rings;
        this.notes = List.copyOf(notes);
    }

    /** A ring without keys, with which no image verifies. */
    public static KeyRing empty() {
        return new KeyRing(Map.of(), List.of());
    }

    /**
     * Reads OpenPGP public keys, armored or binary: one file, or every {@code *.asc}, {@code *.pgp} and {@code *.gpg}
     * file of a directory. Copies of one key are merged, so that a revocation in any of them counts.
     *
     * @throws KeyRingException when a file holds anything but public keys; a ring is read whole or not at all
     */
    public static KeyRing read(Path fileOrDirectory) throws IOException, KeyRingException {
        Map<String, PGPPublicKeyRing> rings = new LinkedHashMap<>();
        List<String> notes = new ArrayList<>();
        for (Path file : files(fileOrDirectory)) {
            if (Files.size(file) > PacketFile.MAX_SIZE) {
                throw unfit(file.toString(), "it is larger than 16 MiB, remove keys that are not needed");
            }
            add(file.toString(), Files.readAllBytes(file), rings, notes);
        }
        return encoded(rings, notes);
    }

    /**
     * Reads OpenPGP public keys, armored or binary, from memory: for keys that come from elsewhere than a file.
     *
     * @param origin where they come from, for messages
     * @throws KeyRingException when there is anything but public keys
     */
    public static KeyRing read(byte[] content, String origin) throws IOException, KeyRingException {
        return read(Map.of(origin, content));
    }

    /**
     * Reads OpenPGP public keys of several files that were read before, in the order of the map.
     *
     * @param contents by where they come from, for messages
     * @throws KeyRingException when there is anything but public keys
     */
    public static KeyRing read(Map<String, byte[]> contents) throws IOException, KeyRingException {
        Map<String, PGPPublicKeyRing> rings = new LinkedHashMap<>();
        List<String> notes = new ArrayList<>();
        for (Map.Entry<String, byte[]> each : contents.entrySet()) {
            if (each.getValue().length > PacketFile.MAX_SIZE) {
                throw unfit(each.getKey(), "it is larger than 16 MiB");
            }
            add(each.getKey(), each.getValue(), rings, notes);
        }
        return encoded(rings, notes);
    }

    private static KeyRing encoded(Map<String, PGPPublicKeyRing> rings, List<String> notes) throws IOException {
        Map<String, byte[]> encoded = new LinkedHashMap<>();
        for (Map.Entry<String, PGPPublicKeyRing> each : rings.entrySet()) {
            encoded.put(each.getKey(), each.getValue().getEncoded());
        }
        return new KeyRing(encoded, notes);
    }

    /** The key whose primary key has this fingerprint: 40 hex digits in any letter case. */
    public Optional<PgpCertificate> find(String fingerprint) {
        return Optional.ofNullable(rings.get(fingerprint.toUpperCase(Locale.ROOT)))
                .map(PgpCertificate::decode);
    }

    /** Facts of all keys, in the order of the files. Checks each key's self-signatures anew. */
    public List<KeyFacts> keys() {
        return rings.values().stream()
                .map(ring -> PgpCertificate.decode(ring).facts())
                .toList();
    }

    /** Keys that were left out, one line each. */
    public List<String> notes() {
        return notes;
    }

    private static List<Path> files(Path path) throws IOException {
        if (!Files.isDirectory(path)) {
            return List.of(path);
        }
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(path, "*.{asc,pgp,gpg}")) {
            for (Path each : entries) {
                if (Files.isRegularFile(each)) {
                    files.add(each);
                }
            }
        }
        files.sort(null);
        return files;
    }

    private static void add(String file, byte[] content, Map<String, PGPPublicKeyRing> rings, List<String> notes)
            throws KeyRingException {
        try {
            byte[] packets = PacketFile.packets(content, TYPE);
            PGPObjectFactory objects =
                    new PGPObjectFactory(new ByteArrayInputStream(packets), new BcKeyFingerprintCalculator());
            for (Object each = objects.nextObject(); each != null; each = objects.nextObject()) {
                if (each instanceof PGPPublicKeyRing ring) {
                    add(file, ring, rings, notes);
                } else if (!(each instanceof PGPMarker)) {
                    throw unfit(file, "it holds something other than public keys, export them with gpg --export");
                }
            }
        } catch (PacketFile.UnfitException | ArmorException e) {
            throw unfit(file, String.valueOf(e.getMessage()));
        } catch (IOException | PGPException | RuntimeException e) {
            throw new KeyRingException(
                    "key file %s is damaged, export the keys again with gpg --export".formatted(file), e);
        }
    }

    private static void add(String file, PGPPublicKeyRing ring, Map<String, PGPPublicKeyRing> rings, List<String> notes)
            throws PGPException {
        String fingerprint = PgpCertificate.fingerprint(ring.getPublicKey());
        if (ring.getPublicKey().getVersion() != 4) {
            notes.add("key %s in %s is left out: it is not of version 4".formatted(fingerprint, file));
            return;
        }
        PGPPublicKeyRing known = rings.get(fingerprint);
        rings.put(fingerprint, known == null ? ring : PGPPublicKeyRing.join(known, ring));
    }

    private static KeyRingException unfit(String file, String why) {
        return new KeyRingException("key file %s cannot be used: %s".formatted(file, why));
    }
}
