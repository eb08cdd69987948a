package dev.dunnage.sif.verify;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.dunnage.sif.ImageBytes;
import dev.dunnage.sif.SifImage;
import dev.dunnage.sif.TestImages;
import dev.dunnage.sif.key.KeyRing;
import dev.dunnage.sif.key.PemKeys;
import dev.dunnage.sif.key.SignerCertificates;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Verification of groups and single objects, as the peers do it. */
class ScopeTest {
    private static final Path CORPUS =
            Path.of(System.getProperty("dunnage.corpus", "absent")).resolve("sif");

    private record Run(String file, String args, int exit, List<Long> objects) {}

    @Test
    void corpusIsThere() throws Exception {
        assertThat(runs()).hasSizeGreaterThan(60);
    }

    private static List<Run> runs() throws Exception {
        Assumptions.assumeTrue(Files.isDirectory(CORPUS), "SKIPPED: corpus not found at " + CORPUS);
        JsonNode manifest =
                new YAMLMapper().readTree(CORPUS.resolve("manifest.yaml").toFile());
        List<Run> runs = new ArrayList<>();
        for (JsonNode images :
                List.of(manifest.get("images"), manifest.get("peer_images").get("files"))) {
            images.forEach(image -> image.path("peer")
                    .path("more_runs")
                    .forEach(run -> runs.add(run(image.get("file").asText(), run))));
        }
        return runs;
    }

    private static Run run(String file, JsonNode run) {
        TreeSet<Long> objects = new TreeSet<>();
        run.path("verified").forEach(signer -> signer.path("objects").forEach(object -> objects.add(object.asLong())));
        return new Run(file, run.get("args").asText(), run.get("exit").asInt(), List.copyOf(objects));
    }

    /** The peers have other defaults for legacy signatures, and a form that checks object by object. */
    private static boolean isOurs(Run run) {
        return !run.args().contains("--all")
                && (!run.args().contains("--legacy") || run.args().matches(".*-[gi] .*"));
    }

    @TestFactory
    Stream<DynamicTest> endsAsWithThePeers() throws Exception {
        return runs().stream()
                .filter(ScopeTest::isOurs)
                .map(run -> DynamicTest.dynamicTest(run.file() + " " + run.args(), () -> check(run)));
    }

    private static void check(Run run) throws Exception {
        ImageBytes bytes = TestImages.of(CORPUS.resolve(run.file()));
        SifImage image = SifImage.read(bytes);
        List<String> args = List.of(run.args().split(" "));
        SifVerifier verifier = verifier(run.file(), args);
        VerifyScope scope = new VerifyScope.Image();
        if (args.contains("-g")) {
            scope = new VerifyScope.Group(Long.parseLong(after(args, "-g")));
        } else if (args.contains("-i")) {
            scope = new VerifyScope.SingleObject(Long.parseLong(after(args, "-i")));
        }
        Verification result = args.contains("--legacy-insecure")
                ? verifier.verifyLegacy(image, bytes, scope)
                : verifier.verify(image, bytes, scope);
        assertThat(result.accepted()).as(result.rejection().orElse("")).isEqualTo(run.exit() == 0);
        if (result.accepted()) {
            TreeSet<Long> proven = new TreeSet<>();
            result.signatures().forEach(signature -> proven.addAll(signature.objects()));
            assertThat(proven).containsExactlyElementsOf(run.objects());
        }
    }

    private static SifVerifier verifier(String file, List<String> args) throws Exception {
        if (args.contains("--key")) {
            PemKeys keys = PemKeys.read(CORPUS.resolve(after(args, "--key")));
            return new SifVerifier(KeyRing.empty(), keys, TestImages.CLOCK);
        }
        if (args.contains("--certificate")) {
            List<Path> roots = args.contains("--certificate-roots")
                    ? List.of(CORPUS.resolve(after(args, "--certificate-roots")))
                    : List.of();
            SignerCertificates certificates =
                    SignerCertificates.read(CORPUS.resolve(after(args, "--certificate")), List.of(), roots);
            return new SifVerifier(KeyRing.empty(), PemKeys.empty(), certificates, TestImages.CLOCK);
        }
        String ring = file.startsWith("peer/") ? "peer/keys/public.asc" : "keys/ring.pgp";
        return new SifVerifier(KeyRing.read(CORPUS.resolve(ring)), TestImages.CLOCK);
    }

    private static String after(List<String> args, String option) {
        return args.get(args.indexOf(option) + 1);
    }

    @ParameterizedTest
    @CsvSource({"9, 0, no group 9", "0, 9, no object 9 in a group", "0, 6, no object 6 in a group"})
    void saysThatTheScopeIsEmpty(long group, long object, String reason) throws Exception {
        ImageBytes bytes = TestImages.image("two-groups-mixed");
        VerifyScope scope = object == 0 ? new VerifyScope.Group(group) : new VerifyScope.SingleObject(object);
        KeyRing ring = KeyRing.read(TestImages.file("keys/ring.pgp"));
        assertThat(new SifVerifier(ring, TestImages.CLOCK)
                        .verify(SifImage.read(bytes), bytes, scope)
                        .rejection())
                .hasValueSatisfying(text -> assertThat(text).contains(reason));
    }

    @ParameterizedTest
    @CsvSource({"1, 8F1CDA07E78D8977D563FEC48F7375D9147D09E0", "2, 25404559E0E349DCF06F58BB138521E3844DF69B"})
    void namesTheSignersOfTheScope(long group, String signer) throws Exception {
        ImageBytes bytes = TestImages.image("two-groups-mixed");
        KeyRing ring = KeyRing.read(TestImages.file("keys/ring.pgp"));
        Verification result = new SifVerifier(ring, TestImages.CLOCK)
                .verify(SifImage.read(bytes), bytes, new VerifyScope.Group(group));
        assertThat(result.signersOfEveryGroup()).containsExactly(signer);
        assertThat(result.signatures()).hasSize(1);
    }
}
