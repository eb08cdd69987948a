package dev.dunnage.sif.odd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dunnage.sif.DataType;
import dev.dunnage.sif.ImageBytes;
import dev.dunnage.sif.Link;
import dev.dunnage.sif.SifFormatException;
import dev.dunnage.sif.SifImage;
import dev.dunnage.sif.SifListing;
import dev.dunnage.sif.TestImages;
import dev.dunnage.sif.key.KeyKind;
import dev.dunnage.sif.key.KeyRing;
import dev.dunnage.sif.key.PgpSecretKey;
import dev.dunnage.sif.key.SecretKeys;
import dev.dunnage.sif.verify.SifVerifier;
import dev.dunnage.sif.verify.Verification;
import dev.dunnage.sif.verify.VerifyScope;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Images that nobody's writer makes, each with what the rules of signatures demand for it. */
class OddImagesTest {
    private static final int GROUP_BITS = 0xF0000000;

    private final PgpSecretKey key;
    private final PgpSecretKey other;
    private final KeyRing ring;
    private final List<DynamicTest> tests = new ArrayList<>();

    OddImagesTest() throws Exception {
        key = SecretKeys.read(TestImages.file("keys/ed25519-b.secret.asc"));
        other = SecretKeys.read(TestImages.file("keys/rsa4096-a.secret.asc"));
        ring = KeyRing.read(TestImages.file("keys/ring.pgp"));
    }

    /** What must come of an image. */
    private enum Demand {
        ACCEPT,
        REJECT,
        /** Not even its structure is sound. */
        REFUSE
    }

    private OddImage signed() throws Exception {
        return OddImage.usual().sign(key, 1);
    }

    private void test(String name, byte[] content, Demand demand, String reason) {
        tests.add(DynamicTest.dynamicTest(name, () -> check(content, demand, reason, new VerifyScope.Image())));
    }

    private void accepts(String name, byte[] content) {
        test(name, content, Demand.ACCEPT, "");
    }

    private void rejects(String name, byte[] content, String reason) {
        test(name, content, Demand.REJECT, reason);
    }

    private void refuses(String name, byte[] content, String reason) {
        test(name, content, Demand.REFUSE, reason);
    }

    private void check(byte[] content, Demand demand, String reason, VerifyScope scope) throws Exception {
        ImageBytes bytes = TestImages.of(content);
        SifImage image;
        try {
            image = SifImage.read(bytes);
        } catch (SifFormatException e) {
            assertThat(demand).as(e.getMessage()).isEqualTo(Demand.REFUSE);
            assertThat(e).hasMessageContaining(reason).message().hasLineCount(1);
            return;
        }
        assertThat(demand).isNotEqualTo(Demand.REFUSE);
        assertThat(SifListing.lines(image)).hasSize(3 + image.objects().size());
        Verification result = new SifVerifier(ring, TestImages.CLOCK).verify(image, bytes, scope);
        if (demand == Demand.ACCEPT) {
            assertThat(result.rejection()).isEmpty();
        } else {
            assertThat(result.rejection())
                    .hasValueSatisfying(why -> assertThat(why).contains(reason).hasLineCount(1));
        }
    }

