package dev.dunnage.launcher.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dunnage.launcher.fixture.DockerRegistry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code dunnage registry} against Debian's docker-registry with passwords. */
class RegistryCommandsTest {
    private static final String PASSWORD = "open:sesame";

    @TempDir
    Path directory;

    @Test
    void keepsWhatTheRegistryAccepts() throws Exception {
        Path users = Files.writeString(directory.resolve("users"), hash(PASSWORD));
        String auth = "auth: {htpasswd: {realm: test, path: " + users + "}}";
        try (DockerRegistry registry = DockerRegistry.start(directory, auth, "")) {
            Program program = Program.of(directory.resolve("home"));
            Object[] login = {"registry", "login", "--plain-http", "-u", "alice", "--password-stdin", registry.host()};

            Command wrong = program.runWithInput("nonsense\n", login);
            assertThat(wrong.status()).isEqualTo(7);
            assertThat(wrong.err())
                    .hasLineCount(1)
                    .contains(registry.host(), "401")
                    .doesNotContain("nonsense");
            assertThat(program.run("registry", "list").out()).isEmpty();

            Command right = program.runWithInput(PASSWORD + "\n", login);
            assertThat(right.err()).isEmpty();
            assertThat(right.out()).isEqualTo("logged in to " + registry.host() + " as alice\n");

            Command list = program.run("registry", "list", "--json");
            assertThat(list.out()).doesNotContain("sesame").doesNotContain("c2VzYW1l");
            assertThat(List.copyOf(Json.object(list.out().strip()).keySet()))
                    .isEqualTo(JsonDocumentTest.documented("## dunnage registry list"));

            assertThat(program.run("registry", "logout", registry.host()).status())
                    .isZero();
            Command again = program.run("registry", "logout", registry.host());
            assertThat(again.status()).isEqualTo(1);
            assertThat(again.err()).contains("not logged in").hasLineCount(1);
        }
    }

    private static String hash(String password) throws Exception {
        Process process = new ProcessBuilder("htpasswd", "-nbB", "alice", password).start();
        String made = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).isZero();
        return made;
    }

    @Test
    void refusesWhatIsNoHost() {
        Command run = Command.run("registry", "login", "--password-stdin", "https://alice:word@example.org");
        assertThat(run.status()).isEqualTo(2);
        assertThat(run.err()).hasLineCount(1).doesNotContain("word@");
    }
}
