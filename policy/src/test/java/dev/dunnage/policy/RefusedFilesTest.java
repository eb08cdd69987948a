package dev.dunnage.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Each directory of {@code refused}, {@code refused-rules} and so on holds a file that must not load and {@code errors.txt}, all
 * findings as users see them. {@code -Ddunnage.golden.update=true} rewrites the latter: read the difference before it is
 * committed.
 */
class RefusedFilesTest {

    @TestFactory
    Stream<DynamicTest> policies() throws IOException {
        PolicyLoader loader = new PolicyLoader(OwnershipRule.any());
        return tests("refused", "policy.yaml", loader::load);
    }

    @TestFactory
    Stream<DynamicTest> siteSettings() throws IOException {
        SiteConfigLoader loader = new SiteConfigLoader(OwnershipRule.any());
        return tests("refused-site", "dunnage.yaml", loader::load);
    }

    /** What the JSON schema for editors cannot see: names, places, other files. */
    @TestFactory
    Stream<DynamicTest> rules() throws IOException {
        PolicyLoader loader = new PolicyLoader(OwnershipRule.any());
        return tests("refused-rules", "policy.yaml", loader::load);
    }

    @TestFactory
    Stream<DynamicTest> executionControlLists() throws IOException {
        EclLoader loader = new EclLoader(OwnershipRule.any());
        return tests("refused-ecl", "ecl.toml", loader::load);
    }

    @TestFactory
    Stream<DynamicTest> cases() throws IOException {
        return tests("refused-cases", "cases.yaml", CaseFileReader::read);
    }

    private static Stream<DynamicTest> tests(String kind, String name, Load load) throws IOException {
        return Cases.in(kind).stream()
                .map(directory -> DynamicTest.dynamicTest(
                        kind + "/" + directory.getFileName(), () -> check(directory, name, load)));
    }

    private interface Load {
        Object load(Path file) throws SiteFileException;
    }

    private static void check(Path directory, String name, Load load) throws IOException {
        Path file = directory.resolve(name);
        SiteFileException refusal = assertThrows(SiteFileException.class, () -> load.load(file));
        String seen = refusal.problems().stream()
                .map(Problem::toString)
                .map(line -> line.replace(directory + "/", "") + "\n")
                .collect(Collectors.joining());
        Cases.golden(directory.resolve("errors.txt"), seen);
        assertThat(seen).isNotEmpty();
        assertThat(seen.lines()).allMatch(line -> line.matches("[\\x20-\\x7E]+") && line.matches("[a-z]+[.a-z]*:.*"));
        boolean wholeFile = seen.startsWith(name + ": ");
        assertThat(seen.lines()).allMatch(line -> wholeFile || line.matches("[^:]+:\\d+:\\d+: .*"));
    }
}