    @TestFactory
    Stream<DynamicTest> freedomsThatSignaturesLeave() throws Exception {
        accepts("plain", signed().bytes());
        accepts("slots in reverse order", signed().reorderSlots().bytes());
        accepts("data in reverse order", signed().backwards().bytes());
        accepts("gaps", signed().gap(777).bytes());
        accepts("trailing bytes", Arrays.copyOf(signed().bytes(), 100_000));
        accepts("no spare slot", signed().slots(4).bytes());
        accepts("table far behind the header", signed().tableAt(60_001).bytes());
        accepts("table right behind the header", signed().tableAt(128).bytes());
        accepts("stale slots between", signed().hole().hole().reorderSlots().bytes());
        accepts(
                "all ids shifted",
                signed().everyDescriptor(d -> d.putInt(OddImage.ID, d.getInt(OddImage.ID) + 40))
                        .bytes());
        accepts(
                "group renumbered",
                signed().everyDescriptor(d -> d.putInt(
                                d.getInt(OddImage.LINK) == 0 ? OddImage.GROUP : OddImage.LINK, GROUP_BITS | 99))
                        .bytes());
        accepts(
                "times and padded sizes",
                signed().everyDescriptor(d -> d.putLong(OddImage.MODIFIED, -1).putLong(OddImage.PADDED, 7))
                        .bytes());
        accepts(
                "header's architecture, times and counters",
                signed().bytes(b -> b.put(45, (byte) '0')
                        .put(46, (byte) '4')
                        .putLong(64, -62135596800L)
                        .putLong(72, Long.MAX_VALUE)
                        .putLong(80, 3)));
        accepts("two signers", signed().sign(other, 1).bytes());
        accepts("the same signer twice", signed().sign(key, 1).bytes());
        accepts(
                "equal objects",
                OddImage.usual()
                        .add(DataType.GENERIC, 4, 1, "same")
                        .add(DataType.GENERIC, 5, 1, "same")
                        .sign(key, 1)
                        .bytes());
        accepts(
                "an object without bytes",
                OddImage.usual().add(DataType.GENERIC, 4, 1, "").sign(key, 1).bytes());
        accepts(
                "groups far apart",
                OddImage.usual()
                        .add(DataType.GENERIC, 4, 0x0FFFFFFF, "far")
                        .sign(key, 1)
                        .sign(other, 0x0FFFFFFF)
                        .bytes());
        accepts(
                "a name that fills its field",
                OddImage.usual()
                        .descriptor(1, d -> {
                            for (int i = 0; i < 128; i++) {
                                d.put(OddImage.NAME + i, (byte) 'n');
                            }
                        })
                        .sign(key, 1)
                        .bytes());
        OddImage crowd = OddImage.empty().slots(600);
        for (int i = 1; i <= 500; i++) {
            crowd.add(DataType.GENERIC, i, 1, "object " + i);
        }
        accepts("500 objects", crowd.sign(key, 1).bytes());
        return tests.stream();
    }

    @TestFactory
    Stream<DynamicTest> changesThatSignaturesSee() throws Exception {
        changed("launch script", b -> b.put(5, (byte) 'X'));
        changed("a byte behind the launch script's end", b -> b.put(31, (byte) 1));
        changed("image id", b -> b.put(55, (byte) 9));
        int second = OddImage.usual().at(1);
        int root = OddImage.usual().at(2);
        changed("type", b -> b.putInt(second, DataType.GENERIC.code()));
        changed("link", b -> b.putInt(second + OddImage.LINK, 1));
        changed("size", b -> b.putLong(second + OddImage.SIZE, 12));
        changed("no size left", b -> b.putLong(second + OddImage.SIZE, 0));
        changed("time of creation", b -> b.putLong(second + OddImage.CREATED, 0));
        changed("owner", b -> b.putLong(second + OddImage.UID, 1));
        changed("name", b -> b.put(second + OddImage.NAME, (byte) 'X'));
        changed("a byte behind the name's end", b -> b.put(second + OddImage.NAME + 127, (byte) 1));
        changed("a byte behind the extra part's end", b -> b.put(root + OddImage.EXTRA + 383, (byte) 1));
        changed("kind of partition", b -> b.putInt(root + OddImage.EXTRA + 4, 3));
        changed("architecture of the partition", b -> b.put(root + OddImage.EXTRA + 9, (byte) '4'));
        changed(
                "content moved to other bytes",
                b -> b.putLong(second + OddImage.OFFSET, b.getLong(second + OddImage.OFFSET) + 100_000));
        changed(
                "ids of two objects exchanged",
                b -> b.putInt(second + OddImage.ID, 3).putInt(root + OddImage.ID, 2));
        return tests.stream();
    }

    private void changed(String name, Consumer<ByteBuffer> change) throws Exception {
        byte[] content = Arrays.copyOf(signed().bytes(), 200_000);
        change.accept(ByteBuffer.wrap(content).order(java.nio.ByteOrder.LITTLE_ENDIAN));
        rejects(name, content, "");
    }

