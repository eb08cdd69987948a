package dev.dunnage.launcher.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.dunnage.launcher.accounts.Accounts;
import dev.dunnage.launcher.fixture.SettableClock;
import dev.dunnage.launcher.fixture.TestSite;
import dev.dunnage.launcher.plan.Identity;
import dev.dunnage.launcher.plan.Recorder;
import dev.dunnage.launcher.plan.SiteFiles;
import dev.dunnage.launcher.plan.SitePaths;
import dev.dunnage.launcher.plan.StepPlanner;
import dev.dunnage.launcher.store.ImageStore;
import dev.dunnage.launcher.store.OpenImage;
import dev.dunnage.launcher.store.StoreLimits;
import dev.dunnage.launcher.wire.Code;
import dev.dunnage.launcher.wire.LaunchPlan;
import dev.dunnage.launcher.wire.LaunchRequest;
import dev.dunnage.launcher.wire.Refusal;
import dev.dunnage.launcher.wire.Reply;
import dev.dunnage.policy.OwnershipRule;
import dev.dunnage.sif.ImageBytes;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every case of the corpus of decisions, with its real image and list, through the command and through the planner. */
class EclCorpusTest {
    private static final Path CORPUS =
            Path.of(System.getProperty("dunnage.corpus", "absent")).resolve("sif");
    private static final String TIME = "2026-12-01T00:00:00Z";
    private static final String A = "8F1CDA07E78D8977D563FEC48F7375D9147D09E0";
    private static final String B = "25404559E0E349DCF06F58BB138521E3844DF69B";
    private static final String C = "3062A38F6D7B19124582D3055BE091D23BF4E6B7";
    private static final String REVOKED = "03F6B5EF72A03B89139788992CD7B40FFEFF587E";
    private static final String OUTSIDER = "0F7618EE34DDB785C279354BE8D1404C0773E7A7";

    @TempDir
    Path temporary;

    /** A site of the old kind: a list, a ring, and directories with images. */
    private record Place(Path base) {
        static Place in(Path directory) throws IOException {
            Place place = new Place(directory.toRealPath());
            Files.createDirectories(place.base().resolve("allowed/sub"));
            Files.createDirectories(place.base().resolve("other"));
            Files.createDirectories(place.base().resolve("keys"));
            Files.createSymbolicLink(
                    place.base().resolve("linkdir"), place.base().resolve("allowed"));
            return place;
        }

        String fill(String text) {
            return text.replace("${ALLOWED}", base.resolve("allowed").toString())
                    .replace("${OTHER}", base.resolve("other").toString())
                    .replace("${LINKDIR}", base.resolve("linkdir").toString())
                    .replace("${BASE}", base.toString());
        }

        Path list(String config) throws IOException {
            return Files.writeString(base.resolve("ecl.toml"), fill(config));
        }

        Path ring(String name) throws IOException {
            Path ring = base.resolve("keys/ring.pgp");
            if (name.equals("(empty)")) {
                return base.resolve("keys");
            }
            return Files.write(ring, Files.readAllBytes(CORPUS.resolve(name)));
        }

        Path image(String name, String directory) throws IOException {
            if (name.equals("SANDBOX")) {
                Path sandbox = Path.of(fill(directory)).resolve("SANDBOX");
                Files.createDirectories(sandbox.resolve("bin"));
                return sandbox;
            }
            Path image = Path.of(fill(directory)).resolve(Path.of(name).getFileName());
            return Files.write(image, Files.readAllBytes(CORPUS.resolve(name)));
        }

        Path opened(JsonNode corpusCase, Path image) throws IOException {
            return switch (corpusCase.path("opened_through").asText("")) {
                case "linkdir" -> base.resolve("linkdir").resolve(image.getFileName());
                case "symlink-in-allowed" -> Files.createSymbolicLink(base.resolve("allowed/link.sif"), image);
                default -> image;
            };
        }

