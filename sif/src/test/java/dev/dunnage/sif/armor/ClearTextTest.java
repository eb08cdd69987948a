package dev.dunnage.sif.armor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClearTextTest {
    private static final byte[] SIGNATURE = "any bytes".getBytes(StandardCharsets.US_ASCII);
    private static final String GOOD =
            new String(ClearText.format("{\"a\":1}", "SHA256", SIGNATURE), StandardCharsets.UTF_8);

    private static ClearText parse(String text) throws ArmorException {
        return ClearText.parse(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void readsWhatItWrites() throws Exception {
        ClearText read = parse(GOOD);
        assertThat(read.text()).isEqualTo("{\"a\":1}");
        assertThat(read.signature()).isEqualTo(SIGNATURE);
        assertThat(GOOD).endsWith("-----END PGP SIGNATURE-----").doesNotContain("\n=");
    }

    @Test
    void bringsTextIntoCanonicalForm() throws Exception {
        String text =
                GOOD.replace("{\"a\":1}", "one \t\n- - two\n- -----three\n").replace("\n", "\r\n");
        assertThat(parse(text).text()).isEqualTo("one\r\n- two\r\n-----three\r\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"x\n%s", "\n\n%s", "%s\nmore", "%s\n%s"})
    void refusesTextAround(String frame) {
        assertThatThrownBy(() -> parse(frame.replace("%s", GOOD))).isInstanceOf(ArmorException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"Hash: SHA256", "\n-----END PGP SIGNATURE-----", "-----BEGIN PGP SIGNATURE-----\n", "SIGNATURE"})
    void refusesMissingParts(String part) {
        assertThatThrownBy(() -> parse(GOOD.replace(part, "Comment: x"))).isInstanceOf(ArmorException.class);
    }

    @Test
    void comparesChecksumWhenThere() throws Exception {
        String withSum = GOOD.replace("\n-----END PGP", "\n=%s\n-----END PGP");
        assertThatThrownBy(() -> parse(withSum.replace("%s", "AAAA"))).hasMessageContaining("checksum");
        assertThatThrownBy(() -> parse(GOOD.replace("{\"a\"", "-{\"a\""))).hasMessageContaining("dash");
    }
}
