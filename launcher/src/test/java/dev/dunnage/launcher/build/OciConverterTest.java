package dev.dunnage.launcher.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dunnage.launcher.fixture.OciLayoutMaker;
import dev.dunnage.launcher.fixture.TarMaker;
import dev.dunnage.launcher.oci.OciException;
import dev.dunnage.launcher.oci.OciLayout;
import dev.dunnage.sif.Architecture;
import dev.dunnage.sif.ImageBytes;
import dev.dunnage.sif.SifImage;
import dev.dunnage.sif.SifObject;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole images through the real tar2sqfs, looked at with unsquashfs. */
class OciConverterTest {
    private static final String CONFIG =
            "{\"Env\":[\"PATH=/opt/bin:/bin\",\"QUOTES=it's \\\"$HOME\\\" `x`\",\"9bad=1\"],"
                    + "\"Entrypoint\":[\"/bin/echo\",\"it's\"],\"Cmd\":[\"$HOME\"],\"Labels\":{\"a\":\"1\"}}";

    @TempDir
    Path directory;

    @BeforeEach
    void tools() {
        Assumptions.assumeTrue(Tool.find("tar2sqfs").isPresent(), "SKIPPED: squashfs-tools-ng is not installed");
        Assumptions.assumeTrue(Tool.find("unsquashfs").isPresent(), "SKIPPED: squashfs-tools are not installed");
    }

    private OciLayoutMaker layout() throws IOException {
        return new OciLayoutMaker(directory.resolve("layout")).config(CONFIG);
    }

    private Path convert(OciLayoutMaker layout, String name) throws Exception {
        Path target = directory.resolve(name);
        OciConverter.usual(bytes -> {})
                .convert(OciLayout.read(layout.write(), Optional.empty(), Architecture.AMD64), target);
        return target;
    }

    private static TarMaker base() throws IOException {
        return new TarMaker().directory("etc").file("etc/motd", "low").file("bin/tool", "#!", 0755, Map.of());
    }

    private static TarMaker upper() throws IOException {
        return new TarMaker()
                .file("etc/motd", "high", 0640, Map.of("SCHILY.xattr.user.note", "kept"))
                .hardLink("etc/motd2", "etc/motd")
                .symlink("link", "etc/motd");
    }

    private byte[] read(Path image, String file) throws Exception {
        try (FileChannel channel = FileChannel.open(image)) {
            SifObject root = SifImage.read(ImageBytes.of(channel)).objects().stream()
                    .filter(SifObject::isPrimarySystem)
                    .findFirst()
                    .orElseThrow();
            return SquashfsReader.find()
                    .orElseThrow()
                    .read(image, root.offset(), file)
                    .orElseThrow();
        }
    }

    private String text(Path image, String file) throws Exception {
        return new String(read(image, file), StandardCharsets.UTF_8);
    }

    @Test
    void layersOfAllPackingsBecomeOneTree() throws Exception {
        Path image = convert(
                layout().gzip(base().bytes())
                        .zstd(upper().bytes())
                        .plain(new TarMaker().file("top", "t").bytes()),
                "a.sif");
        assertThat(text(image, "etc/motd")).isEqualTo("high");
        assertThat(text(image, "etc/motd2")).isEqualTo("high");
        assertThat(text(image, "bin/tool")).isEqualTo("#!");
        assertThat(text(image, "top")).isEqualTo("t");
        assertThat(read(image, "etc/resolv.conf")).isEmpty();
        assertThat(text(image, ".singularity.d/actions/exec")).contains("exec \"$@\"");
    }

    @Test
    void theConfigurationBecomesScriptsThatMeanTheSame() throws Exception {
        Path image = convert(layout().gzip(base().bytes()), "a.sif");
        Path environment =
                Files.write(directory.resolve("e"), read(image, ".singularity.d/env/10-docker2singularity.sh"));
        assertThat(shell("HOME=/h; unset QUOTES; . " + environment + "; echo \"$PATH:$QUOTES\""))
                .isEqualTo("/opt/bin:/bin:it's \"$HOME\" `x`\n");
        assertThat(shell("QUOTES=mine; . " + environment + "; echo \"$QUOTES\""))
                .isEqualTo("mine\n");
        Path run = Files.write(directory.resolve("r"), read(image, ".singularity.d/runscript"));
        assertThat(shell("sh " + run)).isEqualTo("it's $HOME\n");
        assertThat(shell("sh " + run + " 'a  b' '$c'")).isEqualTo("it's a  b $c\n");
    }