        Command check(Path list, Path ring, Path image) {
            return Command.run("policy", "check", "--ecl", list, "--keyring", ring, "--time", TIME, "--json", image);
        }

        Reply plan(Path image) throws IOException {
            SettableClock clock = new SettableClock(Instant.parse(TIME));
            SiteFiles files = new SiteFiles(
                    new SitePaths(base.resolve("policy.yaml"), base.resolve("dunnage.yaml")),
                    OwnershipRule.any(),
                    clock,
                    SiteFiles.Life.SHORT,
                    line -> {});
            StepPlanner planner = new StepPlanner(
                    files,
                    () -> ImageStore.open(base.resolve("store"), StoreLimits.defaults(), clock),
                    Accounts.none(),
                    Recorder.none(),
                    clock,
                    line -> {});
            LaunchRequest request = TestSite.request(image.toRealPath());
            if (Files.isDirectory(image)) {
                ImageBytes nothing = ImageBytes.of(FileChannel.open(base.resolve("ecl.toml")));
                return planner.plan(request, Identity.ofPlugin(request), new OpenImage(nothing, image));
            }
            try (FileChannel channel = FileChannel.open(image)) {
                OpenImage open = new OpenImage(ImageBytes.of(channel), image);
                return planner.plan(request, Identity.ofPlugin(request), open);
            }
        }
    }

    private static List<JsonNode> cases() throws IOException {
        Assumptions.assumeTrue(Files.isDirectory(CORPUS), "SKIPPED: corpus not found at " + CORPUS);
        List<JsonNode> cases = new ArrayList<>();
        new YAMLMapper()
                .readTree(CORPUS.resolve("ecl-cases.yaml").toFile())
                .get("cases")
                .forEach(cases::add);
        return cases;
    }

    /** Reports count no factory that was aborted, so the absence is told here as well. */
    @Test
    void corpusIsThere() throws IOException {
        assertThat(cases()).hasSizeGreaterThan(150);
    }

    @TestFactory
    Stream<DynamicTest> decidesAsRequired() throws IOException {
        return cases().stream()
                .map(each -> DynamicTest.dynamicTest(each.get("name").asText(), () -> {
                    Place place = Place.in(Files.createTempDirectory(temporary, "case"));
                    Path list = place.list(each.get("config").asText());
                    Path ring = place.ring(each.get("global_keyring").asText());
                    Path image = place.image(
                            each.get("image").asText(), each.get("placed_in").asText());
                    Path opened = place.opened(each, image);
                    String required = each.get("required").asText();
                    check(place.check(list, ring, opened), required);
                    plan(place.plan(opened), required);
                }));
    }

    private static void check(Command run, String required) throws IOException {
        assertThat(run.out()).as(run.err()).hasLineCount(1);
        Map<String, Object> outcome = Json.object(run.out());
        assertThat(required).as(run.out()).isIn("any", outcome.get("decision"));
        assertThat(run.status()).isEqualTo("allow".equals(outcome.get("decision")) ? 0 : 3);
        assertThat(String.valueOf(outcome.get("reason"))).isNotEmpty();
        assertThat(String.valueOf(outcome.get("remedy")).isEmpty()).isEqualTo("allow".equals(outcome.get("decision")));
    }

    private static void plan(Reply reply, String required) {
        if (required.equals("allow")) {
            assertThat(reply).isInstanceOf(LaunchPlan.class);
        } else if (required.equals("deny")) {
            assertThat(reply).isInstanceOfSatisfying(Refusal.class, refusal -> {
                assertThat(refusal.code()).isIn(Code.POLICY, Code.CONFIG, Code.IMAGE_BAD);
                assertThat(refusal.message()).doesNotContain("\n");
            });
        }
    }

