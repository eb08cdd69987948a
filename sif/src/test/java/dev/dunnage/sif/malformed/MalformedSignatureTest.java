package dev.dunnage.sif.malformed;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dunnage.sif.ImageBytes;
import dev.dunnage.sif.SifImage;
import dev.dunnage.sif.SifObject;
import dev.dunnage.sif.TestImages;
import dev.dunnage.sif.armor.Armor;
import dev.dunnage.sif.armor.ClearText;
import dev.dunnage.sif.integrity.MessageBuilder;
import dev.dunnage.sif.integrity.ObjectGroup;
import dev.dunnage.sif.integrity.ObjectHasher;
import dev.dunnage.sif.key.KeyRing;
import dev.dunnage.sif.key.PgpSecretKey;
import dev.dunnage.sif.key.SecretKeys;
import dev.dunnage.sif.verify.SifVerifier;
import dev.dunnage.sif.verify.SignatureStatus;
import dev.dunnage.sif.verify.Verification;
import dev.dunnage.sif.write.EditTime;
import dev.dunnage.sif.write.NewObject;
import dev.dunnage.sif.write.SifEditor;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Malformed input 28 to 40 of the format reference: signatures. The texts here are really signed, by a trusted key. */
class MalformedSignatureTest {
    private static final char[] NONE = {};
    private static final EditTime NOW = EditTime.exactly(TestImages.CLOCK);
    private static final int SIGNATURE = 4096 + 3 * 585;

    @TempDir
    Path directory;

    private Path file;
    private PgpSecretKey key;
    private String message;

    @BeforeEach
    void prepare() throws Exception {
        byte[] unsigned = TestImages.resource("images/unsigned.sif");
        file = Files.write(directory.resolve("image.sif"), unsigned);
        key = SecretKeys.read(TestImages.file("keys/ed25519-b.secret.asc"));
        ImageBytes bytes = TestImages.of(unsigned);
        SifImage image = SifImage.read(bytes);
        message = MessageBuilder.build(image, ObjectGroup.of(image).get(0), new ObjectHasher(bytes))
                .toJson();
    }

    private static Verification verify(byte[] content) throws Exception {
        ImageBytes bytes = TestImages.of(content);
        KeyRing ring = KeyRing.read(TestImages.file("keys/ring.pgp"));
        return new SifVerifier(ring, TestImages.CLOCK).verify(SifImage.read(bytes), bytes);
    }

    private static void refuses(byte[] content, SignatureStatus status, String reason) throws Exception {
        Verification result = verify(content);
        assertThat(result.signatures()).hasSize(1);
        assertThat(result.signatures().get(0).reason())
                .contains(reason)
                .containsPattern("byte [0-9]+")
                .containsPattern("but must|but .* was signed")
                .hasLineCount(1);
        assertThat(result.signatures().get(0).status()).isEqualTo(status);
        assertThat(result.rejection()).isPresent();
        assertThat(result.signersOfAnyGroup()).isEmpty();
    }

    private static void refuses(String image, Consumer<ByteBuffer> change, SignatureStatus status, String reason)
            throws Exception {
        refuses(Damage.image(image, change), status, reason);
    }

    private byte[] sign(String text) throws Exception {
        return ClearText.format(
                text, "SHA256", key.sign(text.getBytes(StandardCharsets.UTF_8), NONE, TestImages.CLOCK));
    }

    /** The image with this signature object over group 1. */
    private byte[] with(byte[] signature) throws Exception {
        try (SifEditor editor = SifEditor.open(file)) {
            editor.add(NewObject.signature(signature, 1, key.facts().fingerprint()), NOW);
        }
        return Files.readAllBytes(file);
    }

    @Test
    void theTextAsItShouldBeIsAccepted() throws Exception {
        assertThat(verify(with(sign(message))).rejection()).isEmpty();
    }

