package dev.dunnage.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Each directory of {@code refused} and {@code refused-site} holds a file that must not load and {@code errors.txt}, all
 * findings as users see them. {@code -Ddunnage.golden.update=true} rewrites the latter: read the difference before it is
 * committed.
 */
class RefusedFilesTest {

    @TestFactory
    Stream<DynamicTest> policies() throws IOException {
        PolicyLoader loader = new PolicyLoader(OwnershipRule.any());
        return Cases.in("refused").stream()
                .map(directory -> DynamicTest.dynamicTest(
                        directory.getFileName().toString(), () -> check(directory, "policy.yaml", loader::load)));
    }

    @TestFactory
    Stream<DynamicTest> siteSettings() throws IOException {
        SiteConfigLoader loader = new SiteConfigLoader(OwnershipRule.any());
        return Cases.in("refused-site").stream()
                .map(directory -> DynamicTest.dynamicTest(
                        directory.getFileName().toString(), () -> check(directory, "dunnage.yaml", loader::load)));
    }

    private interface Load {
        Object load(Path file) throws SiteFileException;
    }

    private static void check(Path directory, String name, Load load) throws IOException {
        Path file = directory.resolve(name);
        SiteFileException refusal = assertThrows(SiteFileException.class, () -> load.load(file));
        String seen = refusal.problems().stream()
                .map(Problem::toString)
                .map(line -> line.replace(file.toString(), name) + "\n")
                .collect(Collectors.joining());
        Path golden = directory.resolve("errors.txt");
        if (Boolean.getBoolean("dunnage.golden.update")) {
            Files.writeString(golden, seen);
        }
        assertThat(seen).isEqualTo(Files.readString(golden)).isNotEmpty();
        assertThat(seen.lines()).allMatch(line -> line.matches("[\\x20-\\x7E]+") && line.startsWith(name + ":"));
    }
}
