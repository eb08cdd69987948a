package dev.dunnage.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the agent's account sees: root reads everything, so these cases run in a process of nobody. */
class UnprivilegedTest {
    @TempDir
    Path top;

    private Path policy = Path.of("/nonexistent");

    @BeforeEach
    void install() throws IOException {
        assumeTrue(
                Integer.valueOf(0).equals(Files.getAttribute(top, "unix:uid")),
                "SKIPPED: needs root to start a process of another account");
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/setpriv")), "SKIPPED: needs /usr/bin/setpriv of util-linux");
        mode(top, "rwxr-xr-x");
        Path closed = Files.createDirectory(top.resolve("closed"));
        Files.createDirectory(closed.resolve("images"));
        mode(closed, "rwx------");
        policy = Files.writeString(top.resolve("policy.yaml"), """
                version: 1
                ecl:
                  activated: true
                  groups:
                    - {name: closed, mode: open, directory: %s/images}
                    - {name: rest, mode: open}
                """.formatted(closed));
        mode(policy, "rw-r--r--");
        Path list = Files.writeString(top.resolve("ecl.toml"), """
                activated = true
                [[execgroup]]
                  mode = "whitelist"
                  dirpath = "%s/images"
                  keyfp = ["8F1CDA07E78D8977D563FEC48F7375D9147D09E0"]
                """.formatted(closed));
        mode(list, "rw-r--r--");
    }

    @Test
    void directoryOfAListThatCannotBeLookedAtDoesNotDenyEverything() throws Exception {
        assertThat(probe().get(1)).isEqualTo(top + "/ecl.toml: active, 1 group");
    }

    @Test
    void directoryThatTheAgentCannotTraverseDoesNotDenyEverything() throws Exception {
        assertThat(probe().get(0)).isEqualTo(policy + ": active, 2 groups");
    }

    @Test
    void unreadablePolicyIsRefusedWithTheRemedy() throws Exception {
        mode(policy, "rw-------");

        assertThat(probe().get(0))
                .isEqualTo(policy + ": cannot be read by this account: chmod 644 the file and 755 its directory");
    }

    @Test
    void settingsInAClosedDirectoryAreNotAbsent() throws Exception {
        assertThat(probe().get(2)).startsWith(top + "/closed/dunnage.yaml: cannot be read by this account");
    }

    private List<String> probe() throws IOException, InterruptedException {
        List<String> command = List.of(
                "/usr/bin/setpriv",
                "--reuid=65534",
                "--regid=65534",
                "--clear-groups",
                System.getProperty("java.home") + "/bin/java",
                "-XX:-UsePerfData",
                "-cp",
                readableClassPath(),
                UnprivilegedProbe.class.getName(),
                policy.toString(),
                top + "/closed/dunnage.yaml",
                top + "/ecl.toml");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .directory(new File("/"))
                .start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(text).isZero();
        List<String> lines =
                text.lines().filter(line -> !line.startsWith("Picked up ")).toList();
        assertThat(lines).as(text).hasSize(3);
        return lines;
    }

    /** Copies, because the build's own class path may lie in root's home. */
    private String readableClassPath() throws IOException {
        List<String> path = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path", "").split(File.pathSeparator, -1)) {
            Path source = Path.of(entry);
            boolean needed = entry.matches(
                    ".*(classes|jackson-[^/]*\\.jar|tomlj-[^/]*\\.jar|antlr4-runtime-[^/]*\\.jar|snakeyaml-[^/]*\\.jar)/?");
            if (needed && Files.exists(source)) {
                Path copy = Files.createDirectories(top.resolve("cp" + path.size()));
                copy(source, copy.resolve(source.getFileName()));
                path.add(copy.resolve(source.getFileName()).toString());
            }
        }
        return String.join(File.pathSeparator, path);
    }

    private static void copy(Path source, Path target) throws IOException {
        try (var files = Files.walk(source)) {
            for (Path each : files.toList()) {
                Path to = target.resolve(source.relativize(each).toString());
                Files.copy(each, to);
                mode(to, "rwxr-xr-x");
            }
        }
    }

    private static void mode(Path path, String permissions) throws IOException {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
    }
}