    @Test
    void case28SizeOfTheSignatureObject() throws Exception {
        refuses(
                "signed-ed25519-b",
                b -> b.putLong(SIGNATURE + 25, 0),
                SignatureStatus.MALFORMED,
                "its size at byte 5876 is 0, but must be 1 to 1048576");
        byte[] large = new byte[(1 << 20) + 1];
        Arrays.fill(large, (byte) '\n');
        refuses(with(large), SignatureStatus.MALFORMED, "its size at byte 5876 is 1048577, but must be 1 to 1048576");
    }

    @ParameterizedTest
    @ValueSource(strings = {"hello", "[1]", "-----BEGIN CERTIFICATE-----\n", "\u0000"})
    void case29NeitherClearsignedNorDsse(String content) throws Exception {
        refuses(
                with(content.getBytes(StandardCharsets.UTF_8)),
                SignatureStatus.MALFORMED,
                "at byte 40960, the start is '");
    }

    @Test
    void case30DamagedArmorOrForeignPacket() throws Exception {
        String good = new String(sign(message), StandardCharsets.UTF_8);
        String body = good.substring(good.indexOf("-----BEGIN PGP SIGNATURE"));
        refuses(
                with(change(good, text -> text.replace(body, body.replace("A", "~")))),
                SignatureStatus.MALFORMED,
                "base64");
        byte[] marker = {(byte) 0xca, 3, 'P', 'G', 'P'};
        assertForeign(good.replace(body, Armor.encode("PGP SIGNATURE", marker)), "tag 10, but must have 2");
        assertForeign(good.replace(body, Armor.encode("PGP SIGNATURE", new byte[] {(byte) 0xc2, 1, 4})), "damaged");
    }

    private void assertForeign(String content, String reason) throws Exception {
        Files.write(file, TestImages.resource("images/unsigned.sif"));
        refuses(with(content.getBytes(StandardCharsets.UTF_8)), SignatureStatus.MALFORMED, reason);
    }

    private static byte[] change(String text, UnaryOperator<String> change) {
        String changed = change.apply(text);
        assertThat(changed).isNotEqualTo(text);
        return changed.getBytes(StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"version\":1 | [{\"version\":1 | the whole at character 0 of the signed text is",
                "{\"version\":1 | \ufeff{\"version\":1 | not proper JSON",
                "]} | ]}{} | what follows the JSON object at character",
                "{\"version\":1 | {\"version\":1,\"version\":1 | not proper JSON",
                "\"relativeId\":0 | \"relativeId\":-1 | is '-1', but must be a whole number from 0 to 4294967295",
                "\"relativeId\":0 | \"relativeId\":0.0 | is '0.0', but",
                "\"relativeId\":0 | \"relativeId\":4294967296 | is '4294967296', but",
                "\"relativeId\":0 | \"relativeId\":1 | is 1 for the second time",
                "\"header\" | \"heater\" | member header of the signed text is absent",
                "\"objects\" | \"projects\" | member objects of the signed text is absent",
                "\"digest\":\"sha256: | \"digest\":\"md5: | the algorithm of a digest at character 32 of the signed text is 'md5:",
                "\"digest\":\"sha256: | \"digest\":\"sha512: | must be sha512 with 128 digits",
            })
    void case31TextIsNotOneProperObject(String part, String replacement, String reason) throws Exception {
        assertThat(message).contains(part);
        String changed = message.replace(part, replacement);
        refuses(with(sign(changed)), SignatureStatus.MALFORMED, reason);
    }

