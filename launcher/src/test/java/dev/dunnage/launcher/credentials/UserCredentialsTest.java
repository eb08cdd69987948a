package dev.dunnage.launcher.credentials;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who the user is, by the files and programs that other tools left behind. */
class UserCredentialsTest {
    private static final String ALICE = "YWxpY2U6b3BlbjpzZXNhbWU="; // alice:open:sesame

    @TempDir
    Path home;

    private Path docker = Path.of("unset");

    @BeforeEach
    void directories() throws IOException {
        docker = Files.createDirectories(home.resolve(".docker"));
        Files.createDirectories(home.resolve("bin"));
    }

    private UserCredentials credentials() {
        return new UserCredentials(home, Map.of("PATH", home.resolve("bin") + ":/usr/bin:/bin"));
    }

    private void docker(String json) throws IOException {
        Files.writeString(docker.resolve("config.json"), json);
    }

    private void helper(String name, String script) throws IOException {
        Path program = Files.writeString(home.resolve("bin/docker-credential-" + name), "#!/bin/sh\n" + script);
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @Test
    void nothingIsKnownWithoutFiles() throws Exception {
        assertThat(credentials().of("docker.io")).isEmpty();
        assertThat(credentials().logins()).isEmpty();
    }

    @Test
    void dockersFileIsReadInAllItsSpellings() throws Exception {
        docker("{\"auths\":{\"https://index.docker.io/v1/\":{\"auth\":\"" + ALICE + "\"},"
                + "\"Host.example.org:5000\":{\"username\":\"bob\",\"password\":\"p\"},"
                + "\"t.example.org\":{\"auth\":\"" + ALICE
                + "\",\"identitytoken\":\"tok\"},\"empty.example.org\":{}}}");
        assertThat(credentials().of("docker.io")).contains(new Credential("alice", "open:sesame"));
        assertThat(credentials().of("host.example.org:5000")).contains(new Credential("bob", "p"));
        assertThat(credentials().of("t.example.org")).contains(Credential.token("tok"));
        assertThat(credentials().of("empty.example.org")).isEmpty();
        assertThat(credentials().of("example.org")).isEmpty();
    }

    @Test
    void helpersAreAskedForTheirHost() throws Exception {
        docker(
                "{\"auths\":{\"one.example.org\":{}},\"credsStore\":\"all\",\"credHelpers\":{\"two.example.org\":\"two\"}}");
        helper(
                "two",
                "read -r host; [ \"$1\" = get ] && echo \"{\\\"Username\\\":\\\"u\\\",\\\"Secret\\\":\\\"for $host\\\"}\"");
        assertThat(credentials().of("two.example.org")).contains(new Credential("u", "for two.example.org"));
        assertThat(credentials().of("public.example.org")).isEmpty(); // the store is not installed
        assertThatThrownBy(() -> credentials().of("one.example.org"))
                .hasMessageContainingAll("one.example.org", "docker-credential-all", "dunnage registry login");
        helper("all", "echo 'credentials not found in native keychain'; exit 1");
        assertThat(credentials().of("one.example.org")).isEmpty();
        helper("all", "echo 'secret=hunter2'");
        assertThatThrownBy(() -> credentials().of("one.example.org"))
                .hasMessageContaining("answers no JSON")
                .message()
                .doesNotContain("hunter2");
    }

    @Test
    void damagedFilesAreNamedButNotQuoted() throws Exception {
        docker("{\"auths\":{\"a.example.org\":{\"auth\":\"hunter2!\"}}");
        assertThatThrownBy(() -> credentials().of("a.example.org"))
                .hasMessageContainingAll(docker.resolve("config.json").toString(), "correct or remove")
                .message()
                .doesNotContain("hunter2");
    }

    @Test
    void ownFileCountsFirstAndIsPrivate() throws Exception {
        docker("{\"auths\":{\"a.example.org\":{\"auth\":\"" + ALICE + "\"}}}");
        OwnFile own = credentials().own();
        own.put("a.example.org", new Credential("me", "s3cret"));
        own.put("https://index.docker.io/v1/", Credential.token("t"));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(own.path())))
                .isEqualTo("rw-------");
        assertThat(credentials().of("a.example.org")).contains(new Credential("me", "s3cret"));
        assertThat(credentials().of("docker.io")).contains(Credential.token("t"));
        assertThat(credentials().logins())
                .extracting(UserCredentials.Login::host, UserCredentials.Login::user)
                .containsExactly(
                        tuple("a.example.org", Optional.of("me")),
                        tuple("docker.io", Optional.of("<token>")),
                        tuple("a.example.org", Optional.of("alice")));
        assertThat(own.remove("a.example.org")).isTrue();
        assertThat(own.remove("a.example.org")).isFalse();
        assertThat(credentials().of("a.example.org")).contains(new Credential("alice", "open:sesame"));
        Files.setPosixFilePermissions(own.path(), PosixFilePermissions.fromString("rw-r--r--"));
        assertThatThrownBy(() -> credentials().of("docker.io")).hasMessageContaining("chmod 600");
    }
}
