package dev.dunnage.launcher.keyserver;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class IndexReaderTest {
    private static Optional<List<ListedKey>> parse(String text) {
        return IndexReader.parse(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void keysWithNames() {
        String text = "info:1:2\n"
                + "pub:" + "ab".repeat(20) + ":1:4096:1795404432:1895404432:\n"
                + "uid:Ada%20%3Cada%40example.org%3E:1795404432::\nuid:plus+sign::\n"
                + "pub:0123456789ABCDEF:22:255:::r\n";
        List<ListedKey> keys = parse(text).orElseThrow();
        assertThat(keys).hasSize(2);
        assertThat(keys.get(0).fingerprint()).isEqualTo("AB".repeat(20));
        assertThat(keys.get(0).algorithm()).isEqualTo("RSA 4096");
        assertThat(keys.get(0).created()).contains(Instant.ofEpochSecond(1795404432));
        assertThat(keys.get(0).expires()).contains(Instant.ofEpochSecond(1895404432));
        assertThat(keys.get(0).names()).containsExactly("Ada <ada@example.org>", "plus+sign");
        assertThat(keys.get(1).revoked()).isTrue();
        assertThat(keys.get(1).created()).isEmpty();
    }

    @Test
    void emptyListsAreLists() {
        assertThat(parse("info:1:0\n")).contains(List.of());
        assertThat(parse("info:1:0\r\n")).contains(List.of());
    }

    @Test
    void otherTextsAreNot() {
        assertThat(parse("")).isEmpty();
        assertThat(parse("<html>pub: crawl</html>")).isEmpty();
        assertThat(parse("\0\1\2")).isEmpty();
    }

    @Test
    void hostileNamesAreShownHarmlessly() {
        List<ListedKey> keys = parse("pub:0123456789ABCDEF:::999999999999::\nuid:a%1B%5B31mred%zz:\nuid:\u001b[2J:")
                .orElseThrow();
        assertThat(keys.get(0).names()).allSatisfy(name -> assertThat(name).doesNotContain("\u001b"));
        assertThat(parse("uid:before any key:\npub:zz:1\npub\n").orElseThrow()).isEmpty();
    }

    @Test
    void listsAreBounded() {
        String many = "pub:0123456789ABCDEF:1:2048:1::\n".repeat(3000);
        assertThat(parse(many).orElseThrow()).hasSize(1000);
        String names = "pub:0123456789ABCDEF:1:2048:1::\n" + "uid:name:\n".repeat(3000);
        assertThat(parse(names).orElseThrow().get(0).names()).hasSize(50);
    }
}
