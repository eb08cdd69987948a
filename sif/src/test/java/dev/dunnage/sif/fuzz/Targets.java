package dev.dunnage.sif.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dunnage.sif.Architecture;
import dev.dunnage.sif.DataType;
import dev.dunnage.sif.ImageBytes;
import dev.dunnage.sif.Link;
import dev.dunnage.sif.SifEncoder;
import dev.dunnage.sif.SifFormatException;
import dev.dunnage.sif.SifImage;
import dev.dunnage.sif.SifLayout;
import dev.dunnage.sif.SifListing;
import dev.dunnage.sif.SifText;
import dev.dunnage.sif.TestImages;
import dev.dunnage.sif.integrity.DsseEnvelope;
import dev.dunnage.sif.integrity.MessageException;
import dev.dunnage.sif.integrity.OciDigests;
import dev.dunnage.sif.key.KeyRing;
import dev.dunnage.sif.key.KeyRingException;
import dev.dunnage.sif.key.PemKeys;
import dev.dunnage.sif.key.SecretKeyException;
import dev.dunnage.sif.key.SecretKeys;
import dev.dunnage.sif.verify.SifVerifier;
import dev.dunnage.sif.verify.Verification;
import java.io.IOException;
import java.util.Arrays;

/**
 * What is done with untrusted bytes, one method for each parser. Only the exceptions that are declared may come out,
 * each with a message of one line.
 */
public final class Targets {
    private static final String ED25519 = "25404559E0E349DCF06F58BB138521E3844DF69B";
    private static final int FREE_DESCRIPTOR = 4096 + 3 * SifLayout.DESCRIPTOR_SIZE;

    private final KeyRing ring;
    private final PemKeys pemKeys;

    /** Reads the keys that the seeds are signed with. */
    public Targets() throws IOException, KeyRingException {
        this.ring = KeyRing.read(TestImages.resource("keys/ring.pgp"), "ring");
        this.pemKeys = PemKeys.read(TestImages.file("keys/ed25519.pub.pem"));
    }

    /** A whole image. */
    public void sif(byte[] content) throws IOException {
        ImageBytes bytes = TestImages.of(content);
        try {
            SifImage image = SifImage.read(bytes);
            assertThat(SifListing.lines(image)).hasSize(3 + image.objects().size());
            assertThat(SifText.header(image)).isNotEmpty();
            image.objects().forEach(object -> assertThat(SifText.info(object)).allMatch(Targets::isOneLine));
            verify(image, bytes);
            OciDigests.check(image, bytes)
                    .forEach(each -> assertThat(each.toString()).hasLineCount(1));
            image.encryption()
                    .ifPresent(encryption -> assertThat(encryption.needs()).isNotEmpty());
            image.checkRunnable(Architecture.AMD64, bytes);
        } catch (SifFormatException e) {
            assertThat(e).message().hasLineCount(1);
        }
    }

    /** A signature object, in an image that is good apart from it. */
    public void signatureObject(byte[] content) throws IOException {
        byte[] unsigned = TestImages.resource("images/unsigned.sif");
        byte[] image = Arrays.copyOf(unsigned, unsigned.length + content.length);
        System.arraycopy(content, 0, image, unsigned.length, content.length);
        byte[] descriptor = SifEncoder.descriptor(new SifEncoder.Fields(
                DataType.SIGNATURE,
                4,
                0,
                new Link.ToGroup(1),
                unsigned.length,
                content.length,
                content.length,
                0,
                "",
                SifEncoder.signature(ED25519)));
        System.arraycopy(descriptor, 0, image, FREE_DESCRIPTOR, descriptor.length);
        ImageBytes bytes = TestImages.of(image);
        try {
            verify(SifImage.read(bytes), bytes);
        } catch (SifFormatException e) {
            throw new AssertionError("the image around the signature is good", e);
        }
    }

    private void verify(SifImage image, ImageBytes bytes) throws IOException {
        SifVerifier verifier = new SifVerifier(ring, pemKeys, TestImages.CLOCK);
        check(verifier.verify(image, bytes));
        check(verifier.verifyLegacy(image, bytes));
    }

    private static void check(Verification result) {
        result.rejection().ifPresent(reason -> assertThat(reason).hasLineCount(1));
        result.signatures().forEach(each -> assertThat(each.reason().isEmpty()).isEqualTo(each.good()));
    }

    /** A key file, public or secret. */
    public void armoredKey(byte[] content) throws IOException {
        try {
            KeyRing.read(content, "the seed")
                    .keys()
                    .forEach(key -> assertThat(isOneLine(key.userId())).isTrue());
        } catch (KeyRingException e) {
            assertThat(e).message().hasLineCount(1);
        }
        try {
            assertThat(SecretKeys.read(content).facts().fingerprint()).hasSize(40);
        } catch (SecretKeyException e) {
            assertThat(e).message().hasLineCount(1);
        }
    }

    /** A DSSE envelope with the message in it. */
    public void dsse(byte[] content) {
        try {
            DsseEnvelope envelope = DsseEnvelope.read(content);
            assertThat(envelope.signatures()).isNotEmpty();
            assertThat(envelope.signedBytes()).isNotEmpty();
            assertThat(envelope.message().toJson()).startsWith("{\"version\":1,");
        } catch (MessageException e) {
            assertThat(e).message().hasLineCount(1);
        }
    }

    private static boolean isOneLine(String text) {
        return text.codePoints().noneMatch(Character::isISOControl);
    }
}
