package dev.dunnage.launcher.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dunnage.launcher.fixture.TestSite;
import dev.dunnage.sif.key.PgpSecretKey;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommandsTest {
    @TempDir
    Path temporary;

    private TestSite site = new TestSite(Path.of("unset"));

    @BeforeEach
    void prepare() throws Exception {
        site = TestSite.in(temporary);
    }

    @Test
    void versionIsTold() throws Exception {
        assertThat(Command.run("version").out()).startsWith("dunnage ");
        assertThat(Json.object(Command.run("version", "--json").out())).containsOnlyKeys("version", "java");
    }

    @Test
    void verifyAcceptsRejectsAndFails() throws Exception {
        PgpSecretKey key = TestSite.newKey("signer");
        site.trust(key);
        Path signed = site.image("signed.sif", key);
        Path foreign = site.image("foreign.sif", TestSite.newKey("foreign"));
        Path absent = site.images().resolve("absent.sif");
        assertThat(Command.run("verify", "--keyring", site.keys(), signed).status())
                .isZero();
        Command run = Command.run("verify", "--json", "--keyring", site.keys(), signed, foreign, absent);
        assertThat(run.status()).isEqualTo(1);
        List<String> lines = run.out().lines().toList();
        assertThat(lines).hasSize(3);
        Map<String, Object> accepted = Json.object(lines.get(0));
        assertThat(accepted).containsEntry("file", signed.toString()).containsEntry("result", "accept");
        assertThat(accepted).containsEntry("reason", "");
        assertThat(String.valueOf(accepted.get("signers")))
                .contains("fingerprint=" + key.facts().fingerprint(), "status=good", "objects=[1, 2]");
        assertThat(Json.object(lines.get(1))).containsEntry("result", "reject");
        assertThat(Json.object(lines.get(2))).containsEntry("result", "error").containsEntry("signers", List.of());
    }

    @Test
    void verifyTakesSeveralRingsAndAnotherTime() throws Exception {
        PgpSecretKey one = TestSite.newKey("one");
        PgpSecretKey two = TestSite.newKey("two");
        Path image = site.image("a.sif", one, two);
        Path first = Files.writeString(site.root().resolve("first"), one.armoredPublic());
        Path second = Files.writeString(site.root().resolve("second.asc"), two.armoredPublic());
        assertThat(Command.run("verify", "--keyring", first, "--keyring", second, image)
                        .status())
                .isZero();
        assertThat(Command.run("verify", "--keyring", first, image).status()).isEqualTo(1);
        Command early = Command.run("verify", "--keyring", first, "--keyring", second, "--time", "2001-01-01", image);
        assertThat(early.status()).isEqualTo(1);
        assertThat(Command.run("verify", "--time", "soon", image))
                .satisfies(run -> assertThat(run.status()).isEqualTo(2))
                .satisfies(run ->
                        assertThat(run.err()).contains("'soon' is no time").hasLineCount(1));
    }

    @Test
    void verifyNarrowsToAGroup() throws Exception {
        PgpSecretKey key = TestSite.newKey("signer");
        site.trust(key);
        Path image = site.image("a.sif", key);
        assertThat(Command.run("verify", "--keyring", site.keys(), "--group-id", 1, image)
                        .status())
                .isZero();
        Command other = Command.run("verify", "--keyring", site.keys(), "--group-id", 2, image);
        assertThat(other.status()).isEqualTo(1);
        assertThat(other.out()).contains("reject: the image has no group 2");
        Path unsigned = site.image("b.sif");
        assertThat(Command.run("verify", "--keyring", site.keys(), "-g", 1, unsigned)
                        .out())
                .contains("group 1 of the image is not signed");
        assertThat(Command.run("verify", "--keyring", site.keys(), "--sif-id", 2, image)
                        .status())
                .isZero();
        assertThat(Command.run("verify", "-i", 2, "-g", 1, image).status()).isEqualTo(2);
    }

    @Test
    void verifyTellsDamagedFromUnreadable() throws Exception {
        Path damaged = Files.writeString(site.root().resolve("damaged"), "x".repeat(5000));
        Command run = Command.run(
                "verify", "--json", damaged, site.root(), site.root().resolve("absent"));
        List<Object> results = new ArrayList<>();
        for (String line : run.out().lines().toList()) {
            results.add(String.valueOf(Json.object(line).get("result")));
        }
        assertThat(results).containsExactly("reject", "error", "error");
        Command missing = Command.run("verify", "--key", site.root().resolve("absent"), damaged);
        assertThat(missing.status()).isEqualTo(2);
        assertThat(missing.err()).contains("key file").hasLineCount(1);
    }

    @Test
    void anImageThatIsSignedHereVerifies() throws Exception {
        Path image = site.image("a.sif");
        Path key = site.root().resolve("key.asc");
        assertThat(Command.run(
                                "key",
                                "newpair",
                                "--name",
                                "A",
                                "--email",
                                "a@example.org",
                                "--no-passphrase",
                                "--output",
                                key)
                        .status())
                .isZero();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key)))
                .isEqualTo("rw-------");
        Command sign = Command.run("sign", "--key", key, image);
        assertThat(sign.status()).as(sign.err()).isZero();
        assertThat(Command.run("verify", "--keyring", key + ".pub", image).status())
                .isZero();
    }

    @Test
    void signingSaysWhatIsWrong() throws Exception {
        Path image = site.image("a.sif");
        Path noKey = Files.writeString(site.root().resolve("no-key"), "hello");
        assertThat(Command.run("sign", "--key", noKey, image)).satisfies(run -> {
            assertThat(run.status()).isEqualTo(2);
            assertThat(run.err()).startsWith("dunnage: ").contains("no-key").hasLineCount(1);
        });
        assertThat(Command.run("sign", "--key", noKey, site.root()).status()).isEqualTo(4);
        assertThat(Command.run("sign", "--key", noKey, "/nonexistent").status()).isEqualTo(5);
        assertThat(Command.run("key", "newpair", "--name", "A").err()).contains("--email");
    }

    @Test
    void headersAreSoundBrokenOrUnreadable() throws Exception {
        Path image = site.image("a.sif");
        assertThat(Command.run("sif", "header", image).status()).isZero();
        assertThat(Json.object(Command.run("sif", "header", "--json", image).out()))
                .containsEntry("descriptors-total", 48L)
                .containsEntry("descriptors-free", 46L)
                .containsEntry("warnings", List.of());
        Path broken = Files.writeString(site.root().resolve("broken"), "x".repeat(5000));
        assertThat(Command.run("sif", "header", broken)).satisfies(run -> {
            assertThat(run.status()).isEqualTo(2);
            assertThat(run.err()).contains("magic").hasLineCount(1);
        });
        assertThat(Command.run("sif", "header", "/nonexistent").status()).isEqualTo(3);
        assertThat(Command.run("sif", "list", broken).status()).isEqualTo(2);
        assertThat(Command.run("sif", "list", "/nonexistent").status()).isEqualTo(3);
        assertThat(Command.run("sif", "list", site.root()).status()).isEqualTo(3);
        assertThat(Command.run("sif", "info", 1, broken).status()).isEqualTo(2);
    }

    @Test
    void objectsAreListed() throws Exception {
        Path image = site.image("a.sif", TestSite.newKey("signer"));
        assertThat(Command.run("sif", "list", image).out()).contains("Def.FILE", "Squashfs", "Signature");
        List<String> lines =
                Command.run("sif", "list", "--json", image).out().lines().toList();
        assertThat(lines).hasSize(3);
        assertThat(Json.object(lines.get(1))).containsEntry("id", 2L).containsEntry("filesystem", "Squashfs");
        assertThat(Json.object(lines.get(2))).containsEntry("link", "group 1");
    }

    @Test
    void aPolicyIsTriedOut() throws Exception {
        PgpSecretKey key = TestSite.newKey("signer");
        site.trust(key);
        site.policy("whitelist", key);
        Path policy = site.paths().policy();
        Path signed = site.image("signed.sif", key);
        Path unsigned = site.image("unsigned.sif");
        Command allow = Command.run("policy", "check", "--policy", policy, "--json", signed);
        assertThat(allow.status()).isZero();
        assertThat(Json.object(allow.out()))
                .containsEntry("decision", "allow")
                .containsEntry("trusted", true)
                .containsEntry("rule", "production")
                .containsEntry("line", 5L);
        Command deny = Command.run("policy", "check", "--policy", policy, unsigned);
        assertThat(deny.status()).isEqualTo(3);
        assertThat(deny.out()).contains("refused by rule 'production'", "policy.yaml:5");
        assertThat(Command.run("policy", "check", "--policy", policy, "--path", "/home/a.sif", signed))
                .satisfies(run -> assertThat(run.status()).isEqualTo(3))
                .satisfies(run -> assertThat(run.out()).contains("no group covers /home"));
        assertThat(Command.run("policy", "check", "--policy", policy, "--path", "a.sif", signed)
                        .status())
                .isEqualTo(2);
    }

    @Test
    void everythingWrongWithAPolicyIsListed() throws Exception {
        Path policy = Files.writeString(site.root().resolve("broken.yaml"), """
                version: 1
                ecl:
                  activated: maybe
                  groups:
                    - name: a
                      mode: blocklist
                """);
        Command lint = Command.run("policy", "lint", policy);
        assertThat(lint.status()).isEqualTo(6);
        assertThat(lint.out()).contains("broken.yaml:3:14:", "broken.yaml:6:13:");
        assertThat(Command.run("policy", "lint", "--json", policy).out().lines())
                .allSatisfy(line -> assertThat(Json.object(line))
                        .containsOnlyKeys("file", "line", "column", "key", "message", "severity"));
        Command check = Command.run("policy", "check", "--policy", policy, site.image("a.sif"));
        assertThat(check.status()).isEqualTo(3);
        assertThat(check.out()).contains("(broken policy)");
        assertThat(check.err()).contains("broken.yaml:3:14:", "broken.yaml:6:13:");
        site.policy("open");
        assertThat(Command.run("policy", "lint", site.paths().policy()).out()).contains("0 errors");
        Path settings = Files.writeString(site.root().resolve("s.yaml"), "version: 1\nmount-home: 7\n");
        assertThat(Command.run("policy", "lint", "--settings", settings).status())
                .isEqualTo(6);
        assertThat(Command.run("policy", "lint", "--settings", site.root().resolve("absent"))
                        .status())
                .isEqualTo(6);
    }

    @Test
    void builtImagesTellWhatTheTreeHeld() throws Exception {
        Assumptions.assumeTrue(Files.isExecutable(Path.of("/usr/bin/mksquashfs")), "mksquashfs is not installed");
        Path tree = site.root().resolve("tree");
        Files.createDirectories(tree.resolve(".singularity.d/env"));
        Files.writeString(tree.resolve(".singularity.d/labels.json"), "{\"Version\": \"1.2\"}");
        Files.writeString(tree.resolve(".singularity.d/runscript"), "#!/bin/sh\necho \u001b[31mhi\n");
        Files.writeString(tree.resolve(".singularity.d/Singularity"), "bootstrap: scratch\n");
        Files.writeString(tree.resolve(".singularity.d/env/90-environment.sh"), "export A=1\n");
        Path image = site.root().resolve("built.sif");
        Command build = Command.run("build", image, tree);
        assertThat(build.status()).as(build.err()).isZero();
        assertThat(Command.run("build", image, tree).err()).contains("--force");
        assertThat(Command.run("inspect", image).out()).isEqualToIgnoringNewLines("Version: 1.2");
        assertThat(Command.run("inspect", "--runscript", image).out())
                .contains("#!/bin/sh", "echo ?[31mhi")
                .doesNotContain("\u001b");
        assertThat(Command.run("inspect", "-d", image).out()).contains("bootstrap: scratch");
        assertThat(Command.run("inspect", "-e", image).out()).contains("90-environment.sh", "export A=1");
        assertThat(Json.object(Command.run("inspect", "--json", image).out()))
                .containsEntry("labels", Map.of("Version", "1.2"))
                .containsEntry("deffile", "bootstrap: scratch\n")
                .containsKeys("header", "environment", "runscript");
        Path second = site.root().resolve("second.sif");
        Path third = site.root().resolve("third.sif");
        assertThat(Command.run("build", "--reproducible", second, tree).status())
                .isZero();
        Thread.sleep(1100); // file systems note seconds
        assertThat(Command.run("build", "--reproducible", third, tree).status()).isZero();
        assertThat(second).hasSameBinaryContentAs(third);
        assertThat(Command.run("build", second, site.root().resolve("absent"), "-F")
                        .status())
                .isEqualTo(5);
    }

    @Test
    void mistakesAreOneLineWithTheWayOut() {
        assertThat(Command.run("vrify", "x")).satisfies(run -> {
            assertThat(run.status()).isEqualTo(2);
            assertThat(run.err())
                    .startsWith("dunnage: 'vrify' is no command of dunnage, did you mean 'verify'")
                    .contains("dunnage --help")
                    .hasLineCount(1);
        });
        assertThat(Command.run().err()).contains("dunnage --help");
        assertThat(Command.run("sif", "xyzzy").err())
                .startsWith("dunnage: 'xyzzy' is no command of dunnage sif")
                .contains("dunnage sif --help");
        assertThat(Command.run("verify", "--lokal", "x").err()).contains("--lokal");
        assertThat(Command.run("key").err()).contains("newpair");
        assertThat(Command.run("agent", "--ping", "--socket", "/nonexistent/agent.sock"))
                .satisfies(run -> assertThat(run.status()).isEqualTo(8))
                .satisfies(run ->
                        assertThat(run.err()).contains("no agent answers").hasLineCount(1));
    }

    @Test
    void rootStartsNoAgent() throws Exception {
        Object owner = Files.getAttribute(temporary, "unix:uid");
        Assumptions.assumeTrue(owner.equals(0), "only root can try to start an agent as root");
        Command run = Command.run("agent", "--socket", site.root().resolve("s"), "--store", site.store());
        assertThat(run.status()).isEqualTo(6);
        assertThat(run.err()).contains("must not run as root");
        assertThat(site.store()).doesNotExist();
    }
}
