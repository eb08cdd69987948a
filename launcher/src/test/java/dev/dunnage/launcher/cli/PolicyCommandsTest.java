package dev.dunnage.launcher.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dunnage.launcher.fixture.TestSite;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The tools of those who write policies. */
class PolicyCommandsTest {
    private static final Path ROOT = Path.of(System.getProperty("dunnage.root", ".."));
    private static final Path CORPUS =
            Path.of(System.getProperty("dunnage.corpus", "absent")).resolve("sif");

    @TempDir
    Path temporary;

    private TestSite site = new TestSite(Path.of("unset"));

    @BeforeEach
    void prepare() throws Exception {
        site = TestSite.in(temporary);
    }

    private Path policy(String text) throws Exception {
        return Files.writeString(site.root().resolve("policy.yaml"), text);
    }

    /** Names in the first column of the table below a heading. */
    private static List<String> documented(String heading) throws Exception {
        String text = Files.readString(ROOT.resolve("docs/json.md"));
        String section = text.substring(text.indexOf("\n" + heading + "\n") + heading.length() + 2);
        section = section.split("\n#", 2)[0];
        List<String> names = new ArrayList<>();
        Matcher row = Pattern.compile("(?m)^\\| ([a-z-]+) \\|").matcher(section);
        while (row.find()) {
            names.add(row.group(1));
        }
        names.remove("member");
        assertThat(names).as(heading).isNotEmpty();
        return names;
    }

    private static List<String> members(String line) throws Exception {
        return List.copyOf(Json.object(line).keySet());
    }

    @Test
    void jsonHasTheMembersThatAreDocumented() throws Exception {
        Path policy = policy("version: 1\nrules:\n  - {name: a, match: {path: /nowhere}, mode: open}\n");
        Path image = site.image("a.sif");
        List<String> check = documented("## dunnage policy check");
        Command run = Command.run("policy", "check", "--json", "--policy", policy, image);
        assertThat(members(run.out())).isEqualTo(check);
        Map<String, Object> explained =
                Json.object(Command.run("policy", "explain", "--json", "--policy", policy, image)
                        .out());
        List<String> explain = new ArrayList<>(check);
        explain.addAll(documented("## dunnage policy explain"));
        assertThat(List.copyOf(explained.keySet())).isEqualTo(explain);
        assertThat(explained.get("rules"))
                .asInstanceOf(InstanceOfAssertFactories.LIST)
                .singleElement()
                .satisfies(rule ->
                        assertThat(List.copyOf(((Map<?, ?>) rule).keySet())).isEqualTo(documented("### rules")));
        Command lint = Command.run("policy", "lint", "--json", policy);
        assertThat(members(lint.out().lines().findFirst().orElseThrow()))
                .isEqualTo(documented("## dunnage policy lint"));
        Command test = Command.run("policy", "test", "--json", example().resolve("tests"));
        assertThat(members(test.out().lines().findFirst().orElseThrow()))
                .isEqualTo(documented("## dunnage policy test"));
    }

    private static Path example() {
        return ROOT.resolve("site-config/share/policy-example");
    }

    @Test
    void theExampleIsTriedOutAndFree() {
        Command test = Command.run("policy", "test", example().resolve("tests"));
        assertThat(test.status()).as(test.out() + test.err()).isZero();
        assertThat(test.out()).contains("7 passed, 0 failed");
        Command lint =
                Command.run("policy", "lint", "--time", "2027-07-15", example().resolve("policy.yaml"));
        assertThat(lint.status()).as(lint.out()).isZero();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "syntax             | {name: a, mode: open]         | 3:25: | not valid YAML",
                "wrong type         | {name: a, mode: [open]}       | 3:21: | must be a text",
                "unknown key        | {name: a, mode: open, colour: red} | 3:27: | colour",
                "duplicate name     | {name: b, mode: open}         | 4:12: | rename one",
                "empty whitelist    | {name: a, mode: whitelist, keys: []} | 3:38: | keys",
                "short fingerprint  | {name: a, mode: whitelist, keys: [DEADBEEF]} | 3:39: | DEADBEEF",
                "unknown mode       | {name: a, mode: opne}         | 3:21: | unknown mode",
            })
    void whateverIsBrokenIsToldWithItsPlaceAndRefusesEverything(String kind, String rule, String place, String cause)
            throws Exception {
        String again = kind.equals("duplicate name") ? "  - " + rule + "\n" : "";
        Path policy = policy("version: 1\nrules:\n  - " + rule + "\n" + again);
        Command lint = Command.run("policy", "lint", policy);
        assertThat(lint.status()).isEqualTo(6);
        assertThat(lint.out()).containsPattern(Pattern.quote(policy + ":") + "[0-9]+:[0-9]+: error: .*" + cause);
        assertThat(lint.out().lines()).as("a caret").anyMatch(line -> line.matches(" +\\^"));
        assertThat(lint.out()).contains(policy + ":" + place);
        Command check = Command.run("policy", "check", "--json", "--policy", policy, site.image("a.sif"));
        assertThat(check.status()).isEqualTo(3);
        assertThat(Json.object(check.out()))
                .containsEntry("decision", "deny")
                .containsEntry("rule", "(broken policy)")
                .containsEntry("file", policy.toString())
                .containsEntry("trusted", false);
    }

    @Test
    void aMissingIncludeIsToldWhereItIsNamed() throws Exception {
        Path policy = policy("version: 1\nrules: [{name: a, mode: open}]\ninclude: [absent.yaml]\n");
        Command lint = Command.run("policy", "lint", policy);
        assertThat(lint.status()).isEqualTo(6);
        assertThat(lint.out()).contains(policy + ":3:11: error:", "absent.yaml");
        assertThat(Command.run("policy", "check", "--policy", policy, site.image("a.sif"))
                        .status())
                .isEqualTo(3);
    }

    @Test
    void labelsAreReadAsApptainerWritesThem() throws Exception {
        Path image = CORPUS.resolve("images/meta-signed.sif");
        Assumptions.assumeTrue(Files.exists(image), "SKIPPED: no corpus at " + CORPUS);
        Path policy = policy("""
                version: 1
                rules:
                  - name: labelled
                    match: {labels: {Org.Example.Key: [other, value with spaces], Version: 1.2.3}}
                    mode: whitelist
                    keys: [8F1CDA07E78D8977D563FEC48F7375D9147D09E0]
                """);
        Object[] words = {
            "policy",
            "check",
            "--policy",
            policy,
            "--time",
            "2026-12-01",
            "--keyring",
            CORPUS.resolve("keys/ring.pgp"),
            image
        };
        assertThat(Command.run(words).out()).contains("'labelled'");
        Files.writeString(policy, Files.readString(policy).replace("1.2.3", "1.2.4"));
        assertThat(Command.run(words).out()).contains("(no rule)");
    }

    @Test
    void aSourceIsTriedOut() throws Exception {
        Path policy = policy("""
                version: 1
                rules:
                  - {name: hub, match: {source: "docker://docker.io"}, deny: not from the hub}
                  - {name: others, mode: open}
                """);
        Path image = site.image("a.sif");
        assertThat(Command.run("policy", "check", "--policy", policy, "--source", "docker://alpine", image)
                        .out())
                .contains("'hub'", "not from the hub");
        assertThat(Command.run("policy", "check", "--policy", policy, image).status())
                .isZero();
        Command mistake = Command.run("policy", "check", "--policy", policy, "--source", "./a.sif", image);
        assertThat(mistake.status()).isEqualTo(2);
        assertThat(mistake.err()).contains("--source ./a.sif", "oras://HOST/NAME:TAG");
    }
}