    @Test
    void case31TextNestsDeeply() throws Exception {
        String deep =
                message.replace("{\"version\"", "{\"x\":%s%s,\"version\"".formatted("[".repeat(33), "]".repeat(33)));
        refuses(with(sign(deep)), SignatureStatus.MALFORMED, "not proper JSON");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "2", "1.0", "\"1\""})
    void case32OtherVersion(String version) throws Exception {
        String changed = message.replace("\"version\":1", "\"version\":" + version);
        refuses(with(sign(changed)), SignatureStatus.MALFORMED, ", but must be the number 1");
    }

    @Test
    void case33UnknownHashCode() throws Exception {
        refuses(
                "signed-ed25519-b",
                b -> b.putInt(SIGNATURE + 201, 6),
                SignatureStatus.MALFORMED,
                "its hash type at byte 6052 is 6, but must be 1 to 5");
    }

    @Test
    void case34FingerprintZeroOrOfAnotherKey() throws Exception {
        refuses(
                "signed-ed25519-b",
                b -> b.put(SIGNATURE + 205, new byte[20]),
                SignatureStatus.MALFORMED,
                "its signer at byte 6056 is nobody");
        byte[] rsa = java.util.HexFormat.of().parseHex("8F1CDA07E78D8977D563FEC48F7375D9147D09E0");
        refuses(
                "signed-ed25519-b",
                b -> b.put(SIGNATURE + 205, rsa),
                SignatureStatus.OTHER_KEY,
                "its signer at byte 6056 is 8F1CDA07");
    }

    @Test
    void case35SignatureOfSomethingElse() throws Exception {
        refuses(
                "signed-ed25519-b",
                b -> b.put(50, (byte) 0),
                SignatureStatus.IMAGE_CHANGED,
                "the global header at byte 0 is not what was signed");
        String ids = message.replace("\"relativeId\":2", "\"relativeId\":7");
        refuses(
                with(sign(ids)),
                SignatureStatus.OTHER_OBJECTS,
                "object 3 of group 1, described at byte 5266, is not covered");
    }

    @Test
    void case36LinkedToAnObjectOrToNothing() throws Exception {
        refuses(
                "signed-ed25519-b",
                b -> b.putInt(SIGNATURE + 13, 3),
                SignatureStatus.UNLINKED,
                "its link at byte 5864 is object 3, but must be a group");
        refuses(
                "signed-ed25519-b",
                b -> b.putInt(SIGNATURE + 13, 0xf0000007),
                SignatureStatus.UNLINKED,
                "its link at byte 5864 is group 7, but must be a group that has objects");
    }

    @Test
    void case37ObjectWithoutAGroup() throws Exception {
        byte[] content = Damage.image("two-groups-mixed", b -> b.putInt(4096 + 4 * 585 + 9, 0xf0000000));
        assertThat(verify(content).rejection())
                .hasValueSatisfying(
                        reason -> assertThat(reason).contains("object 5 belongs to no group, at byte 6445, but must"));
    }

    @Test
    void case38ObjectMissingOrTooMuch() throws Exception {
        refuses(
                "signed-ed25519-b",
                b -> b.put(4096 + 585 + 4, (byte) 0),
                SignatureStatus.OTHER_OBJECTS,
                "is missing from group 1");
        byte[] signed = with(sign(message));
        Files.write(file, signed);
        try (SifEditor editor = SifEditor.open(file)) {
            SifObject json = editor.image().object(2).orElseThrow();
            editor.add(NewObject.of(json.type(), dev.dunnage.sif.write.ObjectSource.of(editor.bytes(), json)), NOW);
        }
        refuses(
                Files.readAllBytes(file),
                SignatureStatus.OTHER_OBJECTS,
                "object 5 of group 1, described at byte 6436, is not covered");
    }

    @ParameterizedTest
    @CsvSource({"text\\n%s, the start is", "%s\\ntext, behind", "%s\\n%s, behind", "-----BEGIN PGP\\n%s, before"})
    void case39TextAroundTheMessage(String frame, String reason) throws Exception {
        String good = new String(sign(message), StandardCharsets.UTF_8);
        String framed = frame.replace("\\n", "\n").replace("%s", good);
        refuses(with(framed.getBytes(StandardCharsets.UTF_8)), SignatureStatus.MALFORMED, reason);
    }

    @Test
    void case40LegacyTextWhenLegacyIsOff() throws Exception {
        Verification result = verify(TestImages.resource("images/legacy-object.sif"));
        assertThat(result.signatures()).extracting(each -> each.status()).containsExactly(SignatureStatus.LEGACY);
        assertThat(result.rejection())
                .hasValueSatisfying(reason -> assertThat(reason).contains("is not signed"));
        assertThat(result.signatures().get(0).reason())
                .containsPattern("byte [0-9]+, the form .* but must be the modern one");
        assertThat(Set.of(result.signersOfAnyGroup())).containsExactly(Set.of());
    }
}
