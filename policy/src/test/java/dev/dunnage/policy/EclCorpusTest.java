package dev.dunnage.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The corpus of decisions with its files as they are: every case must come out as required, and importing the file must
 * not change any decision. What verification finds in each image stands in {@code corpus-facts.txt}.
 */
class EclCorpusTest {
    private static final Instant NOW = Instant.parse("2026-12-01T00:00:00Z");

    /** Refused because the file cannot be used; each other denial must come from a rule. */
    private static final List<String> BROKEN_FILES = List.of(
            "whitelist none",
            "whitestrict none",
            "blacklist none",
            "short fingerprint",
            "bad mode",
            "mode in capitals",
            "inactive but invalid group",
            "dirpath with trailing slash",
            "dirpath relative",
            "dirpath is a symlink",
            "dirpath does not exist",
            "dirpath twice",
            "unknown key in the group",
            "same typo",
            "TOML syntax error");

    @TempDir
    Path base;

    static Stream<Arguments> cases() throws IOException {
        return CorpusCases.read().stream().map(each -> Arguments.of(each.getOrDefault("name", ""), each));
    }

    @BeforeEach
    void directories() throws IOException {
        CorpusCases.makeDirectories(base);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void decidesAsRequired(String name, Map<String, String> corpusCase) throws Exception {
        String toml = CorpusCases.place(Objects.requireNonNull(corpusCase.get("config")), base);
        Path file = Files.writeString(base.resolve("ecl.toml"), toml);
        SignatureFacts facts = facts(corpusCase, toml.contains("legacyinsecure = true"));
        String required = Objects.requireNonNull(corpusCase.get("required"));
        Policy policy;
        try {
            policy = new EclLoader(OwnershipRule.any()).load(file);
        } catch (SiteFileException e) {
            assertThat(required).as(e.getMessage()).isEqualTo("deny");
            assertThat(BROKEN_FILES).anyMatch(name::startsWith);
            assertThat(e.problems()).allMatch(problem -> problem.line() > 0 && problem.column() > 0);
            return;
        }
        assertThat(BROKEN_FILES).noneMatch(name::startsWith);
        Decision decision = decide(policy, corpusCase, facts);

        assertThat(required).as(decision.oneLine()).isIn("any", outcome(decision));
        assertThat(decision.line()).isBetween(1, (int) toml.lines().count() + 1);
        assertImportDecidesTheSame(file, corpusCase, facts, decision);
    }

    private void assertImportDecidesTheSame(
            Path file, Map<String, String> corpusCase, SignatureFacts facts, Decision before) throws Exception {
        Path yaml = Files.writeString(base.resolve("policy.yaml"), new EclImport(OwnershipRule.any()).toPolicy(file));
        Decision after = decide(new PolicyLoader(OwnershipRule.any()).load(yaml), corpusCase, facts);

        assertThat(outcome(after)).as(after.oneLine()).isEqualTo(outcome(before));
        assertThat(after instanceof Decision.Allow a && a.trusted())
                .isEqualTo(before instanceof Decision.Allow b && b.trusted());
        String builtIn = before.rule().equals("(no group)") ? "(no rule)" : before.rule();
        assertThat(after.rule()).isEqualTo(builtIn);
    }

    private Decision decide(Policy policy, Map<String, String> corpusCase, SignatureFacts facts) {
        ImageFacts image = ImageFacts.at(CorpusCases.image(corpusCase, base));
        return policy.ruleFor(Subject.unknown(), image, NOW).decide(facts);
    }

    private static SignatureFacts facts(Map<String, String> corpusCase, boolean legacy) throws IOException {
        boolean emptyRing = corpusCase.getOrDefault("global_keyring", "").equals("(empty)");
        String key = emptyRing ? "(empty ring)" : (legacy ? "legacy:" : "") + corpusCase.get("image");
        SignatureFacts facts = CorpusFacts.read().get(key);
        assertThat(facts).as("facts of " + key).isNotNull();
        return Objects.requireNonNull(facts);
    }

    private static String outcome(Decision decision) {
        return decision instanceof Decision.Allow ? "allow" : "deny";
    }
}
