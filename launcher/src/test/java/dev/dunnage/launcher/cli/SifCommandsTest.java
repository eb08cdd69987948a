package dev.dunnage.launcher.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dunnage.launcher.fixture.TestSite;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code dunnage sif} on images made on the spot. */
class SifCommandsTest {
    @TempDir
    Path temporary;

    private TestSite site = new TestSite(Path.of("unset"));
    private Path image = Path.of("unset");

    @BeforeEach
    void prepare() throws Exception {
        site = TestSite.in(temporary);
        image = site.image("a.sif");
    }

    private Path data(String name, String content) throws Exception {
        return Files.writeString(site.root().resolve(name), content);
    }

    private static Command good(Object... words) {
        Command run = Command.run(words);
        assertThat(run.status()).as(run.err()).isZero();
        return run;
    }

    private static Map<String, Object> info(long id, Path image) throws Exception {
        return Json.object(good("sif", "info", "--json", id, image).out());
    }

    @Test
    void anObjectIsShownInFull() throws Exception {
        assertThat(good("sif", "info", 2, image).out())
                .contains("Data Type:        FS", "Filesystem Type:  Squashfs", "Partition Type:   *System");
        assertThat(info(2, image))
                .containsEntry("type-code", 0x4004L)
                .containsEntry("partition", "*System")
                .containsEntry("uid", 0L)
                .containsKeys("created", "modified", "gid");
        Command unknown = Command.run("sif", "info", 7, image);
        assertThat(unknown.status()).isEqualTo(1);
        assertThat(unknown.err())
                .contains("has no object 7", "dunnage sif list")
                .hasLineCount(1);
    }

    @Test
    void contentsAreDumped() throws Exception {
        Path out = site.root().resolve("out");
        good("sif", "dump", "-o", out, 1, image);
        assertThat(out).hasContent("bootstrap: scratch\n");
        Command again = Command.run("sif", "dump", "--output", out, 1, image);
        assertThat(again.status()).isEqualTo(2);
        assertThat(again.err()).contains("exists").hasLineCount(1);
        Command printed = Program.of(site.root()).run("sif", "dump", 1, image);
        assertThat(printed.out()).isEqualTo("bootstrap: scratch\n");
        assertThat(Command.run("sif", "dump", 9, image).status()).isEqualTo(1);
    }

    @Test
    void imagesAreMadeStepByStep() throws Exception {
        Path made = site.root().resolve("made.sif");
        good("sif", "new", made);
        assertThat(Command.run("sif", "new", made).err()).contains("exists");
        assertThat(good("sif", "add", made, data("labels.json", "{}"), "--type", "labels")
                        .out())
                .contains("added object 1 to");
        good("sif", "dump", 2, image, "-o", site.root().resolve("root"));
        Command second = good(
                "sif",
                "add",
                "--json",
                made,
                site.root().resolve("root"),
                "--datatype",
                4,
                "--partfs",
                1,
                "--parttype",
                2,
                "--partarch",
                2,
                "--filename",
                "rootfs");
        assertThat(Json.object(second.out())).containsEntry("id", 2L).containsEntry("file", made.toString());
        assertThat(info(2, made))
                .containsEntry("partition", "*System")
                .containsEntry("architecture", "amd64")
                .containsEntry("name", "rootfs")
                .containsEntry("group", 1L);
        assertThat(info(2, made))
                .hasEntrySatisfying(
                        "offset", offset -> assertThat((Long) offset % 4096).isZero());
        assertThat(good("sif", "header", made).out()).containsPattern("Primary Architecture: +amd64");
        good("sif", "del", 1, made);
        assertThat(good("sif", "list", "--json", made).out()).hasLineCount(1);
        assertThat(Command.run("sif", "del", 1, made).err())
                .contains("no object 1")
                .hasLineCount(1);
    }

    @ParameterizedTest
    @CsvSource({
        "deffile,Def.FILE",
        "environment,Env.Vars",
        "labels,JSON.Labels",
        "json,JSON.Generic",
        "generic,Generic/Raw",
        "message,Cryptographic Message",
        "oci-blob,OCI.Blob",
        "7,Generic/Raw"
    })
    void everyTypeHasAWord(String word, String label) throws Exception {
        good("sif", "add", image, data("x", "content"), "--type", word);
        assertThat(info(3, image)).containsEntry("type", label).containsEntry("name", "x");
    }