    @TestFactory
    Stream<DynamicTest> signaturesThatDoNotSpeakForTheImage() throws Exception {
        PgpSecretKey stranger = newKey(Optional.empty());
        String fingerprint = key.facts().fingerprint();
        rejects("no object", OddImage.empty().bytes(), "");
        rejects("unsigned", OddImage.usual().bytes(), "not signed");
        rejects("a signed object is gone", signed().remove(1).bytes(), "");
        rejects("the lowest object is gone", signed().remove(0).bytes(), "");
        rejects("an object more", signed().add(DataType.GENERIC, 9, 1, "more").bytes(), "");
        rejects(
                "an unsigned group more",
                signed().add(DataType.GENERIC, 9, 2, "more").bytes(),
                "group 2");
        rejects(
                "an object of no group",
                signed().add(DataType.GENERIC, 9, 0, "more").bytes(),
                "group");
        rejects("the second signer is of no use", signed().sign(stranger, 1).bytes(), "");
        rejects("the signature names another signer", misnamed(other.facts().fingerprint()), "");
        rejects("the signature names nobody", misnamed("0".repeat(40)), "");
        rejects("the signature names a stranger", misnamed("AB".repeat(20)), "");
        rejects(
                "the signature is in the group that it signs",
                signed().descriptor(3, d -> d.putInt(OddImage.GROUP, GROUP_BITS | 1))
                        .bytes(),
                "");
        rejects(
                "the signature is linked to an object",
                signed().descriptor(3, d -> d.putInt(OddImage.LINK, 3)).bytes(),
                "");
        rejects(
                "the signature is linked to nothing",
                signed().descriptor(3, d -> d.putInt(OddImage.LINK, 0)).bytes(),
                "");
        rejects(
                "the signature is linked to a group that is not there",
                signed().descriptor(3, d -> d.putInt(OddImage.LINK, GROUP_BITS | 5))
                        .bytes(),
                "");
        OddImage twins = OddImage.usual().add(DataType.GENERIC, 4, 2, "x");
        byte[] first = twins.statement(key, 1, TestImages.CLOCK);
        rejects(
                "one group's signature for another",
                twins.signature(first, 1, fingerprint)
                        .signature(first, 2, fingerprint)
                        .bytes(),
                "");
        byte[] foreign = OddImage.usual().id(new UUID(7, 7)).statement(key, 1, TestImages.CLOCK);
        rejects(
                "the signature of a twin image",
                OddImage.usual().signature(foreign, 1, fingerprint).bytes(),
                "");
        rejects(
                "an empty signature",
                OddImage.usual().signature(new byte[0], 1, fingerprint).bytes(),
                "");
        rejects(
                "a signature above the limit",
                OddImage.usual()
                        .signature(new byte[(1 << 20) + 1], 1, fingerprint)
                        .bytes(),
                "");
        OddImage crowd = OddImage.usual().slots(80);
        byte[] good = crowd.statement(key, 1, TestImages.CLOCK);
        for (int i = 0; i < 65; i++) {
            crowd.signature(good, 1, fingerprint);
        }
        rejects("65 good signatures", crowd.bytes(), "more than 64");
        rejects(
                "a signature of tomorrow",
                OddImage.usual()
                        .sign(key, 1, TestImages.CLOCK.plusSeconds(86400))
                        .bytes(),
                "");
        return tests.stream();
    }

    private byte[] misnamed(String fingerprint) throws Exception {
        OddImage image = OddImage.usual();
        return image.signature(image.statement(key, 1, TestImages.CLOCK), 1, fingerprint)
                .bytes();
    }

