package dev.dunnage.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code docs/policy.md}: every example loads, and every setting is described. */
class DocumentationTest {
    private static final Path PAGE = Path.of(System.getProperty("dunnage.root", ".."), "docs/policy.md");
    private static final Pattern EXAMPLE = Pattern.compile("(?ms)^```(yaml|toml)\n(.*?)^```$");

    @TempDir
    Path directory;

    @Test
    void examplesLoad() throws Exception {
        Files.createDirectories(directory.resolve("images"));
        int seen = 0;
        for (Matcher found = EXAMPLE.matcher(Files.readString(PAGE)); found.find(); seen++) {
            check(found.group(1), found.group(2));
        }
        assertThat(seen).isEqualTo(9);
    }

    private void check(String kind, String text) throws Exception {
        if (kind.equals("toml")) {
            String here = text.replace("/sw/images", directory.resolve("images").toString());
            Path file = Files.writeString(directory.resolve("ecl.toml"), here);
            assertThat(new EclLoader(OwnershipRule.any()).load(file).summary()).endsWith("active, 1 group");
            return;
        }
        String whole = text.startsWith("version: 1\n") ? text : "version: 1\n" + text;
        Path file = Files.writeString(directory.resolve("example.yaml"), whole);
        if (text.contains("\ncases:\n")) {
            assertThat(CaseFileReader.read(file).cases()).hasSize(2);
            return;
        }
        for (String included : List.of("/etc/dunnage/central.yaml", "policy.d")) {
            if (whole.contains(included)) {
                Files.createDirectories(directory.resolve("policy.d"));
                Files.writeString(directory.resolve("policy.d/a.yaml"), "version: 1\n");
                Files.writeString(directory.resolve("central.yaml"), "version: 1\n");
                whole = whole.replace("/etc/dunnage/central.yaml", "central.yaml");
            }
        }
        Files.writeString(file, whole);
        Policy policy = new PolicyLoader(OwnershipRule.any()).load(file);
        assertThat(policy.entries()).as(whole).isNotEmpty();
    }

    /** The first example decides the cases of the page as they say. */
    @Test
    void casesOfThePageHold() throws Exception {
        List<String> blocks = new ArrayList<>();
        for (Matcher found = EXAMPLE.matcher(Files.readString(PAGE)); found.find(); ) {
            blocks.add(found.group(2));
        }
        Files.writeString(directory.resolve("policy.yaml"), blocks.get(0));
        String cases = blocks.stream()
                .filter(block -> block.contains("\ncases:\n"))
                .findFirst()
                .orElseThrow();
        Files.createDirectories(directory.resolve("cases"));
        Files.writeString(directory.resolve("cases/site.yaml"), cases);

        assertThat(new PolicyTests(OwnershipRule.any()).run(directory.resolve("cases"), Optional.empty()))
                .hasSize(2)
                .allSatisfy(result -> assertThat(result.lines()).hasSize(1).allMatch(line -> line.contains(": ok: ")));
        assertThat(new PolicyLint(OwnershipRule.any(), Instant.parse("2026-12-01T00:00:00Z"))
                        .policy(directory.resolve("policy.yaml"), Optional.empty()))
                .noneMatch(remark -> remark.severity() == Severity.ERROR);
    }

    @Test
    void everySettingIsDescribed() throws IOException {
        String page = Files.readString(PAGE);
        String manual = Files.readString(
                        Path.of(System.getProperty("dunnage.root", ".."), "site-config/man/dunnage-policy.yaml.5"))
                .replace("\\-", "-");
        List<String> settings = Stream.of(
                        Sources.MAIN_KEYS,
                        RuleReader.KEYS,
                        MatchReader.KEYS,
                        RequirementReader.REQUIRE_KEYS,
                        GrantReader.KEYS,
                        GrantReader.LIMIT_KEYS,
                        GrantListReader.CAPABILITY_KEYS)
                .flatMap(List::stream)
                .distinct()
                .toList();

        assertThat(settings).allMatch(page::contains, "described in docs/policy.md");
        assertThat(settings).allMatch(manual::contains, "described in the manual page");
        assertThat(page.lines()).noneMatch(line -> line.length() > 260);
    }
}
