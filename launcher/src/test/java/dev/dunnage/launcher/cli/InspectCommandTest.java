package dev.dunnage.launcher.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dunnage.launcher.fixture.TestSite;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InspectCommandTest {
    private static final Path CORPUS =
            Path.of(System.getProperty("dunnage.corpus", "absent")).resolve("sif");
    private static final List<String> TEXTS = List.of("deffile", "helpfile", "runscript", "startscript", "test");

    @TempDir
    Path temporary;

    private Path image(String metadata) throws Exception {
        Path image = TestSite.in(temporary).image("a.sif");
        Path json = Files.writeString(temporary.resolve("json"), metadata);
        Command add = Command.run("sif", "add", image, json, "--type", "json", "--name", "inspect-metadata.json");
        assertThat(add.status()).as(add.err()).isZero();
        return image;
    }

    @Test
    void everythingIsShown() throws Exception {
        Path image =
                image("{\"data\":{\"attributes\":{\"labels\":{\"A\":\"1\"},\"environment\":{\"/e.sh\":\"export X=1\"},"
                        + "\"runscript\":\"run\",\"startscript\":\"start\",\"test\":\"try\",\"helpfile\":\"help\","
                        + "\"apps\":{\"demo\":{\"labels\":{\"B\":\"2\"},\"runscript\":\"app\"}},"
                        + "\"header\":\"not of ours\",\"labels2\":{\"C\":\"3\"}}},\"type\":\"container\"}");
        assertThat(Command.run("inspect", image).out()).isEqualToIgnoringNewLines("A: 1");
        assertThat(Command.run("inspect", "--all", image).out()).isEqualToNormalizingNewlines("""
                === labels ===
                A: 1
                === environment ===
                === /e.sh ===
                export X=1
                === deffile ===
                bootstrap: scratch
                === helpfile ===
                help
                === runscript ===
                run
                === startscript ===
                start
                === test ===
                try
                === apps ===
                demo
                """);
        assertThat(Command.run("inspect", "-r", image).out()).isEqualToIgnoringNewLines("run");
        assertThat(Command.run("inspect", "-r", "--app", "demo", image).out()).isEqualToIgnoringNewLines("app");
        Map<String, Object> all =
                Json.object(Command.run("inspect", "--json", image).out());
        assertThat(all.get("header")).isInstanceOf(Map.class);
        assertThat(all).containsEntry("encryption", "null").containsEntry("helpfile", "help");
        assertThat(Json.object(Command.run("inspect", "--json", "--all", image).out()))
                .isEqualTo(all);
        assertThat(Json.object(
                        Command.run("inspect", "--json", "-l", "-t", image).out()))
                .containsExactly(Map.entry("labels", Map.of("A", "1")), Map.entry("test", "try"));
        assertThat(Json.object(
                        Command.run("inspect", "--json", "--app", "demo", image).out()))
                .containsOnlyKeys("labels", "environment", "deffile", "helpfile", "runscript", "startscript", "test")
                .containsEntry("runscript", "app")
                .containsEntry("test", "null");
        assertThat(List.copyOf(all.keySet())).isEqualTo(JsonDocumentTest.documented("## dunnage inspect"));
    }

    @Test
    void whatIsMissingIsTold() throws Exception {
        Path image = image("{}");
        Command runscript = Command.run("inspect", "--runscript", image);
        assertThat(runscript.status()).isEqualTo(1);
        assertThat(runscript.err()).contains("has no runscript").hasLineCount(1);
        Command app = Command.run("inspect", "--app", "demo", image);
        assertThat(app.status()).isEqualTo(1);
        assertThat(app.err()).contains("no app demo; its apps: none");
        assertThat(Command.run("inspect", image).status()).isZero();
        assertThat(Command.run("inspect", "--all", image).status()).isZero();
        Path broken = Files.writeString(temporary.resolve("broken"), "x".repeat(5000));
        assertThat(Command.run("inspect", broken).status()).isEqualTo(4);
    }

    @Test
    void metadataThatIsNoJsonIsTold() throws Exception {
        Command run = Command.run("inspect", image("{\"data\": nonsense"));
        assertThat(run.status()).isEqualTo(7);
        assertThat(run.err()).contains("is not JSON").hasLineCount(1);
    }

    @Test
    void imagesSendNothingToTheTerminal() throws Exception {
        Path image = image(
                "{\"data\":{\"attributes\":{\"labels\":{\"A\\u001b[31m\":\"\\u202e1\"},\"runscript\":\"a\\u0007\"}}}");
        assertThat(Command.run("inspect", "--all", image).out())
                .contains("A?[31m: ?1", "a?")
                .doesNotContainPattern(Pattern.compile("[\u0007\u001b\u202e]"));
    }

    @Test
    void filesOfTheTreeServeImagesWithoutMetadata() throws Exception {
        Assumptions.assumeTrue(
                Files.isExecutable(Path.of("/usr/bin/mksquashfs")), "SKIPPED: squashfs-tools are not installed");
        Path tree = temporary.resolve("tree");
        Files.createDirectories(tree.resolve(".singularity.d/env"));
        Files.createDirectories(tree.resolve("scif/apps/demo/scif/env"));
        Files.writeString(tree.resolve(".singularity.d/labels.json"), "{\"A\": \"1\"}");
        Files.writeString(tree.resolve(".singularity.d/runscript"), "run\n");
        Files.writeString(tree.resolve(".singularity.d/runscript.help"), "help\n");
        Files.writeString(tree.resolve(".singularity.d/env/90-environment.sh"), "export X=1\n");
        Files.writeString(tree.resolve("scif/apps/demo/scif/runscript"), "app\n");
        Files.writeString(tree.resolve("scif/apps/demo/scif/env/90-environment.sh"), "export Y=1\n");
        Path outside = Files.writeString(temporary.resolve("outside"), "root:");
        Files.createSymbolicLink(tree.resolve(".singularity.d/test"), outside);
        Path image = temporary.resolve("built.sif");
        assertThat(Command.run("build", image, tree).status()).isZero();
        Command built = Command.run("inspect", "--json", image);
        assertThat(built.out()).contains("export Y=1").doesNotContain("root:");
        String id = "2";
        for (String line :
                Command.run("sif", "list", "--json", image).out().lines().toList()) {
            if (line.contains("inspect-metadata.json")) {
                id = String.valueOf(Json.object(line).get("id"));
            }
        }
        assertThat(Command.run("sif", "del", id, image).status()).isZero();
        Map<String, Object> before = Json.object(built.out());
        Map<String, Object> after =
                Json.object(Command.run("inspect", "--json", image).out());
        for (String part : List.of("labels", "environment", "apps", "runscript", "helpfile", "test")) {
            assertThat(after.get(part)).as(part).isEqualTo(before.get(part));
        }
    }

    private static Map<?, ?> object(Map<?, ?> object, String member) {
        return object.get(member) instanceof Map<?, ?> found ? found : Map.of();
    }

    @Test
    void theCorpusIsShownAsTheRealToolDoes() throws Exception {
        Assumptions.assumeTrue(Files.isDirectory(CORPUS), "SKIPPED: corpus not found at " + CORPUS);
        Map<String, Object> expected =
                Json.object(Files.readString(CORPUS.resolve("expected/meta-signed.inspect.json")));
        Map<?, ?> attributes = object(object(expected, "data"), "attributes");
        Map<String, Object> found =
                Json.object(Command.run("inspect", "--json", CORPUS.resolve("images/meta-signed.sif"))
                        .out());
        for (String part : TEXTS) {
            assertThat(found.get(part)).as(part).isNotNull().isEqualTo(attributes.get(part));
        }
        assertThat(found.get("labels")).isEqualTo(attributes.get("labels"));
        assertThat(found.get("environment")).isEqualTo(attributes.get("environment"));
        assertThat(String.valueOf(found.get("apps"))).contains("AppVersion=9", "export DEMO=1", "echo app demo");
    }

    @Test
    void encryptionIsNamed() {
        Assumptions.assumeTrue(Files.isDirectory(CORPUS), "SKIPPED: corpus not found at " + CORPUS);
        Command pem = Command.run("inspect", "--json", CORPUS.resolve("images/enc-pem.sif"));
        assertThat(pem.out()).contains("\"encryption\":\"gocryptfs\"");
        assertThat(pem.err()).contains("encrypted with gocryptfs", "RSA key").hasLineCount(1);
        Command luks = Command.run("inspect", "--json", CORPUS.resolve("images/luks-type.sif"));
        assertThat(luks.out()).contains("\"encryption\":\"LUKS2\"");
    }
}
