package dev.dunnage.sif.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dunnage.sif.ImageBytes;
import dev.dunnage.sif.SifImage;
import dev.dunnage.sif.SifObject;
import dev.dunnage.sif.TestImages;
import dev.dunnage.sif.key.KeyRing;
import dev.dunnage.sif.key.PemKeys;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SifVerifierTest {
    private static final String RSA = "8F1CDA07E78D8977D563FEC48F7375D9147D09E0";
    private static final String ED25519 = "25404559E0E349DCF06F58BB138521E3844DF69B";

    private static Verification verify(byte[] content, Instant at) throws Exception {
        ImageBytes bytes = TestImages.of(content);
        KeyRing ring = KeyRing.read(TestImages.file("keys/ring.pgp"));
        return new SifVerifier(ring, at).verify(SifImage.read(bytes), bytes);
    }

    private static Verification verify(String name) throws Exception {
        return verify(TestImages.resource("images/" + name + ".sif"), TestImages.CLOCK);
    }

    @Test
    void acceptsGoodSignature() throws Exception {
        Verification result = verify("signed-rsa4096-a");
        result.orThrow();
        assertThat(result.accepted()).isTrue();
        assertThat(result.signersOfEveryGroup()).containsExactly(RSA);
        SignatureResult signature = result.signatures().get(0);
        assertThat(signature.status()).isEqualTo(SignatureStatus.GOOD);
        assertThat(signature.objectId()).isEqualTo(4);
        assertThat(signature.objects()).isEqualTo(List.of(1L, 2L, 3L));
        assertThat(signature.created()).contains(Instant.parse("2026-11-23T03:49:59Z"));
        assertThat(signature.signer())
                .hasValueSatisfying(key -> assertThat(key.algorithm()).isEqualTo("RSA 4096"));
    }

    @Test
    void tellsSignersOfEveryGroupFromSignersOfAny() throws Exception {
        Verification mixed = verify("two-groups-mixed");
        assertThat(mixed.accepted()).isTrue();
        assertThat(mixed.signersOfEveryGroup()).isEmpty();
        assertThat(mixed.signersOfAnyGroup()).containsExactly(ED25519, RSA);
        assertThat(verify("two-signers").signersOfEveryGroup()).containsExactly(ED25519, RSA);
    }

    @ParameterizedTest
    @CsvSource({
        "unsigned, group 1 of the image is not signed",
        "flip-squashfs, the content of object 3 at byte 36864 is not what was signed",
        "legacy-object, group 1 of the image is not signed",
        "dsse-ed25519, DSSE",
    })
    void saysWhyNot(String name, String reason) throws Exception {
        Verification result = verify(name);
        assertThat(result.accepted()).isFalse();
        assertThat(result.signersOfAnyGroup()).isEmpty();
        assertThatThrownBy(result::orThrow)
                .isInstanceOf(VerificationException.class)
                .hasMessageContaining(reason);
    }

    @ParameterizedTest
    @CsvSource({
        "2026-11-23T03:00:00Z, EXPIRED_KEY",
        "2026-11-23T03:49:58Z, WRONG_TIME",
        "2026-11-23T03:49:59Z, GOOD",
    })
    void judgesTimesByTheGivenClock(Instant at, SignatureStatus status) throws Exception {
        Verification result = verify(TestImages.resource("images/signed-rsa4096-a.sif"), at);
        assertThat(result.signatures()).extracting(SignatureResult::status).containsExactly(status);
    }

    @Test
    void refusesAnyFlippedByteOfSignedContent() throws Exception {
        byte[] good = TestImages.resource("images/signed-ed25519-b.sif");
        SifImage image = SifImage.read(TestImages.of(good));
        for (SifObject object : image.objects()) {
            for (long at = object.offset(); at < object.end(); at += 97) {
                byte[] flipped = good.clone();
                flipped[(int) at] ^= 4;
                assertThat(verify(flipped, TestImages.CLOCK).accepted())
                        .as("byte %d", at)
                        .isFalse();
            }
        }
    }

    @Test
    void demandsKeyFromRing() throws Exception {
        ImageBytes bytes = TestImages.image("signed-rsa4096-a");
        Verification result = new SifVerifier(KeyRing.empty(), TestImages.CLOCK).verify(SifImage.read(bytes), bytes);
        assertThat(result.rejection())
                .hasValueSatisfying(reason -> assertThat(reason).contains(RSA, "not in the key ring"));
        assertThat(result.signatures().get(0).claimedFingerprint()).isEqualTo(RSA);
        assertThat(result.signatures().get(0).status()).isEqualTo(SignatureStatus.UNKNOWN_KEY);
    }

    @Test
    void readsEachObjectOnce() throws Exception {
        ImageBytes image = TestImages.image("two-signers");
        SifImage structure = SifImage.read(image);
        SifObject root = structure.primarySystem();
        AtomicLong read = new AtomicLong();
        ImageBytes counting = new ImageBytes() {
            @Override
            public long size() throws java.io.IOException {
                return image.size();
            }

            @Override
            public int read(ByteBuffer target, long position) throws java.io.IOException {
                int count = image.read(target, position);
                if (position >= root.offset() && position < root.end()) {
                    read.addAndGet(count);
                }
                return count;
            }
        };
        KeyRing ring = KeyRing.read(TestImages.file("keys/ring.pgp"));
        assertThat(new SifVerifier(ring, TestImages.CLOCK)
                        .verify(structure, counting)
                        .accepted())
                .isTrue();
        assertThat(read).hasValue(root.size());
    }

    @Test
    void verifiesDsseWithPemKey() throws Exception {
        ImageBytes bytes = TestImages.image("dsse-ed25519");
        PemKeys keys = PemKeys.read(TestImages.file("keys/ed25519.pub.pem"));
        Verification result =
                new SifVerifier(KeyRing.empty(), keys, TestImages.CLOCK).verify(SifImage.read(bytes), bytes);
        // The same text as the key id in the envelope, which the verifier does not read.
        assertThat(result.signersOfEveryGroup()).containsExactly("SHA256:p6opMzZkorb4HbT8CtnLhYlbAPVQs1+navP7MVtf8sU");
        assertThat(result.accepted()).isTrue();
        assertThatThrownBy(() -> PemKeys.read(TestImages.file("keys/ed25519-b.asc")))
                .hasMessageContaining("no proper PUBLIC KEY block");
    }

    @Test
    void verifiesLegacyOnlyWhenAsked() throws Exception {
        ImageBytes bytes = TestImages.image("legacy-object");
        SifImage image = SifImage.read(bytes);
        SifVerifier verifier = new SifVerifier(KeyRing.read(TestImages.file("keys/ring.pgp")), TestImages.CLOCK);
        assertThat(verifier.verify(image, bytes).accepted()).isFalse();
        Verification legacy = verifier.verifyLegacy(image, bytes);
        assertThat(legacy.accepted()).isTrue();
        assertThat(legacy.signersOfEveryGroup()).containsExactly(RSA);
        assertThat(legacy.signatures().get(0).objects()).containsExactly(3L);
        ImageBytes modern = TestImages.image("signed-rsa4096-a");
        assertThat(verifier.verifyLegacy(SifImage.read(modern), modern).rejection())
                .hasValueSatisfying(reason -> assertThat(reason).contains("no legacy signature"));
    }
}
