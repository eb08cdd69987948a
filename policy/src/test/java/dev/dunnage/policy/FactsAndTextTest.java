package dev.dunnage.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FactsAndTextTest {
    private static final String KEY = "8F1CDA07E78D8977D563FEC48F7375D9147D09E0";
    private static final Path FILE = Path.of("/etc/dunnage/policy.yaml");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "147D09E0",
                "8f1cda07e78d8977d563fec48f7375d9147d09e0",
                "8F1CDA07E78D8977D563FEC48F7375D9147D09E0\n",
                "GF1CDA07E78D8977D563FEC48F7375D9147D09E0"
            })
    void factsTakeFingerprintsOnly(String signer) {
        assertThatThrownBy(() -> new SignatureFacts(Optional.empty(), Set.of(), Set.of(signer)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void signersOfEveryGroupAreSignersOfAny() {
        assertThatThrownBy(() -> new SignatureFacts(Optional.empty(), Set.of(KEY), Set.of()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void longerFingerprintsOfNewerKeysAreFacts() {
        String newer = KEY + "0123456789ABCDEF01234567";

        assertThat(new SignatureFacts(Optional.empty(), Set.of(newer), Set.of(newer, KEY)).signersOfAnyGroup())
                .containsExactlyInAnyOrder(newer, KEY);
    }

    @Test
    void problemShowsPlaceKeyAndMessage() {
        assertThat(new Problem(FILE, 12, 7, "ecl.groups[1].mode", "unknown mode 'witelist'"))
                .hasToString("/etc/dunnage/policy.yaml:12:7: ecl.groups[1].mode: unknown mode 'witelist'");
        assertThat(new Problem(FILE, 0, 0, "", "does not exist"))
                .hasToString("/etc/dunnage/policy.yaml: does not exist");
        assertThat(new Problem(FILE, 1, 1, "a\nb", "\u001b[31mred\u202etxt"))
                .hasToString("/etc/dunnage/policy.yaml:1:1: a?b: ?[31mred?txt");
    }

    @Test
    void exceptionCountsTheRest() {
        Problem first = new Problem(FILE, 1, 1, "", "one");

        assertThat(new SiteFileException(List.of(first))).hasMessage("/etc/dunnage/policy.yaml:1:1: one");
        assertThat(new SiteFileException(List.of(first, first, first)))
                .hasMessage("/etc/dunnage/policy.yaml:1:1: one (and 2 more)");
        assertThatThrownBy(() -> new SiteFileException(List.of())).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void decisionsAreOneLineWhateverTheImageSays() {
        Rule rule = Rule.ofGroup(FILE, new Group("g", 6, 5, Mode.WHITELIST, Optional.empty(), List.of(KEY)));

        Decision decision = rule.decide(new SignatureFacts(
                Optional.of("bad\r\n\u001b]0;title\u0007 text" + "x".repeat(5000)), Set.of(), Set.of()));

        assertThat(decision.oneLine())
                .startsWith(
                        "refused by rule 'g' (/etc/dunnage/policy.yaml:6): the image is not properly signed: bad???]0;")
                .matches("[\\x20-\\x7E]+")
                .endsWith("have it signed anew by a key that the site accepts")
                .hasSizeLessThan(1500);
    }
}