    /** Signatures put together as no case of the corpus has them; what the original tool does, unless it lets them pass. */
    @ParameterizedTest(name = "{0} {1}, {2}: {3}")
    @CsvSource({
        // a good one by A, and one in somebody's name that proves nothing
        "whitelist, A, two-signers-one-unknown, allow",
        "whitelist, O, two-signers-one-unknown, deny",
        "whitestrict, A O, two-signers-one-unknown, deny",
        "blacklist, O, two-signers-one-unknown, deny",
        "blacklist, B, two-signers-one-unknown, allow",
        // signed text and content were changed: nothing was proven
        "whitelist, A, sig-and-content-tampered, deny",
        "blacklist, C, sig-and-content-tampered, deny",
        "blacklist, C, sig-text, deny",
        // a signature of a kind that the ring knows nothing about spoils the image there
        "whitelist, A, dsse-and-pgp, deny",
        "whitestrict, A, dsse-and-pgp, deny",
        "blacklist, B, dsse-and-pgp, deny",
        // the key is in the ring, but revoked, expired or not for signing
        "whitelist, R, signed-revoked-r, deny",
        "blacklist, C, signed-revoked-r, deny",
        "blacklist, C, signed-expired-x, deny",
        "blacklist, C, signed-certonly-g, deny",
        "blacklist, C, sig-expired, deny",
        // signatures of something else
        "whitelist, A, sig-transplanted, deny",
        "whitelist, A, sig-relinked, deny",
        "whitelist, A, sig-fingerprint-zero, deny",
        "whitelist, A, appended-group1, deny",
        "whitelist, A, appended-group2, deny",
        "blacklist, C, appended-group2, deny",
        "whitelist, A, first-object-removed, deny",
        "whitelist, A, two-groups-only-2, deny",
        "blacklist, C, two-groups-only-2, deny",
        "blacklist, C, two-groups-mixed, deny",
        "blacklist, C, two-groups-signed, allow",
        "whitelist, A, two-groups-unsigned, deny",
        // damaged files are no images
        "whitelist, A, bad-magic, deny",
        "blacklist, C, bad-dtotal-huge, deny",
        "whitelist, A, empty, deny",
        // weak hashes
        "whitelist, A, gpg-sha1, deny",
        "blacklist, C, gpg-sha1, deny",
    })
    void combinations(String mode, String keys, String image, String required) throws Exception {
        cases();
        Assumptions.assumeTrue(Files.exists(CORPUS.resolve("images/" + image + ".sif")), "SKIPPED: no image " + image);
        Place place = Place.in(temporary);
        Map<String, String> names = Map.of("A", A, "B", B, "C", C, "R", REVOKED, "O", OUTSIDER);
        String list = Stream.of(keys.split(" ", -1))
                .map(key -> "\"" + names.get(key) + "\"")
                .collect(Collectors.joining(", "));
        Path ecl = place.list("activated = true\n[[execgroup]]\ntagname = \"g\"\nmode = \"" + mode
                + "\"\ndirpath = \"${ALLOWED}\"\nkeyfp = [" + list + "]\n");
        Path ring = place.ring("keys/ring.pgp");
        Path file = place.image("images/" + image + ".sif", "${ALLOWED}");
        check(place.check(ecl, ring, file), required);
        plan(place.plan(file), required);
    }

    @Test
    void aListBesideAPolicyIsAnError() throws Exception {
        cases();
        Place place = Place.in(temporary);
        place.list("activated = false\n");
        Files.writeString(place.base().resolve("policy.yaml"), "version: 1\necl: {activated: false}\n");
        Path file = place.image("images/unsigned.sif", "${ALLOWED}");
        assertThat(place.plan(file)).isInstanceOfSatisfying(Refusal.class, refusal -> {
            assertThat(refusal.code()).isEqualTo(Code.CONFIG);
            assertThat(refusal.message()).contains("ecl.toml", "stands beside", "policy.yaml", "only one of them");
        });
        Files.delete(place.base().resolve("policy.yaml"));
        assertThat(place.plan(file)).isInstanceOf(LaunchPlan.class);
    }
}
