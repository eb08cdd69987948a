package dev.dunnage.sif;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.dunnage.sif.key.KeyRing;
import dev.dunnage.sif.key.PemKeys;
import dev.dunnage.sif.verify.SifVerifier;
import dev.dunnage.sif.verify.Verification;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Every image of the corpus: what reading and verifying must give, as its manifest demands. */
class CorpusTest {
    private static final Path CORPUS =
            Path.of(System.getProperty("dunnage.corpus", "absent")).resolve("sif");

    private record Entry(
            String file, String parse, String verify, boolean pemOnly, String legacy, List<Signer> signers) {}

    private record Signer(String key, String fingerprint) {}

    /** Reports count no factory that was aborted, so the absence is told here as well. */
    @Test
    void corpusIsThere() throws IOException {
        assertThat(entries()).isNotEmpty();
    }

    private static List<Entry> entries() throws IOException {
        Assumptions.assumeTrue(Files.isDirectory(CORPUS), "SKIPPED: corpus not found at " + CORPUS);
        JsonNode manifest =
                new YAMLMapper().readTree(CORPUS.resolve("manifest.yaml").toFile());
        List<Entry> entries = new ArrayList<>();
        manifest.get("images").forEach(node -> entries.add(entry(node)));
        manifest.get("peer_images").get("files").forEach(node -> entries.add(entry(node)));
        assertThat(entries).hasSizeGreaterThan(150);
        return entries;
    }

    private static Entry entry(JsonNode node) {
        List<Signer> signers = new ArrayList<>();
        node.path("signers")
                .forEach(signer -> signers.add(new Signer(
                        signer.path("key").asText(), signer.path("fingerprint").asText(""))));
        return new Entry(
                node.get("file").asText(),
                node.path("parse").asText("ok"),
                node.get("verify").asText(),
                node.has("verify_with"),
                node.path("verify_legacy").asText(""),
                signers);
    }

    @TestFactory
    Stream<DynamicTest> reading() throws IOException {
        return entries().stream().map(entry -> DynamicTest.dynamicTest(entry.file(), () -> checkReading(entry)));
    }

    private static void checkReading(Entry entry) throws IOException {
        Optional<SifFormatException> problem = Optional.empty();
        try {
            SifImage.read(TestImages.of(CORPUS.resolve(entry.file())));
        } catch (SifFormatException e) {
            problem = Optional.of(e);
        }
        switch (entry.parse()) {
            case "ok" -> assertThat(problem).isEmpty();
            case "error" -> assertThat(problem).isPresent();
            case "either" -> {}
            default -> fail("the manifest demands " + entry.parse());
        }
        problem.ifPresent(e -> assertThat(e).hasMessageContaining(e.field()).hasMessageContaining(e.value()));
    }

    @TestFactory
    Stream<DynamicTest> verifying() throws Exception {
        List<Entry> entries = entries();
        KeyRing ring = KeyRing.read(CORPUS.resolve("keys/ring.pgp"));
        KeyRing peers = KeyRing.read(CORPUS.resolve("peer/keys/public.asc"));
        return entries.stream()
                .map(entry -> DynamicTest.dynamicTest(
                        entry.file(), () -> checkVerifying(entry, entry.file().startsWith("peer/") ? peers : ring)));
    }

    private static void checkVerifying(Entry entry, KeyRing ring) throws IOException {
        ImageBytes bytes = TestImages.of(CORPUS.resolve(entry.file()));
        SifImage image;
        try {
            image = SifImage.read(bytes);
        } catch (SifFormatException e) {
            assertThat(entry.verify()).isNotEqualTo("accept");
            return;
        }
        Verification result = new SifVerifier(ring, TestImages.CLOCK).verify(image, bytes);
        // Such an image verifies with PEM keys only, which this verifier was not given.
        check(result, entry.pemOnly() ? "reject" : entry.verify());
        if (result.accepted()) {
            assertThat(result.signersOfAnyGroup())
                    .isEqualTo(entry.signers().stream()
                            .map(Signer::fingerprint)
                            .collect(Collectors.toCollection(TreeSet::new)));
        }
    }

    private static void check(Verification result, String demanded) {
        switch (demanded) {
            case "accept" -> assertThat(result.rejection()).isEmpty();
            case "reject" -> assertThat(result.rejection()).isPresent();
            case "either" -> {}
            default -> fail("the manifest demands " + demanded);
        }
        result.rejection().ifPresent(reason -> assertThat(reason).hasLineCount(1));
    }