    private static String shell(String script) throws Exception {
        return new String(
                new Tool(Path.of("/bin/sh")).run(List.of("-c", script), 4096, Duration.ofSeconds(10)),
                StandardCharsets.UTF_8);
    }

    @Test
    void objectsAreThoseThatSifToolsWrite() throws Exception {
        Path image = convert(layout().gzip(base().bytes()), "a.sif");
        try (FileChannel channel = FileChannel.open(image)) {
            ImageBytes bytes = ImageBytes.of(channel);
            SifImage sif = SifImage.read(bytes);
            assertThat(sif.objects().stream().map(SifObject::name).toList())
                    .startsWith("inspect-metadata.json", "oci-config.json");
            assertThat(sif.header().created()).isEqualTo(1767323045L);
            assertThat(new String(sif.metadata(bytes, sif.objects().get(1)), StandardCharsets.UTF_8))
                    .startsWith("{\"Env\":[\"PATH=/opt/bin:/bin\"");
            InspectMetadata metadata = ImageInspector.inspect(image, sif, bytes);
            assertThat(metadata.labels()).containsEntry("a", "1").containsKey("dev.dunnage.oci.manifest");
            assertThat(metadata.texts()).containsKeys("runscript", "startscript");
        }
    }

    @Test
    void equalImagesGiveEqualFiles() throws Exception {
        Path one = convert(layout().gzip(base().bytes()).gzip(upper().bytes()), "one.sif");
        Thread.sleep(1100);
        Path two = convert(layout().gzip(base().bytes()).gzip(upper().bytes()), "two.sif");
        assertThat(Files.mismatch(one, two)).isEqualTo(-1);
    }

    @Test
    void aBadLayerLeavesNothingBehindAndWhatWasThereAlone() throws Exception {
        byte[] tar = base().bytes();
        Path target = Files.writeString(directory.resolve("a.sif"), "before");
        OciLayoutMaker bad = layout().layer(Arrays.copyOf(tar, 700), OciLayoutMaker.digest(tar), "tar");
        assertThatThrownBy(() -> convert(bad, "a.sif"))
                .isInstanceOf(OciException.class)
                .hasMessageContaining("layer 1 of 1");
        assertThat(Files.readString(target)).isEqualTo("before");
        try (Stream<Path> left = Files.list(directory)) {
            assertThat(left.map(path -> path.getFileName().toString())).containsExactlyInAnyOrder("layout", "a.sif");
        }
    }

    @Test
    void blobsAndConfigurationsAreChecked() throws Exception {
        OciLayoutMaker damaged = layout().gzip(base().bytes());
        Path blobs = damaged.write().resolve("blobs/sha256");
        try (Stream<Path> all = Files.list(blobs)) {
            Path largest = all.max((a, b) ->
                            Long.compare(a.toFile().length(), b.toFile().length()))
                    .orElseThrow();
            byte[] content = Files.readAllBytes(largest);
            content[content.length / 2] ^= 1;
            Files.write(largest, content);
        }
        assertThatThrownBy(() -> OciLayout.read(directory.resolve("layout"), Optional.empty(), Architecture.AMD64))
                .isInstanceOf(OciException.class)
                .hasMessageContaining("does not have the content");
        OciLayoutMaker windows = new OciLayoutMaker(directory.resolve("w")).system("windows");
        assertThatThrownBy(() -> convert(windows, "w.sif")).hasMessageContaining("another system than Linux");
        OciLayoutMaker packed = new OciLayoutMaker(directory.resolve("x"))
                .layer(new byte[] {(byte) 0xfd, '7', 'z', 'X', 'Z', 0}, OciLayoutMaker.digest(new byte[0]), "tar+xz");
        assertThatThrownBy(() -> convert(packed, "x.sif")).hasMessageContaining("packed with xz");
        OciLayoutMaker sif = new OciLayoutMaker(directory.resolve("s"))
                .layer(new byte[9], OciLayoutMaker.digest(new byte[9]), "sif");
        assertThatThrownBy(() -> convert(sif, "s.sif")).isInstanceOf(OciException.class);
        assertThatThrownBy(() -> OciLayout.read(directory, Optional.empty(), Architecture.AMD64))
                .hasMessageContaining("no OCI image layout");
        assertThatThrownBy(() -> OciLayout.read(layout().write(), Optional.of("no"), Architecture.AMD64))
                .hasMessageContaining("0 images with the tag no");
    }
}
