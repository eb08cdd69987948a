package dev.dunnage.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MountSpecTest {

    @ParameterizedTest
    @CsvSource({
        "/a, /a, /a, false",
        "/a:/b, /a, /b, false",
        "/a:/b:ro, /a, /b, true",
        "/a:/b:rw, /a, /b, false",
        "//a///b/, /a/b, /a/b, false",
        "/./a/.:/b/./c/, /a, /b/c, false",
        "/:/host:ro, /, /host, true",
        "/...:/..a, /..., /..a, false",
        "/with space:/ü☂, /with space, /ü☂, false",
    })
    void reads(String text, String source, String target, boolean readOnly) throws IllegalMountException {
        MountSpec mount = MountSpec.parse(text);

        assertThat(mount).isEqualTo(new MountSpec(source, target, readOnly));
        assertThat(MountSpec.parse(mount.toString())).isEqualTo(mount);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ":",
                "a",
                "./a",
                "~/a",
                "$HOME",
                "/a:",
                "/a:b",
                ":/a",
                "/a::ro",
                "/",
                "/:/",
                "/a:/",
                "/a://",
                "/a:/./",
                "/..",
                "/a/..",
                "/a/../b",
                "/a:/b/../c",
                "/a:/..",
                "/a:/b:",
                "/a:/b:r",
                "/a:/b:RO",
                "/a:/b:ro,rw",
                "/a:/b:ro:",
                "/a:/b:ro:ro",
                "/a\u0000b",
                "/a\nb",
                "/a\u001b[2J",
                "/a\u0085",
                "/a\u2028b",
                "/a\ud800b",
                " /a"
            })
    void refuses(String text) {
        assertThatThrownBy(() -> MountSpec.parse(text))
                .isInstanceOf(IllegalMountException.class)
                .message()
                .doesNotContain("\n", "\u001b", "\u0000")
                .contains(":");
    }

    @Test
    void limitsPathsToWhatTheKernelTakes() throws IllegalMountException {
        String longest = "/" + "x".repeat(4094);

        assertThat(MountSpec.parse(longest).source()).isEqualTo(longest);
        assertThatThrownBy(() -> MountSpec.parse(longest + "x")).hasMessageContaining("longer than 4095 bytes");
        assertThatThrownBy(() -> MountSpec.parse("/a:/" + "ü".repeat(2048))).hasMessageContaining("target is longer");
    }
}
