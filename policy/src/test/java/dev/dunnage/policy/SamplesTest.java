package dev.dunnage.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code site-config} ships must load and must not promise more or less than the loaders know. */
class SamplesTest {
    private static final Path SITE_CONFIG = Path.of(System.getProperty("dunnage.root", ".."), "site-config");
    private static final SignatureFacts UNSIGNED = new SignatureFacts(Optional.of("no signature"), Set.of(), Set.of());

    @TempDir
    Path directory;

    @Test
    void samplePolicyRefusesEverythingUntilItIsEdited() throws Exception {
        Policy policy = new PolicyLoader(OwnershipRule.any()).load(SITE_CONFIG.resolve("etc/policy.yaml"));

        assertThat(policy.summary()).endsWith("active, 1 group");
        for (String image : List.of("/sw/containers/x.sif", "/home/me/x.sif")) {
            assertThat(Cases.rule(policy, Path.of(image)).decide(UNSIGNED)).isInstanceOf(Decision.Deny.class);
        }
    }

    @Test
    void examplesInTheCommentsOfTheSamplePolicyLoad() throws Exception {
        String text = Files.readString(SITE_CONFIG.resolve("etc/policy.yaml"))
                .replaceAll("(?m)^    # ((?:- |  )[a-z]+: )", "    $1")
                .replace(
                        "keys: [40 hex digits, 40 hex digits]",
                        "keys: [" + "A".repeat(40) + ", " + "B".repeat(40) + "]")
                .replace("keys: [40 hex digits]", "keys: [" + "C".repeat(40) + "]");
        Path file = Files.writeString(directory.resolve("policy.yaml"), text);

        Policy policy = new PolicyLoader(OwnershipRule.any()).load(file);

        assertThat(policy.summary()).endsWith("4 groups");
        assertThat(Cases.rule(policy, Path.of("/sw/containers/medical/x.sif")).name())
                .isEqualTo("medical");
        assertThat(Cases.rule(policy, Path.of("/home/x.sif")).look()).isEqualTo(Look.NOTHING);
    }

    @Test
    void rulesInTheCommentsOfTheSamplePolicyLoad() throws Exception {
        Files.createDirectories(directory.resolve("policy.d"));
        Files.writeString(directory.resolve("policy.d/a.yaml"), "version: 1\nrules: [{name: last, mode: open}]\n");
        String text = Files.readString(SITE_CONFIG.resolve("etc/policy.yaml")).replaceAll("(?m)^#(?=[a-z]|  )", "");
        for (int key = 1; text.contains("40 hex digits"); key++) {
            text = text.replaceFirst("40 hex digits", "A".repeat(38) + (10 + key));
        }
        Path file = Files.writeString(directory.resolve("policy.yaml"), text);

        Policy policy = new PolicyLoader(OwnershipRule.any()).load(file);

        assertThat(policy.summary()).endsWith("active, 4 rules, 1 group");
        assertThat(policy.needs())
                .containsExactlyInAnyOrder(Need.USER_NAME, Need.GROUP_NAMES, Need.ACCOUNT, Need.PARTITION);
    }

    @Test
    void sampleSettingsLoad() throws Exception {
        SiteConfig config = new SiteConfigLoader(OwnershipRule.any()).load(SITE_CONFIG.resolve("etc/dunnage.yaml"));

        assertThat(config.mounts()).extracting(MountSpec::toString).containsExactly("/scratch:/scratch", "/sw:/sw:ro");
        assertThat(config.keys()).isEqualTo(Path.of("/etc/dunnage/keys"));
    }

    @Test
    void examplesOfTheManualPagesLoad() throws Exception {
        Path policy = Files.writeString(directory.resolve("p.yaml"), example("dunnage-policy.yaml.5"));
        Path settings = Files.writeString(directory.resolve("d.yaml"), example("dunnage.yaml.5"));

        assertThat(new PolicyLoader(OwnershipRule.any()).load(policy).summary()).endsWith("2 rules, 2 groups");
        assertThat(new SiteConfigLoader(OwnershipRule.any()).load(settings).contact())
                .isEqualTo("HPC support, hpc@example.org");
    }

