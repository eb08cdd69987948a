package dev.dunnage.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The corpus of decisions in the form of {@code ecl.groups}: policies and images that were put before Apptainer 1.4.5, with the decision that we demand.
 * Their TOML is rewritten as our YAML, and what verification finds in each image stands in {@code corpus-facts.txt}.
 */
class CorpusTest {
    /** Where we decide otherwise on purpose. */
    private static final Map<String, String> ON_PURPOSE = Map.of(
            "image in a sub-directory of dirpath", "allow", // groups cover everything beneath their directory
            "dirpath does not exist", "allow", // a directory that is not mounted here must not deny all others
            "TOML empty file", "deny"); // only 'activated: false' switches the checks off

    /** Denied because the file does not load; every other denial must come from a rule. */
    private static final List<String> REFUSED_FILES = List.of(
            "whitelist none / signed-rsa4096-a",
            "whitelist none / unsigned",
            "whitelist none / signed-outsider-o",
            "whitestrict none / signed-rsa4096-a",
            "whitestrict none / unsigned",
            "whitestrict none / signed-outsider-o",
            "blacklist none / signed-rsa4096-a",
            "blacklist none / unsigned",
            "blacklist none / signed-outsider-o",
            "short fingerprint",
            "bad mode",
            "mode in capitals",
            "inactive but invalid group",
            "dirpath with trailing slash",
            "dirpath relative",
            "dirpath is a symlink",
            "dirpath twice",
            "unknown key in the group (keyfps typo), whitestrict",
            "unknown key in the group (keyfps typo), blacklist",
            "same typo, image signed by unknown key, whitestrict",
            "TOML syntax error",
            "TOML empty file");

    @TempDir
    Path base;

    private final List<String> skipped = new ArrayList<>();
    private final List<String> refusedFiles = new ArrayList<>();

    @BeforeEach
    void directories() throws IOException {
        CorpusCases.makeDirectories(base);
    }

    @Test
    void decidesAsDemanded() throws IOException {
        Map<String, SignatureFacts> facts = CorpusFacts.read();
        List<String> wrong = new ArrayList<>();
        int decided = 0;
        for (Map<String, String> corpusCase : CorpusCases.read()) {
            String name = corpusCase.getOrDefault("name", "");
            Optional<String> reason = notExpressible(corpusCase);
            if (reason.isPresent()) {
                skipped.add(name + ": " + reason.get());
                continue;
            }
            decided++;
            String expected = ON_PURPOSE.getOrDefault(name, corpusCase.getOrDefault("required", ""));
            String seen = decide(corpusCase, facts);
            if (!seen.startsWith(expected + ":")) {
                wrong.add(name + ": expected " + expected + ", got " + seen);
            }
        }
        assertThat(wrong).isEmpty();
        assertThat(decided).as("decided; left out: " + skipped).isEqualTo(138);
        assertThat(skipped).hasSize(25);
        assertThat(refusedFiles).containsExactlyInAnyOrderElementsOf(REFUSED_FILES);
    }

    private static Optional<String> notExpressible(Map<String, String> corpusCase) {
        if (corpusCase.getOrDefault("config", "").contains("legacyinsecure = true")) {
            return Optional.of("ecl.groups has no legacy form, rules have");
        }
        if (corpusCase.getOrDefault("required", "").equals("any")) {
            return Optional.of("any decision will do");
        }
        if (!corpusCase.containsKey("config")) {
            return Optional.of("no policy given");
        }
        return Optional.empty();
    }

    private String decide(Map<String, String> corpusCase, Map<String, SignatureFacts> facts) throws IOException {
        String toml = CorpusCases.place(corpusCase.getOrDefault("config", ""), base);
        Path policyFile = Files.writeString(base.resolve("policy.yaml"), CorpusToml.toYaml(toml));
        String image = corpusCase.getOrDefault("image", "");
        String key = corpusCase.getOrDefault("global_keyring", "").equals("(empty)") ? "(empty ring)" : image;
        SignatureFacts known = facts.get(key);
        assertThat(known).as("facts of " + key).isNotNull();
        Path resolved = CorpusCases.image(corpusCase, base);
        try {
            Policy policy = new PolicyLoader(OwnershipRule.any()).load(policyFile);
            Decision decision = Cases.rule(policy, resolved).decide(Objects.requireNonNull(known));
            return (decision instanceof Decision.Allow ? "allow: " : "deny: ") + decision.oneLine();
        } catch (SiteFileException e) {
            refusedFiles.add(corpusCase.getOrDefault("name", ""));
            return "deny: " + e.getMessage();
        }
    }
}
