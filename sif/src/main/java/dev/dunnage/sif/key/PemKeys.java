package dev.dunnage.sif.key;

import dev.dunnage.sif.armor.Pem;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Trusted public keys for DSSE signatures. Immutable and thread-safe. */
public final class PemKeys {
    private static final List<String> FAMILIES = List.of("RSA", "EC", "Ed25519");

    private final List<PemKey> keys;

    private PemKeys(List<PemKey> keys) {
        this.keys = List.copyOf(keys);
    }

    /** No keys, with which no DSSE signature verifies. */
    public static PemKeys empty() {
        return new PemKeys(List.of());
    }

    /**
     * Reads {@code PUBLIC KEY} blocks: one file, or every {@code *.pem} file of a directory.
     *
     * @throws KeyRingException when a file holds anything else, or a key that is too weak
     */
    public static PemKeys read(Path fileOrDirectory) throws IOException, KeyRingException {
        List<Path> files = new ArrayList<>();
        if (Files.isDirectory(fileOrDirectory)) {
            try (DirectoryStream<Path> entries = Files.newDirectoryStream(fileOrDirectory, "*.pem")) {
                entries.forEach(files::add);
            }
            files.sort(null);
        } else {
            files.add(fileOrDirectory);
        }
        List<PemKey> keys = new ArrayList<>();
        for (Path file : files) {
            read(file, keys);
        }
        return new PemKeys(keys);
    }

    /**
     * Reads {@code PUBLIC KEY} blocks of files that were read before.
     *
     * @param contents by where they come from, for messages
     * @throws KeyRingException when there is anything else, or a key that is too weak
     */
    public static PemKeys read(Map<String, byte[]> contents) throws KeyRingException {
        List<PemKey> keys = new ArrayList<>();
        for (Map.Entry<String, byte[]> each : contents.entrySet()) {
            add(each.getKey(), each.getValue(), keys);
        }
        return new PemKeys(keys);
    }

    public List<PemKey> keys() {
        return keys;
    }

    private static void read(Path file, List<PemKey> keys) throws IOException, KeyRingException {
        if (Files.size(file) > PacketFile.MAX_SIZE) {
            throw unfit(file.toString(), "it is larger than 16 MiB");
        }
        add(file.toString(), Files.readAllBytes(file), keys);
    }

    private static void add(String file, byte[] content, List<PemKey> keys) throws KeyRingException {
        List<byte[]> blocks = Pem.decode(content, "PUBLIC KEY");
        if (blocks.isEmpty()) {
            throw unfit(file, "it holds no proper PUBLIC KEY block, make one with openssl pkey -pubout");
        }
        for (byte[] block : blocks) {
            keys.add(decode(file, block));
        }
    }

    private static PemKey decode(String file, byte[] block) throws KeyRingException {
        for (String family : FAMILIES) {
            Optional<PublicKey> key = ofFamily(family, block);
            if (key.isPresent()) {
                return PemKey.of(key.get())
                        .orElseThrow(
                                () -> unfit(file, "the key is too weak, use RSA from 2048 bits on, P-256 or Ed25519"));
            }
        }
        throw unfit(file, "it holds no RSA, ECDSA or Ed25519 key");
    }

    private static Optional<PublicKey> ofFamily(String family, byte[] block) {
        try {
            return Optional.of(KeyFactory.getInstance(family).generatePublic(new X509EncodedKeySpec(block)));
        } catch (GeneralSecurityException e) {
            return Optional.empty();
        }
    }

    private static KeyRingException unfit(String file, String why) {
        return new KeyRingException("key file %s cannot be used: %s".formatted(file, why));
    }
}
