package dev.dunnage.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PolicyTestsTest {
    private static final String KEY = "8F1CDA07E78D8977D563FEC48F7375D9147D09E0";

    @TempDir
    Path directory;

    private final PolicyTests tests = new PolicyTests(OwnershipRule.any());

    @Test
    void failuresSayWhatDiffersAndWhy() throws Exception {
        write("policy.yaml", "version: 1\nrules:\n  - {name: a, match: {path: /a}, mode: open}\n");
        Path file = write("cases/a.yaml", """
                version: 1
                policy: ../policy.yaml
                cases:
                  - {name: good, image: {path: /a/x}, expect: allow, rule: a}
                  - {name: bad, image: {path: /a/x}, expect: deny, rule: b, trusted: true, reason: never}
                """);

        List<CaseResult> results = tests.run(directory.resolve("cases"), Optional.empty());

        assertThat(results).extracting(CaseResult::passed).containsExactly(true, false);
        assertThat(results.get(0).lines()).containsExactly(file + ":4: ok: good");
        assertThat(results.get(1).lines())
                .startsWith(
                        file + ":5: FAILED: bad",
                        "  expected deny, got allow",
                        "  expected rule 'b', got 'a'",
                        "  expected trusted true, got false")
                .anyMatch(line -> line.startsWith("  expected 'never' in: allowed by rule 'a'"))
                .anyMatch(line -> line.endsWith("rule 'a' decides: the image is at or beneath /a"));
    }

    @Test
    void casesTryAnEclToo() throws Exception {
        write("ecl.toml", "activated = true\n[[execgroup]]\nmode = \"whitelist\"\nkeyfp = [\"" + KEY + "\"]\n");
        write("a.yaml", """
                version: 1
                ecl: ecl.toml
                cases:
                  - name: signed
                    image: {path: /x}
                    signatures: {every-part: [%s]}
                    expect: allow
                    rule: execgroup of line 2
                """.formatted(KEY));

        assertThat(tests.run(directory, Optional.empty()))
                .allMatch(CaseResult::passed)
                .hasSize(1);
    }

    @Test
    void anotherPolicyMayBeTried() throws Exception {
        Path draft = write("draft/p.yaml", "version: 1\nrules: [{name: draft, mode: open}]\n");
        write("a.yaml", "version: 1\ncases: [{name: n, image: {path: /x}, expect: allow, rule: draft}]\n");

        Policy policy = new PolicyLoader(OwnershipRule.any()).load(draft);

        assertThat(tests.run(directory, Optional.of(policy)))
                .allMatch(CaseResult::passed)
                .hasSize(1);
        assertThatThrownBy(() -> tests.run(directory, Optional.empty()))
                .isInstanceOf(SiteFileException.class)
                .hasMessageContaining("a.yaml:1:1: policy: is missing: name the policy to try");
    }

    @Test
    void nothingToTryIsNoSuccess() throws Exception {
        assertThatThrownBy(() -> tests.run(directory, Optional.empty()))
                .isInstanceOf(SiteFileException.class)
                .hasMessageContaining("holds no *.yaml file with cases");
        assertThatThrownBy(() -> tests.run(directory.resolve("absent"), Optional.empty()))
                .isInstanceOf(SiteFileException.class)
                .hasMessageContaining("is no directory that can be read");
        write("empty.yaml", "version: 1\npolicy: p.yaml\ncases: []\n");
        write("p.yaml.txt", "");
        assertThatThrownBy(() -> tests.run(directory, Optional.empty())).isInstanceOf(SiteFileException.class);
    }

    @Test
    void brokenFilesAreReportedTogether() throws Exception {
        write("a.yaml", "version: 2\n");
        write("b.yaml", "version: 1\npolicy: absent.yaml\ncases: [{name: n, image: {path: /x}, expect: deny}]\n");

        assertThatThrownBy(() -> tests.run(directory, Optional.empty()))
                .isInstanceOfSatisfying(
                        SiteFileException.class,
                        e -> assertThat(e.problems())
                                .extracting(Problem::message)
                                .anyMatch(m -> m.contains("must be 1"))
                                .anyMatch(m -> m.contains("does not exist")));
    }

    private Path write(String name, String text) throws IOException {
        Path file = directory.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }
}