    @Test
    void factsOfMessagesAndDigestsAreKept() throws Exception {
        Path data = data("x", "content");
        good("sif", "add", image, data, "--type", "message", "--format", "pem", "--message", "rsa-oaep", "--link", 2);
        assertThat(info(3, image))
                .containsEntry("format", "PEM")
                .containsEntry("message", "RSA-OAEP")
                .containsEntry("link", "object 2");
        good("sif", "add", image, data, "--type", "sbom", "--format", "spdx-json", "--link-group", 1);
        assertThat(info(4, image)).containsEntry("format", "spdx-json").containsEntry("link", "group 1");
        good("sif", "add", image, data, "--type", "oci-blob", "--align", 512);
        assertThat(info(5, image))
                .containsEntry("digest", "sha256:ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73");
    }

    @Test
    void deletedBytesCanBeErased() throws Exception {
        long size = Files.size(image);
        good("sif", "add", image, data("secret", "do not tell"), "--type", "generic");
        good("sif", "del", "--zero", 3, image);
        assertThat(new String(Files.readAllBytes(image), StandardCharsets.ISO_8859_1))
                .doesNotContain("do not tell");
        good("sif", "add", image, data("more", "x".repeat(10_000)), "--type", "generic");
        good("sif", "del", "--compact", 3, image);
        assertThat(Files.size(image)).isEqualTo(size);
    }

    @Test
    void anotherPartitionBecomesTheRoot() throws Exception {
        good("sif", "dump", 2, image, "-o", site.root().resolve("root"));
        good("sif", "add", image, site.root().resolve("root"), "--type", "partition", "--arch", "arm64");
        assertThat(good("sif", "setprim", 3, image).out()).contains("object 3 is the root file system");
        assertThat(info(2, image)).containsEntry("partition", "System");
        assertThat(info(3, image)).containsEntry("partition", "*System");
        assertThat(Command.run("sif", "setprim", 1, image).err())
                .contains("not a partition")
                .hasLineCount(1);
    }

    @Test
    void changesOfSignedImagesAreWarnedOf() throws Exception {
        Path signed = site.image("signed.sif", TestSite.newKey("a"));
        Path data = data("x", "x");
        assertThat(good("sif", "add", signed, data, "--type", "generic").err()).contains("signatures of group 1");
        assertThat(good("sif", "del", 4, signed).err()).contains("signatures of group 1");
        assertThat(good("sif", "setprim", 2, signed).err()).isEmpty();
        assertThat(good("sif", "add", signed, data, "--type", "generic", "--group-id", 0)
                        .err())
                .contains("belongs to no group");
    }

    @Test
    void deterministicImagesAreEqual() throws Exception {
        Path data = data("x", "x");
        for (String name : List.of("one", "two")) {
            Path made = site.root().resolve(name);
            good("sif", "new", "--deterministic", made);
            good("sif", "add", made, data, "--type", "generic");
        }
        assertThat(site.root().resolve("one"))
                .hasSameBinaryContentAs(site.root().resolve("two"));
    }

    @Test
    void mistakesAreNamed() throws Exception {
        Path data = data("x", "x");
        assertThat(Command.run("sif", "add", image, data, "--type", "tarball"))
                .satisfies(run -> assertThat(run.status()).isEqualTo(2))
                .satisfies(run ->
                        assertThat(run.err()).contains("give one of deffile").hasLineCount(1));
        assertThat(Command.run("sif", "add", image, data, "--type", "partition").err())
                .startsWith("dunnage: ")
                .hasLineCount(1);
        assertThat(Command.run("sif", "add", image, data, "--type", "sbom").err())
                .contains("wants --format");
        assertThat(Command.run("sif", "add", image, site.root(), "--type", "json")
                        .err())
                .contains("not a regular file");
        assertThat(Command.run("sif", "add", data, data, "--type", "json").status())
                .isEqualTo(4);
        assertThat(Command.run("sif", "new", "--descriptors", 0, site.root().resolve("n"))
                        .status())
                .isEqualTo(2);
    }
}
