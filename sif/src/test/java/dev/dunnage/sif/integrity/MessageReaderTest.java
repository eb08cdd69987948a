package dev.dunnage.sif.integrity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MessageReaderTest {
    private static final String D = "\"sha256:" + "ab".repeat(32) + "\"";
    private static final String ENTRY = "{\"relativeId\":0,\"descriptorDigest\":" + D + ",\"objectDigest\":" + D + "}";
    private static final String GOOD = message("1", ENTRY);

    private static String message(String version, String objects) {
        return "{\"version\":%s,\"header\":{\"digest\":%s},\"objects\":[%s]}".formatted(version, D, objects);
    }

    @Test
    void readsWhatItWrites() throws Exception {
        TreeMap<Long, SignedMessage.Entry> objects = new TreeMap<>();
        for (DigestAlgorithm each : DigestAlgorithm.values()) {
            Digest digest = Digest.of(each, new byte[] {1});
            objects.put((long) objects.size(), new SignedMessage.Entry(digest, digest));
        }
        SignedMessage message = new SignedMessage(Digest.of(DigestAlgorithm.SHA256, new byte[0]), objects);
        assertThat(MessageReader.read(message.toJson())).isEqualTo(message);
        assertThat(MessageReader.read(GOOD).toJson()).isEqualTo(GOOD);
    }

    @Test
    void passesOverUnknownMembers() throws Exception {
        String more = GOOD.replace("{\"version\"", "{\"x\":[{\"y\":null}],\"version\"");
        assertThat(MessageReader.read(more)).isEqualTo(MessageReader.read(GOOD));
    }

    @ParameterizedTest
    @ValueSource(strings = {"2", "1.0", "\"1\"", "true", "null", "01"})
    void refusesOtherVersions(String version) {
        assertThatThrownBy(() -> MessageReader.read(message(version, ENTRY))).isInstanceOf(MessageException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "-0", "0.0", "1e0", "4294967296", "99999999999999999999999999", "\"0\"", "null"})
    void refusesOtherIds(String id) {
        assertThatThrownBy(() -> MessageReader.read(message("1", ENTRY.replace(":0,", ":" + id + ","))))
                .isInstanceOf(MessageException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"md5:", "sha1:", "sha256:ab", "SHA256:", "sha256:zz", ":", ""})
    void refusesOtherDigests(String start) {
        assertThatThrownBy(() -> MessageReader.read(GOOD.replace("sha256:abab", start)))
                .isInstanceOf(MessageException.class);
    }

    @Test
    void refusesRepeatsAndRemains() {
        assertThatThrownBy(() -> MessageReader.read(message("1", ENTRY + "," + ENTRY)))
                .hasMessageContaining("for the second time");
        assertThatThrownBy(() -> MessageReader.read(GOOD.replace("{\"version\":1", "{\"version\":1,\"version\":1")))
                .isInstanceOf(MessageException.class);
        assertThatThrownBy(() -> MessageReader.read(GOOD + "{}")).hasMessageContaining("what follows");
        assertThatThrownBy(() -> MessageReader.read("\ufeff" + GOOD)).isInstanceOf(MessageException.class);
        assertThatThrownBy(() -> MessageReader.read("")).isInstanceOf(MessageException.class);
        assertThatThrownBy(() -> MessageReader.read("[" + GOOD + "]")).isInstanceOf(MessageException.class);
        assertThatThrownBy(() -> MessageReader.read("{\"x\":" + "[".repeat(200_000)))
                .isInstanceOf(MessageException.class)
                .message()
                .hasLineCount(1);
        assertThatThrownBy(() -> MessageReader.read("{\"version\":1}")).hasMessageContaining("absent");
    }
}
