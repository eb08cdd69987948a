package dev.dunnage.sif.write;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dunnage.sif.Architecture;
import dev.dunnage.sif.DataType;
import dev.dunnage.sif.FileSystemKind;
import dev.dunnage.sif.PartitionKind;
import dev.dunnage.sif.SifImage;
import dev.dunnage.sif.SifObject;
import dev.dunnage.sif.TestImages;
import dev.dunnage.sif.key.KeyRing;
import dev.dunnage.sif.verify.SifVerifier;
import dev.dunnage.sif.write.SifEditor.DeleteOption;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A crash before any single write of a change leaves an image that reads, and holds the old objects or the new ones. */
class CrashTest {
    private static final EditTime NOW = EditTime.exactly(TestImages.CLOCK);

    @TempDir
    Path directory;

    @FunctionalInterface
    private interface Change {
        void run(SifEditor editor) throws Exception;
    }

    @FunctionalInterface
    private interface Outcome {
        void check(SifImage before, SifImage after, byte[] content) throws Exception;
    }

    /** Lets the change fail at every write in turn, until it gets through; returns the number of writes. */
    private int crash(byte[] image, Change change, Outcome outcome) throws Exception {
        SifImage before = SifImage.read(TestImages.of(image));
        for (int writes = 0; ; writes++) {
            Path file = Files.write(directory.resolve("image.sif"), image);
            boolean done = false;
            FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
            try (SifEditor editor = SifEditor.of(new CrashingFile(channel, writes))) {
                change.run(editor);
                done = true;
            } catch (IOException e) {
                assertThat(e).hasMessage("crash");
            }
            byte[] content = Files.readAllBytes(file);
            outcome.check(before, SifImage.read(TestImages.of(content)), content);
            if (done) {
                return writes;
            }
        }
    }

    private static void isAccepted(SifImage image, byte[] content) throws Exception {
        KeyRing ring = KeyRing.read(TestImages.file("keys/ring.pgp"));
        assertThat(new SifVerifier(ring, TestImages.CLOCK)
                        .verify(image, TestImages.of(content))
                        .rejection())
                .isEmpty();
    }

    @Test
    void addingKeepsWhatIsThere() throws Exception {
        byte[] image = TestImages.resource("images/signed-ed25519-b.sif");
        byte[] signature = {1, 2, 3};
        int writes = crash(
                image,
                editor -> editor.add(NewObject.signature(signature, 1, "0".repeat(40)), NOW),
                (before, after, content) -> {
                    List<SifObject> old = before.objects();
                    assertThat(after.objects().subList(0, old.size())).isEqualTo(old);
                    if (after.objects().size() == old.size()) {
                        isAccepted(after, content);
                    } else {
                        assertThat(after.objects()).hasSize(old.size() + 1);
                        assertThat(content).endsWith(signature);
                    }
                });
        assertThat(writes).isGreaterThanOrEqualTo(4);
    }

    /** A header that counts no object would make the first object invisible to others, and the image unreadable here. */
    @Test
    void addingTheFirstObject() throws Exception {
        Path empty = directory.resolve("empty.sif");
        SifWriter.create(empty, WriteOptions.at(TestImages.CLOCK, new java.util.UUID(1, 2)), List.of());
        NewObject object = NewObject.of(DataType.GENERIC, ObjectSource.of(new byte[] {7}));
        crash(
                Files.readAllBytes(empty),
                editor -> editor.add(object, NOW),
                (before, after, content) -> assertThat(after.objects()).hasSizeLessThan(2));
    }

    @Test
    void deletingTakesOneObjectOrNone() throws Exception {
        byte[] image = TestImages.resource("images/two-signers.sif");
        for (EnumSet<DeleteOption> options :
                List.of(EnumSet.noneOf(DeleteOption.class), EnumSet.allOf(DeleteOption.class))) {
            crash(image, editor -> editor.delete(5, options, NOW), (before, after, content) -> {
                assertThat(after.object(5).map(SifObject::size))
                        .isIn(before.object(5).map(SifObject::size), java.util.Optional.empty());
                assertThat(after.objects().subList(0, 4))
                        .isEqualTo(before.objects().subList(0, 4));
                if (after.object(5).isEmpty()) {
                    isAccepted(after, content);
                }
            });
        }
    }

    @Test
    void promotingNeverMakesTwoRoots() throws Exception {
        byte[] unsigned = TestImages.resource("images/unsigned.sif");
        Path file = Files.write(directory.resolve("two.sif"), unsigned);
        ObjectSource squashfs = ObjectSource.of(Arrays.copyOfRange(unsigned, 36864, 40960));
        try (SifEditor editor = SifEditor.open(file)) {
            editor.add(
                    NewObject.partition(squashfs, FileSystemKind.SQUASHFS, PartitionKind.SYSTEM, Architecture.AMD64),
                    NOW);
        }
        crash(Files.readAllBytes(file), editor -> editor.setPrimary(4, NOW), (before, after, content) -> {
            assertThat(after.objects()).hasSize(4);
            assertThat(after.objects().stream().filter(SifObject::isPrimarySystem))
                    .hasSizeLessThan(2);
            // To be repeated, it must be possible.
            Path again = Files.write(directory.resolve("again.sif"), content);
            try (SifEditor editor = SifEditor.open(again)) {
                editor.setPrimary(4, NOW);
                assertThat(editor.image().primarySystem().id()).isEqualTo(4);
            }
        });
    }
}
