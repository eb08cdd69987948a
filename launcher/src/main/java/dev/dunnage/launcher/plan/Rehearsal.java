package dev.dunnage.launcher.plan;

import dev.dunnage.launcher.accounts.Accounts;
import dev.dunnage.launcher.store.ImageStore;
import dev.dunnage.launcher.store.OpenImage;
import dev.dunnage.launcher.store.StoreException;
import dev.dunnage.launcher.store.StoreLimits;
import dev.dunnage.launcher.wire.Codec;
import dev.dunnage.launcher.wire.Frame;
import dev.dunnage.launcher.wire.HardwareWish;
import dev.dunnage.launcher.wire.HomeChoice;
import dev.dunnage.launcher.wire.LaunchPlan;
import dev.dunnage.launcher.wire.LaunchRequest;
import dev.dunnage.launcher.wire.Networks;
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
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Plans a step with a tiny image, key and policy of its own, so that the classes of a real request are loaded: for an
 * AppCDS archive, and before the first request of an agent. Everything happens in a temporary directory. The policy holds
 * what policies can hold: a single class that the archive lacks makes the JVM search all jars for it.
 */
public final class Rehearsal {
    private static final int ROUNDS = 3;
    private static final int SQUASHFS_SIZE = 4096;
    /** Large images are read by a thread of their own while they are hashed. */
    private static final int PARTITION_SIZE = (1 << 20) + SQUASHFS_SIZE;

    private static final String OPEN = "/rehearsal/open.sif";
    private static final String DENIED = "/rehearsal/denied.sif";

    private final Path place;
    private final Planners planners;

    private Rehearsal(Path place, Planners planners) {
        this.place = place;
        this.planners = planners;
    }

    /** Makes what is rehearsed. */
    @FunctionalInterface
    public interface Planners {
        /** A planner of a site whose files anybody may own. */
        StepPlanner planner(SitePaths site, OwnershipRule owner, Path store);
    }

    /** Plans with a planner that keeps no record, and cleans up. */
    public static void run() throws IOException {
        run(Rehearsal::silent);
    }

    /** Plans, and cleans up. Records are kept in the temporary directory. */
    public static void run(Planners planners) throws IOException {
        Path place = RehearsalPlace.make(Path.of(System.getProperty("java.io.tmpdir")));
        try {
            new Rehearsal(place, planners).perform();
        } catch (SecretKeyException
                | SifWriteException
                | SignException
                | SifFormatException
                | WireException
                | StoreException e) {
            throw new IOException("the rehearsal failed: " + e.getMessage(), e);
        } finally {
            RehearsalPlace.remove(place);
        }
    }

    private void perform()
            throws IOException, SecretKeyException, SifWriteException, SignException, SifFormatException, WireException,
                    StoreException {
        Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        PgpSecretKey key = SecretKeys.generate(
                KeyKind.ED25519, "Rehearsal <rehearsal@localhost>", now, Optional.empty(), new char[0]);
        Path image = image(key, now);
        settings(place, key);
        settings(Files.createDirectory(place.resolve("list")), key);
        StepPlanner rules = planner(policy(key));
        StepPlanner list = planner(list(key, image).resolveSibling("policy.yaml"));
        try (FileChannel channel = FileChannel.open(image)) {
            OpenImage open = new OpenImage(ImageBytes.of(channel), image);
            for (int round = 0; round < ROUNDS; round++) {
                for (boolean rootless : new boolean[] {false, true}) {
                    converse(rules, image.toString(), open, rootless);
                    converse(rules, OPEN, open, rootless);
                    converse(rules, DENIED, open, rootless);
                    converse(list, image.toString(), open, rootless);
                }
            }
        }
    }

    private StepPlanner planner(Path policy) {
        SitePaths site = new SitePaths(policy, policy.resolveSibling("dunnage.yaml"));
        return planners.planner(site, OwnershipRule.any(), place.resolve("store"));
    }

    private static StepPlanner silent(SitePaths site, OwnershipRule owner, Path store) {
        Clock clock = Clock.systemUTC();
        return new StepPlanner(
                new SiteFiles(site, owner, clock, SiteFiles.Life.LONG, line -> {}),
                () -> ImageStore.open(store, StoreLimits.defaults(), clock),
                Accounts.none(),
                Recorder.none(),
                clock,
                line -> {});
    }