    @TestFactory
    Stream<DynamicTest> structuresThatAreNotSound() throws Exception {
        OddImage image = signed();
        int second = image.at(1);
        refuses(
                "two objects share bytes",
                image.bytes(b -> b.putLong(second + OddImage.OFFSET, b.getLong(image.at(0) + OddImage.OFFSET))),
                "");
        refuses("one descriptor twice", signed().repeat(0).bytes(), "");
        refuses(
                "one id twice",
                signed().descriptor(1, d -> d.putInt(OddImage.ID, 1)).bytes(),
                "id");
        refuses("content in the table", image.bytes(b -> b.putLong(second + OddImage.OFFSET, 4100)), "");
        refuses("content in the header", image.bytes(b -> b.putLong(second + OddImage.OFFSET, 0)), "");
        refuses("content behind the end", image.bytes(b -> b.putLong(second + OddImage.OFFSET, Long.MAX_VALUE)), "");
        refuses("used twice over", image.bytes(b -> b.put(second + 4, (byte) 2)), "used");
        refuses("group without its bits", image.bytes(b -> b.putInt(second + OddImage.GROUP, 1)), "group");
        refuses("link with half of its bits", image.bytes(b -> b.putInt(second + OddImage.LINK, 0x10000001)), "link");
        refuses(
                "two root file systems",
                signed().repeat(2).descriptor(4, d -> d.putInt(OddImage.ID, 9)).bytes(),
                "");
        refuses("a table of no size", image.bytes(b -> b.putLong(104, 0)), "");
        refuses("more slots than bytes", image.bytes(b -> b.putLong(88, 17)), "");
        return tests.stream();
    }

    /** Signatures count from their own second on, and not before it. */
    @Test
    void timeEdges() throws Exception {
        byte[] content = OddImage.usual().sign(key, 1, TestImages.CLOCK).bytes();
        ImageBytes bytes = TestImages.of(content);
        SifImage image = SifImage.read(bytes);
        assertThat(new SifVerifier(ring, TestImages.CLOCK).verify(image, bytes).accepted())
                .isTrue();
        assertThat(new SifVerifier(ring, TestImages.CLOCK.minusSeconds(1))
                        .verify(image, bytes)
                        .accepted())
                .isFalse();
    }

    /** The last second of a key is its own. */
    @Test
    void expiryOfKeys() throws Exception {
        Instant born = TestImages.CLOCK.minusSeconds(1000);
        PgpSecretKey mortal = newKey(Optional.of(Duration.ofSeconds(2000)));
        KeyRing its = KeyRing.read(mortal.armoredPublic().getBytes(StandardCharsets.UTF_8), "new key");
        ImageBytes bytes = TestImages.of(OddImage.usual().sign(mortal, 1).bytes());
        SifImage image = SifImage.read(bytes);
        assertThat(new SifVerifier(its, born.plusSeconds(1999))
                        .verify(image, bytes)
                        .rejection())
                .isEmpty();
        assertThat(new SifVerifier(its, born.plusSeconds(2001))
                        .verify(image, bytes)
                        .rejection())
                .hasValueSatisfying(why -> assertThat(why).contains("expired"));
        assertThat(new SifVerifier(its, born.minusSeconds(1))
                        .verify(image, bytes)
                        .accepted())
                .isFalse();
    }

    private static PgpSecretKey newKey(Optional<Duration> validity) throws Exception {
        return SecretKeys.generate(
                KeyKind.ED25519, "Odd <odd@example.org>", TestImages.CLOCK.minusSeconds(1000), validity, new char[0]);
    }

    /** A single object is good whatever becomes of the others; its group is not. */
    @Test
    void scopes() throws Exception {
        byte[] content =
                signed().bytes(b -> b.put((int) b.getLong(OddImage.usual().at(1) + OddImage.OFFSET), (byte) 0));
        check(content, Demand.ACCEPT, "", new VerifyScope.SingleObject(3));
        check(content, Demand.REJECT, "object 2", new VerifyScope.SingleObject(2));
        check(content, Demand.REJECT, "object 2", new VerifyScope.Group(1));
        check(content, Demand.REJECT, "object 2", new VerifyScope.Image());
        byte[] two = OddImage.usual()
                .add(DataType.GENERIC, 4, 2, new Link.None(), new byte[3], new byte[0])
                .sign(key, 1)
                .bytes();
        check(two, Demand.ACCEPT, "", new VerifyScope.Group(1));
        check(two, Demand.REJECT, "group 2", new VerifyScope.Image());
    }
}
