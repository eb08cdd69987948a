package dev.dunnage.launcher.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dunnage.launcher.fixture.TarMaker;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MergedLayersTest {
    private static final ConversionLimits LIMITS = new ConversionLimits(1000, 8 << 20, 500);

    @TempDir
    private static Path scratch;

    private static TarMaker tar() {
        return new TarMaker();
    }

    private static MergedLayers merge(TarMaker... lowestFirst) throws Exception {
        List<OciLayer> layers = new ArrayList<>();
        for (TarMaker each : lowestFirst) {
            byte[] bytes = each.bytes();
            layers.add(layer("layer " + (layers.size() + 1), bytes));
        }
        return MergedLayers.of(layers, LIMITS, bytes -> {}, Scratch.in(scratch), Gunzip.java());
    }

    private static OciLayer layer(String name, byte[] bytes) {
        return new OciLayer(name, () -> new ByteArrayInputStream(bytes), bytes.length);
    }

    /** Every name with what is there: content, {@code -> target}, {@code = other name}, {@code /}, or the type's letter. */
    private static Map<String, String> shown(MergedLayers merged) throws Exception {
        Map<String, String> shown = new TreeMap<>();
        for (TarArchiveEntry entry : entries(merged, Owners.ROOT, shown)) {
            assertThat(entry.getName()).doesNotContain("..");
        }
        return shown;
    }

    private static List<TarArchiveEntry> entries(MergedLayers merged, Owners owners, Map<String, String> shown)
            throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        merged.writeTo(out, owners);
        List<TarArchiveEntry> entries = new ArrayList<>();
        TarArchiveInputStream in = new TarArchiveInputStream(new ByteArrayInputStream(out.toByteArray()), "UTF-8");
        for (TarArchiveEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
            String what = entry.isDirectory()
                    ? "/"
                    : entry.isSymbolicLink()
                            ? "-> " + entry.getLinkName()
                            : entry.isLink()
                                    ? "= " + entry.getLinkName()
                                    : entry.isFIFO() ? "p" : new String(in.readAllBytes(), StandardCharsets.UTF_8);
            assertThat(shown.put(entry.getName(), what))
                    .as("twice: " + entry.getName())
                    .isNull();
            entries.add(entry);
        }
        return entries;
    }

    @Test
    void upperLayersReplaceAndAddFiles() throws Exception {
        MergedLayers merged = merge(
                tar().directory("etc").file("etc/a", "1").file("etc/b", "1"),
                tar().file("etc/b", "2").file("new/deep/c", "2"));
        assertThat(shown(merged)).isEqualTo(Map.of("etc/", "/", "etc/a", "1", "etc/b", "2", "new/deep/c", "2"));
    }

    @Test
    void whiteoutsRemoveFilesAndTrees() throws Exception {
        MergedLayers merged = merge(
                tar().file("d/x/1", "1").file("d/y", "1").file("keep", "1"),
                tar().file("d/.wh.x", "").file(".wh.nothing", "").file("no/such/.wh.file", ""));
        assertThat(shown(merged)).isEqualTo(Map.of("d/y", "1", "keep", "1"));
    }

    @Test
    void whiteoutsSpareWhatTheirOwnLayerBringsWhateverTheOrder() throws Exception {
        TarMaker low = tar().file("d/old", "1").file("e/old", "1").file("f", "1");
        assertThat(shown(merge(
                        low,
                        tar().file("d/new", "2")
                                .file(".wh.d", "")
                                .file(".wh.e", "")
                                .file("e/new", "2")
                                .file("f", "2")
                                .file(".wh.f", ""))))
                .isEqualTo(Map.of("d/new", "2", "e/new", "2", "f", "2"));
    }

    @Test
    void opaqueDirectoriesHideAllBelowAtEveryDepth() throws Exception {
        MergedLayers merged = merge(
                tar().directory("d").file("d/a", "1").file("d/sub/b", "1").file("other", "1"),
                tar().directory("d").directory("d/sub").file("d/sub/new", "2").file("d/.wh..wh..opq", ""));
        assertThat(shown(merged)).isEqualTo(Map.of("d/", "/", "d/sub/", "/", "d/sub/new", "2", "other", "1"));
    }

    @Test
    void filesOfAufsAreNoFiles() throws Exception {
        assertThat(shown(merge(tar().file("a", "1").directory(".wh..wh.plnk").file(".wh..wh.aufs", ""))))
                .isEqualTo(Map.of("a", "1"));
    }

    @Test
    void filesAndDirectoriesReplaceEachOther() throws Exception {
        MergedLayers merged = merge(
                tar().file("a/b/c", "1").file("x", "1").symlink("l", "a").symlink("m", "a"),
                tar().file("a", "2").file("x/y", "2").directory("l").file("m", "2"));
        assertThat(shown(merged)).isEqualTo(Map.of("a", "2", "x/y", "2", "l/", "/", "m", "2"));
    }

    @Test
    void theLastOfEntriesWithOneNameCounts() throws Exception {
        assertThat(shown(merge(tar().file("a", "1").file("./a", "2").file("/a", "3"))))
                .isEqualTo(Map.of("a", "3"));
    }

    @Test
    void hardLinksShareOneFile() throws Exception {
        MergedLayers merged =
                merge(tar().file("a", "1"), tar().hardLink("b", "a").hardLink("c", "./b"));
        assertThat(shown(merged)).isEqualTo(Map.of("a", "1", "b", "= a", "c", "= a"));
    }

    @Test
    void aHardLinkKeepsTheFileWhoseFirstNameIsGoneOrReplaced() throws Exception {
        MergedLayers merged = merge(
                tar().file("a", "1").hardLink("b", "a").file("c", "1").hardLink("d", "c"),
                tar().file(".wh.a", "").file("c", "2"));
        assertThat(shown(merged)).isEqualTo(Map.of("b", "1", "c", "2", "d", "1"));
    }

    @Test
    void aHardLinkToItselfChangesNothing() throws Exception {
        assertThat(shown(merge(tar().file("a", "1").hardLink("a", "a")))).isEqualTo(Map.of("a", "1"));
    }

    @Test
    void namesBehindSymbolicLinksLandWhereTheLinkLeads() throws Exception {
        MergedLayers merged = merge(
                tar().directory("usr")
                        .directory("usr/lib")
                        .symlink("lib", "usr/lib")
                        .symlink("abs", "/usr"),
                tar().file("lib/a", "2").file("abs/lib/b", "2").file("lib/.wh.c", ""),
                tar().file("lib/.wh.a", ""));
        assertThat(shown(merged))
                .isEqualTo(
                        Map.of("usr/", "/", "usr/lib/", "/", "lib", "-> usr/lib", "abs", "-> /usr", "usr/lib/b", "2"));
    }

    @Test
    void symbolicLinksNeverLeadOutOfTheTree() throws Exception {
        MergedLayers merged = merge(tar().symlink("out", "../../../../tmp").file("out/a", "1"));
        assertThat(shown(merged)).isEqualTo(Map.of("out", "-> ../../../../tmp", "tmp/a", "1"));
    }

    @Test
    void devicesAreLeftOutAndCounted() throws Exception {
        MergedLayers merged =
                merge(tar().file("dev/null", "x"), tar().device("dev/null").fifo("run/pipe"));
        assertThat(shown(merged)).isEqualTo(Map.of("run/pipe", "p"));
        assertThat(merged.devices()).isEqualTo(1);
    }

    @Test
    void attributesAreThoseOfTheHighestLayer() throws Exception {
        Map<String, String> pax = Map.of(
                "SCHILY.xattr.user.note", "ü",
                "SCHILY.xattr.security.capability", "\u0001\u0000\u0000\u0002",
                "SCHILY.xattr.security.selinux", "x",
                "SCHILY.xattr.trusted.overlay.opaque", "y",
                "SCHILY.xattr.user.overlay.redirect", "/etc");
        List<TarArchiveEntry> entries = entries(merge(tar().file("a", "1", 04755, pax)), Owners.ROOT, new TreeMap<>());
        assertThat(entries).hasSize(1);
        TarArchiveEntry entry = entries.get(0);
        assertThat(entry.getMode() & 07777).isEqualTo(04755);
        assertThat(entry.getLongUserId()).isZero();
        assertThat(entry.getLastModifiedTime().toMillis()).isEqualTo(1_700_000_000_000L);
        assertThat(entry.getExtraPaxHeaders())
                .isEqualTo(Map.of(
                        "SCHILY.xattr.user.note", "ü", "SCHILY.xattr.security.capability", "\u0001\u0000\u0000\u0002"));
    }

    @Test
    void ownersCanBeThoseOfTheImage() throws Exception {
        List<TarArchiveEntry> entries = entries(merge(tar().file("a", "1")), Owners.IMAGE, new TreeMap<>());
        assertThat(entries.get(0).getLongUserId()).isEqualTo(1234);
        assertThat(entries.get(0).getLongGroupId()).isEqualTo(4321);
    }

    @Test
    void longNamesAndOddCharactersSurvive() throws Exception {
        String name = "d/" + "x".repeat(200) + "/é\n" + "y".repeat(150);
        assertThat(shown(merge(tar().file(name, "1")))).isEqualTo(Map.of(name, "1"));
    }

    @Test
    void equalLayersGiveEqualBytes() throws Exception {
        ByteArrayOutputStream one = new ByteArrayOutputStream();
        ByteArrayOutputStream two = new ByteArrayOutputStream();
        merge(tar().file("b/c", "1").file("a", "1").hardLink("z", "a")).writeTo(one, Owners.ROOT);
        Thread.sleep(1100); // a time of this machine would show
        merge(tar().file("b/c", "1").file("a", "1").hardLink("z", "a")).writeTo(two, Owners.ROOT);
        assertThat(one.toByteArray()).isEqualTo(two.toByteArray());
    }

    @Test
    void hasFollowsLinks() throws Exception {
        MergedLayers merged = merge(
                tar().directory("run").symlink("var", "run").file("run/a", "1").symlink("lost", "no"));
        assertThat(merged.has("var")).isTrue();
        assertThat(merged.has("var/a")).isTrue();
        assertThat(merged.has("lost")).isFalse();
        assertThat(merged.has("b")).isFalse();
    }

    private static void refused(String why, TarMaker... layers) {
        assertThatThrownBy(() -> shown(merge(layers)))
                .isInstanceOf(OciException.class)
                .hasMessageContaining(why)
                .hasMessageContaining("layer " + layers.length)
                .hasMessageNotContaining("\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"../a", "a/../../b", "/../a", ".."})
    void namesThatClimbOutAreRefused(String name) throws IOException {
        refused("climbs out", tar().file(name, "1"));
        refused("climbs out", tar().file("a", "1").hardLink("b", name));
    }

    @Test
    void hardLinksToNothingOrToDirectoriesAreRefused() throws IOException {
        refused("hard link", tar().hardLink("b", "a"));
        refused("hard link", tar().directory("a").hardLink("b", "a"));
        refused("hard link", tar().file("a", ""), tar().file(".wh.a", "").hardLink("b", "a"));
    }

    @Test
    void loopsOfLinksAreRefused() throws IOException {
        refused("loop", tar().symlink("a", "b").symlink("b", "a").file("a/c", "1"));
    }

    @Test
    void namesThatNoFileSystemHoldsAreRefused() throws IOException {
        refused("no file system", tar().file("x".repeat(256), "1"));
        refused("no file system", tar().file("é".repeat(128), "1"));
        refused("no file system", tar().file("x/".repeat(2100) + "y", "1"));
        refused("no file system", tar().symlink("a", "x".repeat(4097)));
        refused("deep", tar().file("x/".repeat(600) + "y", "1"));
        refused("without a target", tar().symlink("a", ""));
    }

    @Test
    void nonsenseIsRefused() throws IOException {
        refused("unknown type", tar().put("a", (byte) 'Q', "", 0644, Map.of()));
        refused("whiteout", tar().file(".wh.", ""));
        refused("whiteout", tar().file(".wh...", ""));
        refused("header of one file", tar().file("a", "", 0644, Map.of("comment", "x".repeat(5 << 20))));
    }

    @Test
    void tooMuchIsRefused() throws IOException {
        TarMaker many = tar();
        for (int each = 0; each <= LIMITS.entries(); each++) {
            many.file("f" + each, "");
        }
        assertThatThrownBy(() -> merge(many))
                .isInstanceOf(OciException.class)
                .hasMessageContaining("more than 1000 files");
        refused("unpacks to more than", tar().file("bomb", "0".repeat(9 << 20)));
    }

    @Test
    void cutArchivesAreRefused() throws Exception {
        byte[] whole = tar().file("a", "1".repeat(5000)).bytes();
        for (int length : new int[] {100, 511, 513, 3000}) {
            byte[] cut = Arrays.copyOf(whole, length);
            OciLayer layer = layer("layer 1", cut);
            assertThatThrownBy(
                            () -> MergedLayers.of(List.of(layer), LIMITS, count -> {}, Scratch.none(), Gunzip.java()))
                    .as("cut to " + length)
                    .isInstanceOf(OciException.class)
                    .hasMessageContaining("layer 1");
        }
    }

    @Test
    void claimsOfHugeSizesAreRefused() throws Exception {
        byte[] bytes = tar().file("a", "1").bytes();
        byte[] size = "77777777777".getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(size, 0, bytes, 124, size.length);
        OciLayer layer = layer("layer 1", withChecksum(bytes));
        assertThatThrownBy(() -> MergedLayers.of(List.of(layer), LIMITS, count -> {}, Scratch.none(), Gunzip.java()))
                .isInstanceOf(OciException.class)
                .hasMessageContaining("layer 1");
    }

    private static byte[] withChecksum(byte[] bytes) {
        Arrays.fill(bytes, 148, 156, (byte) ' ');
        int sum = 0;
        for (int at = 0; at < 512; at++) {
            sum += bytes[at] & 0xff;
        }
        byte[] digits = String.format("%06o\0 ", sum).getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(digits, 0, bytes, 148, 8);
        return bytes;
    }

    @Test
    void whatWasKeptMakesNoDifference() throws Exception {
        byte[] low = tar().file("a", "x".repeat(100_000)).file("b", "gone").bytes();
        byte[] high = tar().file("b", "high").hardLink("c", "b").bytes();
        List<OciLayer> layers = List.of(layer("layer 1", low), layer("layer 2", high));
        ByteArrayOutputStream plain = new ByteArrayOutputStream();
        MergedLayers.of(layers, LIMITS, bytes -> {}, Scratch.none(), Gunzip.java())
                .writeTo(plain, Owners.ROOT);
        for (Scratch place :
                List.of(Scratch.in(scratch), Scratch.in(scratch, low.length), Scratch.in(scratch.resolve("absent")))) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            try (MergedLayers merged = MergedLayers.of(layers, LIMITS, bytes -> {}, place, Gunzip.java())) {
                merged.writeTo(out, Owners.ROOT);
            }
            assertThat(out.toByteArray()).isEqualTo(plain.toByteArray());
        }
        try (Stream<Path> left = Files.list(scratch)) {
            assertThat(left).isEmpty();
        }
    }
}