    private static void converse(StepPlanner planner, String path, OpenImage image, boolean rootless)
            throws IOException, WireException {
        byte[] frame = Codec.encode(request(path, rootless));
        if (Codec.decode(Frame.read(new ByteArrayInputStream(frame))) instanceof LaunchRequest request) {
            Reply reply = planner.plan(request, Identity.ofPlugin(request), image);
            Codec.encode(reply);
            if (reply instanceof LaunchPlan == path.equals(DENIED)) {
                throw new IOException("the rehearsal of " + path + " went wrong: "
                        + (reply instanceof Refusal no ? no.message() : reply));
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
                List.of(
                        new ObjectSpec.DefinitionFile(new byte[] {'#'}),
                        new ObjectSpec.PrimaryPartition(squashfs, Architecture.host())));
        PgpSigner.sign(image, key, new char[0], now, OptionalLong.empty());
        // Writable by others: root's rehearsal shall use the store as well.
        Files.setPosixFilePermissions(image, PosixFilePermissions.fromString("rw-rw-r--"));
        return image;
    }

    /** A superblock that passes for a file system which nobody mounts. */
    private static byte[] squashfs() {
        byte[] bytes = new byte[PARTITION_SIZE];
        ByteBuffer block = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        block.putInt(0, 0x73717368).putInt(12, 1 << 17).putShort(20, (short) 1).putShort(22, (short) 17);
        block.putShort(28, (short) 4).putLong(40, SQUASHFS_SIZE);
        for (int table = 48; table < 96; table += Long.BYTES) {
            block.putLong(table, -1);
        }
        return bytes;
    }

    private static void settings(Path directory, PgpSecretKey key) throws IOException {
        Files.createDirectory(directory.resolve("keys"));
        Files.writeString(directory.resolve("keys/rehearsal.asc"), key.armoredPublic());
        Files.writeString(directory.resolve("dunnage.yaml"), """
                # what settings can hold
                version: 1
                contact: "help desk"
                mounts: [/scratch, "/sw:/sw:ro"]
                registries: {insecure: ["localhost:5000"]}
                image-cache: {size: 1GiB}
                pull: {at: start}
                audit-syslog: false
                audit-file: %s
                """.formatted(directory.resolve("audit.jsonl")));
    }

    private Path policy(PgpSecretKey key) throws IOException {
        return Files.writeString(place.resolve("policy.yaml"), """
                # what policies can hold
                version: 1
                key-groups:
                  release: [KEY, {key: KEY0, from: 2026-01-01, until: 2099-12-31}]
                deny-keys:
                  - {key: 0000000000000000000000000000000000000000, reason: nobody's}
                rules:
                  - {name: denied, match: {path: %s}, deny: rehearsed}
                  - name: elsewhere
                    match: {path: /rehearsal/x, user: [a], group: [4711], account: c, partition: d, labels: {e: f}}
                    require:
                      signed-by-any-of: [release]
                      signed-by-all-of: [KEY]
                      signed-by-at-least: {count: 1, of: [KEY]}
                      not-signed-by: [KEY1]
                  - name: from there
                    match: {parent: /rehearsal/y, source: "oras://localhost:5000/x", digest: "sha256:%s"}
                    mode: blacklist
                    keys: [KEY]
                  - name: confined
                    match: {path: %s}
                    mode: open
                    grant:
                      driver: fuse
                      binds: [/data, {source: /sw, access: ro}]
                      devices: [/dev/fuse]
                      gpu: false
                      network: [host, none]
                      environment: [HOME, "OMP_*"]
                      capabilities: [{group: 4711, allow: [CAP_NET_RAW]}]
                      seccomp: default
                      limits: {pids: 4096, memory: 64GiB}
                ecl:
                  activated: true
                  groups:
                    - name: rehearsal
                      mode: whitelist
                      directory: %s
                      keys: [KEY]
                    - {name: others, mode: open}
                """.formatted(DENIED, "0".repeat(64), OPEN, place)
                .replace("KEY0", "0".repeat(40))
                .replace("KEY1", "1".repeat(40))
                .replace("KEY", key.facts().fingerprint()));
    }

    /** The same as Apptainer writes it. */
    private Path list(PgpSecretKey key, Path image) throws IOException {
        return Files.writeString(place.resolve("list/ecl.toml"), """
                activated = true
                legacyinsecure = false
                [[execgroup]]
                  tagname = "rehearsal"
                  mode = "whitelist"
                  dirpath = "%s"
                  keyfp = ["%s"]
                """.formatted(
                        image.getParent(), key.facts().fingerprint()));
    }

    /** Steps have several tasks, starts without root one. */
    private static LaunchRequest request(String image, boolean rootless) {
        int tasks = rootless ? 1 : 2;
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
                "rehearsal.sif",
                image,
                List.of("/data:/data:ro"),
                Optional.of("/home/user"),
                HomeChoice.SITE_DEFAULT,
                Optional.of("pmix"),
                tasks,
                tasks,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                rootless,
                false,
                HardwareWish.NONE,
                Networks.NONE);
    }
}