    @TestFactory
    Stream<DynamicTest> verifyingWithPemKeys() throws IOException {
        List<Entry> entries = entries().stream().filter(Entry::pemOnly).toList();
        assertThat(entries).hasSizeGreaterThan(5);
        return entries.stream().map(entry -> DynamicTest.dynamicTest(entry.file(), () -> checkPem(entry)));
    }

    private static void checkPem(Entry entry) throws Exception {
        ImageBytes bytes = TestImages.of(CORPUS.resolve(entry.file()));
        SifImage image = SifImage.read(bytes);
        for (Signer signer : entry.signers()) {
            String file = signer.key().replaceFirst("^pem:(.*)", "keys/pem/$1.pub.pem");
            PemKeys keys = PemKeys.read(CORPUS.resolve(file));
            Verification result = new SifVerifier(KeyRing.empty(), keys, TestImages.CLOCK).verify(image, bytes);
            check(result, entry.verify());
            if (result.accepted()) {
                assertThat(result.signersOfEveryGroup())
                        .containsExactly(keys.keys().get(0).facts().fingerprint());
            }
        }
        PemKeys other = PemKeys.read(CORPUS.resolve("peer/keys/ecdsa-public.pem"));
        check(new SifVerifier(KeyRing.empty(), other, TestImages.CLOCK).verify(image, bytes), "reject");
    }

    @TestFactory
    Stream<DynamicTest> verifyingLegacy() throws Exception {
        List<Entry> entries =
                entries().stream().filter(entry -> !entry.legacy().isEmpty()).toList();
        assertThat(entries).hasSizeGreaterThan(5);
        KeyRing ring = KeyRing.read(CORPUS.resolve("keys/ring.pgp"));
        return entries.stream()
                .map(entry -> DynamicTest.dynamicTest(entry.file(), () -> {
                    ImageBytes bytes = TestImages.of(CORPUS.resolve(entry.file()));
                    check(
                            new SifVerifier(ring, TestImages.CLOCK).verifyLegacy(SifImage.read(bytes), bytes),
                            entry.legacy());
                }));
    }

    @TestFactory
    Stream<DynamicTest> verifyingLegacyOfPeers() throws Exception {
        List<Entry> entries = entries().stream()
                .filter(entry -> entry.file().contains("-signed-"))
                .filter(entry -> entry.file().startsWith("peer/"))
                .toList();
        KeyRing ring = KeyRing.read(CORPUS.resolve("peer/keys/public.asc"));
        return entries.stream()
                .map(entry -> DynamicTest.dynamicTest(entry.file(), () -> {
                    ImageBytes bytes = TestImages.of(CORPUS.resolve(entry.file()));
                    Verification result =
                            new SifVerifier(ring, TestImages.CLOCK).verifyLegacy(SifImage.read(bytes), bytes);
                    check(result, entry.file().contains("legacy") ? "accept" : "reject");
                }));
    }

    @TestFactory
    Stream<DynamicTest> listing() throws IOException {
        return entries().stream()
                .filter(entry -> !entry.parse().equals("error") && Files.exists(expectedList(entry)))
                .map(entry -> DynamicTest.dynamicTest(entry.file(), () -> checkListing(entry)));
    }

    private static Path expectedList(Entry entry) {
        String name = entry.file().replaceFirst("^images/", "").replaceFirst("\\.sif$", ".list.txt");
        return CORPUS.resolve("expected").resolve(name);
    }

    private static void checkListing(Entry entry) throws IOException {
        Assumptions.assumeFalse(
                entry.file().equals("images/sig-hashtype.sif"),
                "SKIPPED: sig-hashtype: the peer stops in mid-line at an unknown hash code, we print Unknown");
        try {
            SifImage image = SifImage.read(TestImages.of(CORPUS.resolve(entry.file())));
            assertThat(SifListing.lines(image)).isEqualTo(Files.readAllLines(expectedList(entry)));
        } catch (SifFormatException e) {
            // The peer lists them; we need not, as long as nobody demands that they verify.
            assertThat(entry.parse()).as(e.getMessage()).isEqualTo("either");
            assertThat(entry.verify()).isNotEqualTo("accept");
            assertThat(e)
                    .hasMessageContainingAll(e.field(), e.value(), e.limit())
                    .message()
                    .hasLineCount(1);
        }
    }
}