    @Test
    void schemasKnowTheSameKeysAndModes() throws Exception {
        Node policy = schema("policy");
        Node group = at(policy, "$defs", "group", "properties");

        assertThat(keys(at(policy, "properties"))).containsExactlyInAnyOrderElementsOf(Sources.MAIN_KEYS);
        assertThat(keys(at(policy, "properties", "ecl", "properties")))
                .containsExactlyInAnyOrderElementsOf(PolicyAssembly.ECL_KEYS);
        assertThat(keys(group)).containsExactlyInAnyOrderElementsOf(GroupReader.KEYS);
        Node rule = at(policy, "$defs", "rule", "properties");
        Node require = at(rule, "require", "properties");
        Node grant = at(policy, "$defs", "grant", "properties");
        assertThat(keys(rule)).containsExactlyInAnyOrderElementsOf(RuleReader.KEYS);
        assertThat(keys(at(policy, "$defs", "match", "properties")))
                .containsExactlyInAnyOrderElementsOf(MatchReader.KEYS);
        assertThat(keys(require)).containsExactlyInAnyOrderElementsOf(RequirementReader.REQUIRE_KEYS);
        assertThat(keys(at(require, "signed-by-at-least", "properties")))
                .containsExactlyInAnyOrderElementsOf(RequirementReader.AT_LEAST_KEYS);
        assertThat(keys(at(policy, "$defs", "datedKey", "properties")))
                .containsExactlyInAnyOrderElementsOf(KeyListReader.KEYS);
        assertThat(keys(grant)).containsExactlyInAnyOrderElementsOf(GrantReader.KEYS);
        assertThat(keys(at(grant, "limits", "properties"))).containsExactlyInAnyOrderElementsOf(GrantReader.LIMIT_KEYS);
        assertThat(keys(at(grant, "capabilities", "items", "properties")))
                .containsExactlyInAnyOrderElementsOf(GrantListReader.CAPABILITY_KEYS);
        assertThat(at(group, "mode", "enum"))
                .isInstanceOfSatisfying(
                        Node.Sequence.class,
                        modes -> assertThat(modes.items())
                                .extracting(mode -> ((Node.Scalar) mode).text())
                                .containsExactlyElementsOf(Arrays.stream(Mode.values())
                                        .map(Mode::text)
                                        .toList()));
        assertThat(keys(at(schema("dunnage"), "properties")))
                .containsExactlyInAnyOrderElementsOf(SiteConfigLoader.KEYS);
        Node settings = at(schema("dunnage"), "properties");
        assertThat(keys(at(settings, "registries", "properties")))
                .containsExactlyInAnyOrderElementsOf(SourceReader.REGISTRY_KEYS);
        assertThat(keys(at(settings, "image-cache", "properties")))
                .containsExactlyInAnyOrderElementsOf(SourceReader.CACHE_KEYS);
        assertThat(keys(at(settings, "pull", "properties")))
                .containsExactlyInAnyOrderElementsOf(SourceReader.PULL_KEYS);
    }

    private static String example(String page) throws IOException {
        return Files.readAllLines(SITE_CONFIG.resolve("man").resolve(page)).stream()
                .dropWhile(line -> !line.equals(".EX"))
                .skip(1)
                .takeWhile(line -> !line.equals(".EE"))
                .map(line -> line.replace("\\-", "-") + "\n")
                .collect(Collectors.joining());
    }

    private static Node schema(String name) throws IOException, SiteFileException {
        Path file = SITE_CONFIG.resolve("share/" + name + ".schema.json");
        return YamlTree.parse(Files.readString(file), new Findings(file));
    }

    private static Node at(Node node, String... path) {
        Node found = node;
        for (String key : path) {
            found = Optional.ofNullable(((Node.Mapping) found).entries().get(key))
                    .map(Node.Entry::value)
                    .orElseThrow(() -> new AssertionError("the schema has no " + String.join(".", path)));
        }
        return found;
    }

    private static Set<String> keys(Node node) {
        return ((Node.Mapping) node).entries().keySet();
    }
}
