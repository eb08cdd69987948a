package dev.dunnage.launcher.plan;

import dev.dunnage.launcher.accounts.Accounts;
import dev.dunnage.launcher.store.ImageStore;
import dev.dunnage.launcher.store.OpenImage;
import dev.dunnage.launcher.store.StoreException;
import dev.dunnage.launcher.store.StoreLimits;
import dev.dunnage.launcher.wire.Codec;
import dev.dunnage.launcher.wire.Frame;
import dev.dunnage.launcher.wire.HomeChoice;
import dev.dunnage.launcher.wire.LaunchPlan;
import dev.dunnage.launcher.wire.LaunchRequest;
import dev.dunnage.launcher.wire.Refusal;
import dev.dunnage.launcher.wire.Reply;
import dev.dunnage.launcher.wire.WireException;
import dev.dunnage.policy.OwnershipRule;
import dev.dunnage.sif.Architecture;
import dev.dunnage.sif.ImageBytes;
import dev.dunnage.sif.SifFormatException;
import dev.dunnage.sif.key.KeyKind;
import dev.dunnage.sif.key.PgpSecretKey;
import dev.dunnage.sif.key.SecretKeyException;
import dev.dunnage.sif.key.SecretKeys;
import dev.dunnage.sif.sign.PgpSigner;
import dev.dunnage.sif.sign.SignException;
import dev.dunnage.sif.write.ObjectSpec;
import dev.dunnage.sif.write.SifWriteException;
import dev.dunnage.sif.write.SifWriter;
import dev.dunnage.sif.write.WriteOptions;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * Plans a step with a tiny image, key and policy of its own, so that the classes of a real request are loaded: for an
 * AppCDS archive, and before the first request of an agent. Everything happens in a temporary directory.
 */
public final class Rehearsal {
    private static final int ROUNDS = 3;
    private static final int SQUASHFS_SIZE = 4096;

    private final Path place;

    private Rehearsal(Path place) {
        this.place = place;
    }

    /** Plans, and cleans up. */
    public static void run() throws IOException {
        Path place = Files.createTempDirectory("dunnage-rehearsal").toRealPath();
        try {
            new Rehearsal(place).perform();
        } catch (SecretKeyException
                | SifWriteException
                | SignException
                | SifFormatException
                | WireException
                | StoreException e) {
            throw new IOException("the rehearsal failed: " + e.getMessage(), e);
        } finally {
            remove(place);
        }
    }

    private void perform()
            throws IOException, SecretKeyException, SifWriteException, SignException, SifFormatException, WireException,
                    StoreException {
        Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        PgpSecretKey key = SecretKeys.generate(
                KeyKind.ED25519, "Rehearsal <rehearsal@localhost>", now, Optional.empty(), new char[0]);
        Path image = image(key, now);
        Path policy = site(key);
        Clock clock = Clock.systemUTC();
        ImageStore store = ImageStore.open(place.resolve("store"), StoreLimits.defaults(), clock);
        SiteFiles site = new SiteFiles(
                new SitePaths(policy, policy.resolveSibling("dunnage.yaml")),
                OwnershipRule.any(),
                clock,
                SiteFiles.Life.LONG,
                line -> {});
        StepPlanner planner = new StepPlanner(site, () -> store, Accounts.none(), Recorder.none(), clock, line -> {});
        byte[] request = Codec.encode(request(image));
        try (FileChannel channel = FileChannel.open(image)) {
            for (int round = 0; round < ROUNDS; round++) {
                converse(planner, request, new OpenImage(ImageBytes.of(channel), image));
            }
        }
    }

    private static void converse(StepPlanner planner, byte[] frame, OpenImage image) throws IOException, WireException {
        if (Codec.decode(Frame.read(new ByteArrayInputStream(frame))) instanceof LaunchRequest request) {
            Reply reply = planner.plan(request, Identity.ofPlugin(request), image);
            Codec.encode(reply);
            if (!(reply instanceof LaunchPlan)) {
                throw new IOException(
                        "the rehearsal was refused: " + (reply instanceof Refusal no ? no.message() : reply));
            }
        }
    }

    private Path image(PgpSecretKey key, Instant now)
            throws IOException, SifWriteException, SifFormatException, SecretKeyException, SignException {
        Path squashfs = Files.write(place.resolve("root.squashfs"), squashfs());
        Path image = place.resolve("rehearsal.sif");
        SifWriter.create(
                image,
                WriteOptions.deterministic(),
                List.of(new ObjectSpec.PrimaryPartition(squashfs, Architecture.host())));
        PgpSigner.sign(image, key, new char[0], now, OptionalLong.empty());
        // Writable by others: root's rehearsal shall use the store as well.
        Files.setPosixFilePermissions(image, PosixFilePermissions.fromString("rw-rw-r--"));
        return image;
    }

    /** A superblock that passes for a file system which nobody mounts. */
    private static byte[] squashfs() {
        byte[] bytes = new byte[SQUASHFS_SIZE];
        ByteBuffer block = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        block.putInt(0, 0x73717368).putInt(12, 1 << 17).putShort(20, (short) 1).putShort(22, (short) 17);
        block.putShort(28, (short) 4).putLong(40, SQUASHFS_SIZE);
        for (int table = 48; table < 96; table += Long.BYTES) {
            block.putLong(table, -1);
        }
        return bytes;
    }

    private Path site(PgpSecretKey key) throws IOException {
        Files.createDirectory(place.resolve("keys"));
        Files.writeString(place.resolve("keys/rehearsal.asc"), key.armoredPublic());
        Files.writeString(place.resolve("dunnage.yaml"), "version: 1\nmounts: [/scratch, \"/sw:/sw:ro\"]\n");
        return Files.writeString(
                place.resolve("policy.yaml"), """
                version: 1
                ecl:
                  activated: true
                  groups:
                    - name: rehearsal
                      mode: whitelist
                      directory: %s
                      keys: [%s]
                """.formatted(place, key.facts().fingerprint()));
    }

    private static LaunchRequest request(Path image) {
        return new LaunchRequest(
                0,
                0,
                0,
                1000,
                1000,
                List.of(),
                "user",
                "/home/user",
                "/home/user",
                "node",
                image.getFileName().toString(),
                image.toString(),
                List.of("/data:/data:ro"),
                Optional.of("/home/user"),
                HomeChoice.SITE_DEFAULT,
                Optional.of("pmix"),
                1,
                1,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                false,
                false);
    }

    private static void remove(Path place) throws IOException {
        try (Stream<Path> files = Files.walk(place)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
