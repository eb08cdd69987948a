package dev.dunnage.launcher.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Commands that are started with all classes on the JVM's own loader, which sees no java.net.http. */
class FastStartTest {
    private static final Path STARTER = Path.of("../site-config/libexec/dunnage-java");

    @Test
    void commandsWithTheFastStartTalkToNoServer() throws IOException {
        JavaClasses classes = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("dev.dunnage");
        List<String> fast = fastCommands();

        assertThat(fast).contains("agent", "verify", "version").isSubsetOf(Main.NAMES);
        for (String name : fast) {
            assertThat(usersOfHttp(classes.get(commandOf(name).getName())))
                    .as("classes of 'dunnage " + name
                            + "' that need java.net.http; take the command out of the list in " + STARTER)
                    .isEmpty();
        }
    }

    @Test
    void aCommandThatPullsIsSeenToTalkToServers() {
        JavaClasses classes = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("dev.dunnage");

        assertThat(usersOfHttp(classes.get(commandOf("pull").getName()))).isNotEmpty();
    }

    /** The words of the one pattern of its case. */
    private static List<String> fastCommands() throws IOException {
        return Files.readAllLines(STARTER).stream()
                .filter(line -> line.matches("agent( \\| [a-z-]+)+\\)"))
                .findFirst()
                .map(line -> Arrays.asList(line.replace(")", "").split(" \\| ", -1)))
                .orElseThrow();
    }

    private static Class<?> commandOf(String name) {
        return Objects.requireNonNull(Main.commandLine().getSubcommands().get(name))
                .getCommandSpec()
                .userObject()
                .getClass();
    }

    /** Of all that it may load; the list of all commands, which two of them ask for, leads nowhere. */
    private static Set<String> usersOfHttp(JavaClass start) {
        Set<String> users = new HashSet<>();
        Set<String> seen = new HashSet<>(List.of(Main.class.getName(), start.getName()));
        Deque<JavaClass> next = new ArrayDeque<>(List.of(start));
        while (!next.isEmpty()) {
            JavaClass each = next.remove();
            each.getDirectDependenciesFromSelf().forEach(dependency -> {
                JavaClass target = dependency.getTargetClass();
                if (target.getPackageName().startsWith("java.net.http")) {
                    users.add(each.getName());
                } else if (target.getPackageName().startsWith("dev.dunnage") && seen.add(target.getName())) {
                    next.add(target);
                }
            });
        }
        return users;
    }
}
