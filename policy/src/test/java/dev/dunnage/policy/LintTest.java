package dev.dunnage.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Each directory of {@code lint} holds a policy and {@code remarks.txt}, all that is said about it. */
class LintTest {
    private static final Set<String> RING = Set.of("8F1CDA07E78D8977D563FEC48F7375D9147D09E0");
    private static final PolicyLint LINT = new PolicyLint(OwnershipRule.any(), Instant.parse("2026-12-01T00:00:00Z"));

    @TestFactory
    Stream<DynamicTest> remarks() throws IOException {
        return Cases.in("lint").stream()
                .map(directory -> DynamicTest.dynamicTest(
                        directory.getFileName().toString(),
                        () -> Cases.golden(directory.resolve("remarks.txt"), text(directory))));
    }

    private static String text(Path directory) {
        Path list = directory.resolve("ecl.toml");
        List<Remark> remarks = Files.exists(list)
                ? LINT.ecl(list, Optional.of(RING))
                : LINT.policy(directory.resolve("policy.yaml"), Optional.of(RING));
        return remarks.stream()
                .flatMap(remark -> remark.lines().stream())
                .map(line -> line.replace(directory + "/", "") + "\n")
                .collect(Collectors.joining());
    }

    @Test
    void everythingThatIsRefusedIsAnError() throws IOException {
        for (String kind : List.of("refused", "refused-rules")) {
            for (Path directory : Cases.in(kind)) {
                Path file = directory.resolve("policy.yaml");
                List<String> errors = LINT.policy(file, Optional.empty()).stream()
                        .filter(remark -> remark.severity() == Severity.ERROR)
                        .map(remark -> remark.problem().toString().replace(directory + "/", ""))
                        .toList();

                assertThat(String.join("\n", errors) + "\n")
                        .isEqualTo(Files.readString(directory.resolve("errors.txt")));
            }
        }
    }

    @Test
    void absentFileIsAnError(@TempDir Path directory) {
        assertThat(LINT.policy(directory.resolve("p.yaml"), Optional.empty()))
                .singleElement()
                .satisfies(remark -> assertThat(remark.lines())
                        .singleElement()
                        .asString()
                        .contains("p.yaml: error: does not exist"));
        assertThat(LINT.ecl(directory.resolve("p.toml"), Optional.empty())).hasSize(1);
    }

    @Test
    void ringIsComparedOnlyWhenThereIsOne() {
        Path file = Cases.root().resolve("lint/rules/policy.yaml");

        assertThat(LINT.policy(file, Optional.empty()))
                .noneMatch(remark -> remark.problem().message().contains("not in the key ring"));
    }

    @Test
    void caretStandsUnderThePlaceBehindWideCharacters(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(
                directory.resolve("p.yaml"), "version: 1\nrules: [{name: \"\uD83D\uDEA2\", mode: opne}]\n");

        assertThat(LINT.policy(file, Optional.empty()).get(0).lines())
                .containsExactly(
                        file + ":2:27: error: rules[0].mode: unknown mode 'opne' (allowed: whitelist, whitestrict,"
                                + " blacklist, open)",
                        "  rules: [{name: \"\uD83D\uDEA2\", mode: opne}]",
                        "  " + " ".repeat(26) + "^");
    }
}
