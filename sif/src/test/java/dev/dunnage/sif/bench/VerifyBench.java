package dev.dunnage.sif.bench;

import dev.dunnage.sif.DataType;
import dev.dunnage.sif.ImageBytes;
import dev.dunnage.sif.SifImage;
import dev.dunnage.sif.key.KeyKind;
import dev.dunnage.sif.key.KeyRing;
import dev.dunnage.sif.key.PgpSecretKey;
import dev.dunnage.sif.key.SecretKeys;
import dev.dunnage.sif.sign.PgpSigner;
import dev.dunnage.sif.verify.SifVerifier;
import dev.dunnage.sif.write.NewObject;
import dev.dunnage.sif.write.ObjectSource;
import dev.dunnage.sif.write.SifWriter;
import dev.dunnage.sif.write.WriteOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.UUID;

/**
 * The part of {@code tests/bench/verify} that runs in Java.
 *
 * <p>{@code make IMAGE RING BYTES OBJECTS} makes a signed image with random content and the key ring for it; {@code run
 * IMAGE RING} verifies it once for each line on standard input and answers with the time in nanoseconds.
 */
final class VerifyBench {
    private static final int PIECE = 1 << 20;
    private static final char[] NO_PASSPHRASE = {};

    private VerifyBench() {}

    public static void main(String[] args) throws Exception {
        Path image = Path.of(args[1]);
        Path ring = Path.of(args[2]);
        if (args[0].equals("make")) {
            make(image, ring, Long.parseLong(args[3]), Integer.parseInt(args[4]));
        } else {
            run(image, ring);
        }
    }

    private static void make(Path image, Path ring, long size, int count) throws Exception {
        Instant now = Instant.now();
        Path content = image.resolveSibling("content");
        fill(content, size / count);
        List<NewObject> objects = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            objects.add(NewObject.of(DataType.GENERIC, ObjectSource.of(content)));
        }
        SifWriter.create(image, WriteOptions.at(now, UUID.randomUUID()), objects);
        Files.delete(content);
        PgpSecretKey key = SecretKeys.generate(KeyKind.ED25519, "bench", now, Optional.empty(), NO_PASSPHRASE);
        Files.writeString(ring, key.armoredPublic());
        PgpSigner.sign(image, key, NO_PASSPHRASE, now, OptionalLong.empty());
    }

    private static void fill(Path file, long size) throws IOException {
        Random random = new Random(1);
        byte[] piece = new byte[PIECE];
        try (OutputStream out = Files.newOutputStream(file)) {
            for (long left = size; left > 0; left -= PIECE) {
                random.nextBytes(piece);
                out.write(piece, 0, (int) Math.min(PIECE, left));
            }
        }
    }

    private static void run(Path path, Path ring) throws Exception {
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        while (lines.readLine() != null) {
            long start = System.nanoTime();
            try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
                ImageBytes bytes = ImageBytes.of(file);
                new SifVerifier(KeyRing.read(ring), Instant.now())
                        .verify(SifImage.read(bytes), bytes)
                        .orThrow();
            }
            System.out.println(System.nanoTime() - start);
        }
    }
}
