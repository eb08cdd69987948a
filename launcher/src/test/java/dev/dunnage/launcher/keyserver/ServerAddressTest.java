package dev.dunnage.launcher.keyserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ServerAddressTest {
    @ParameterizedTest
    @CsvSource({
        "https://keys.example.org,https://keys.example.org",
        "https://keys.example.org/,https://keys.example.org",
        "hkps://keys.example.org,https://keys.example.org",
        "hkps://keys.example.org:8443/prefix/,https://keys.example.org:8443/prefix",
        "hkp://keys.example.org,http://keys.example.org:11371",
        "hkp://keys.example.org:80,http://keys.example.org:80",
        "http://keys.example.org,http://keys.example.org",
        "HTTPS://keys.example.org,https://keys.example.org",
        "keys.example.org,https://keys.example.org",
        "keys.example.org:444,https://keys.example.org:444"
    })
    void addresses(String text, String base) throws Exception {
        assertThat(ServerAddress.parse(text).base()).isEqualTo(URI.create(base));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "https://", "ftp://keys.example.org", "https://a b", "file:///etc/passwd", "https://:80"})
    void noAddresses(String text) {
        assertThatThrownBy(() -> ServerAddress.parse(text))
                .isInstanceOf(KeyServerException.class)
                .hasMessageContaining("is no address of a key server");
    }

    @Test
    void passwordsStayHidden() throws Exception {
        ServerAddress address = ServerAddress.parse("https://ada:secret@keys.example.org");
        assertThat(address.toString()).isEqualTo("https://keys.example.org");
        assertThat(address.authorization()).contains("Basic YWRhOnNlY3JldA==");
        assertThatThrownBy(() -> ServerAddress.parse("http://ada:secret@keys.example.org"))
                .hasMessageContaining("in the clear")
                .hasMessageNotContaining("secret@");
        assertThatThrownBy(() -> ServerAddress.parse("ftp://ada:secret@keys.example.org"))
                .hasMessageNotContaining("secret");
    }
}
