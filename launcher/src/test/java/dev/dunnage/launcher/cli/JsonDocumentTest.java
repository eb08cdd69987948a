package dev.dunnage.launcher.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dunnage.launcher.fixture.ImageServer;
import dev.dunnage.launcher.fixture.TestSite;
import dev.dunnage.launcher.gpu.GpuState;
import dev.dunnage.launcher.mpi.ExplanationText;
import dev.dunnage.mpi.explain.Explanation;
import dev.dunnage.mpi.gpu.GpuMaker;
import dev.dunnage.sif.key.PgpSecretKey;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tables of docs/json.md name the members that the commands print, in their order. */
class JsonDocumentTest {
    private static final Path DOCUMENT = Path.of(System.getProperty("dunnage.root"), "docs", "json.md");

    @TempDir
    Path temporary;

    private TestSite site = new TestSite(Path.of("unset"));
    private Path image = Path.of("unset");

    @BeforeEach
    void prepare() throws Exception {
        site = TestSite.in(temporary);
        PgpSecretKey key = TestSite.newKey("signer");
        site.trust(key);
        site.policy("whitelist", key);
        image = site.image("a.sif", key);
    }

    @Test
    void version() throws Exception {
        assertDocumented("## dunnage version", members("version", "--json"));
    }

    @Test
    void verify() throws Exception {
        Map<String, Object> object = Json.object(
                Command.run("verify", "--json", "--keyring", site.keys(), image).out());
        assertDocumented("## dunnage verify", List.copyOf(object.keySet()));
        List<String> signer = new ArrayList<>();
        if (object.get("signers") instanceof List<?> signers && signers.get(0) instanceof Map<?, ?> first) {
            first.keySet().forEach(member -> signer.add(String.valueOf(member)));
        }
        assertDocumented("### signers", signer);
    }

    @Test
    void sif() throws Exception {
        assertDocumented("## dunnage sif list", members("sif", "list", "--json", image));
        assertDocumented("## dunnage sif header", members("sif", "header", "--json", image));
        assertDocumented("## dunnage sif add, del and setprim", members("sif", "setprim", "--json", 2, image));
    }

    @Test
    void sign() throws Exception {
        Path key = Files.writeString(
                site.root().resolve("key"), TestSite.newKey("a").armoredSecret());
        assertDocumented("## dunnage sign", members("sign", "--json", "--key", key, image));
    }

    @Test
    void policy() throws Exception {
        Path policy = site.paths().policy();
        assertDocumented("## dunnage policy check", members("policy", "check", "--json", "--policy", policy, image));
        Map<String, Object> explained =
                Json.object(Command.run("policy", "explain", "--json", "--policy", policy, image)
                        .out());
        List<String> all = new ArrayList<>(documented("## dunnage policy check"));
        all.addAll(documented("## dunnage policy explain"));
        assertThat(List.copyOf(explained.keySet())).isEqualTo(all);
        if (explained.get("rules") instanceof List<?> rules && rules.get(0) instanceof Map<?, ?> first) {
            assertDocumented(
                    "### rules", first.keySet().stream().map(String::valueOf).toList());
        }
        Path cases = Files.createDirectory(site.root().resolve("cases"));
        Files.writeString(
                cases.resolve("a.yaml"),
                "version: 1\npolicy: ../policy.yaml\ncases: [{name: a, image: {path: /x}, expect: deny}]\n");
        assertDocumented("## dunnage policy test", members("policy", "test", "--json", cases));
        assertDocumented(
                "## dunnage policy lint",
                members("policy", "lint", "--json", site.root().resolve("absent")));
    }

    @Test
    void keys() throws Exception {
        assertDocumented(
                "## dunnage key list, newpair, import and pull",
                members(
                        "key",
                        "newpair",
                        "--json",
                        "--name",
                        "A",
                        "--email",
                        "a@example.org",
                        "--no-passphrase",
                        "--output",
                        site.root().resolve("key")));
    }

    @Test
    void searchAndCache() throws Exception {
        try (ImageServer server = ImageServer.start()) {
            String host =
                    URI.create(server.file("/a.sif", Files.readAllBytes(image))).getAuthority();
            String hits =
                    "{\"data\": {\"container\": [{\"entityName\": \"e\", \"collectionName\": \"c\", \"name\": \"n\"}]}}";
            server.file("/v1/search", hits.getBytes(StandardCharsets.UTF_8));
            Path config = Files.writeString(
                    site.root().resolve("sources.yaml"), "version: 1\nregistries: {insecure: ['" + host + "']}\n");
            assertDocumented(
                    "## dunnage search", members("search", "--json", "--library", host, "--site-config", config, "n"));
            Path cache = site.root().resolve("cache");
            Command pull = Command.run(
                    "pull", "--to-cache", "--cache", cache, "--site-config", config, "http://" + host + "/a.sif");
            assertThat(pull.status()).as(pull.err()).isZero();
            List<String> listed = members("cache", "list", "--json", "--cache", cache, "--site-config", config);
            assertDocumented("## dunnage cache list", listed);
            List<String> verified = new ArrayList<>(listed);
            verified.addAll(documented("## dunnage cache verify"));
            assertThat(members("cache", "verify", "--json", "--cache", cache, "--site-config", config))
                    .isEqualTo(verified);
        }
    }

    @Test
    void mpi() throws Exception {
        Assumptions.assumeTrue(
                Files.isExecutable(Path.of("/usr/bin/mksquashfs")), "SKIPPED: squashfs-tools are not installed");
        Path tree = Files.createDirectories(temporary.resolve("tree"));
        Files.writeString(tree.resolve("file"), "");
        Path built = temporary.resolve("built.sif");
        assertThat(Command.run("build", built, tree).status()).isZero();
        Path absent = temporary.resolve("absent.yaml");
        Command all = Command.run(
                "mpi", "explain", "--json", "--settings", absent, "--container-require-transport=shm,ucx", built);
        // the image has no UCX, whatever the machine has
        assertThat(all.status()).as(all.err()).isEqualTo(3);
        Map<String, Object> explained = Json.object(all.out());
        assertDocumented("## dunnage mpi explain", List.copyOf(explained.keySet()));
        assertThat(String.valueOf(explained.get("required")))
                .containsSubsequence("shm", "holds", "ucx", "fails", "the image has no UCX");
        Path settings = Files.writeString(temporary.resolve("settings.yaml"), "version: 1\n");
        GpuState gpu = new GpuState(
                GpuMaker.AMD, "amdgpu", Optional.of("6.7"), Optional.empty(), List.of("/dev/x"), Optional.of("lost"));
        Explanation nothing = new Explanation("none", true, "pmix", "", List.of(), List.of());
        Map<String, Object> shown = ExplanationText.members(nothing, "", List.of(gpu), List.of());
        if (shown.get("gpus") instanceof List<?> gpus && gpus.get(0) instanceof Map<?, ?> first) {
            assertDocumented(
                    "### gpus", first.keySet().stream().map(String::valueOf).toList());
        }
        assertThat(ExplanationText.lines(nothing, "", List.of(gpu), List.of()))
                .contains("GPU of this machine:", "  - AMD: 1 device, driver amdgpu 6.7; lost");
        Command plain =
                Command.run("mpi", "explain", "--settings", settings, "--container-require-transport", "shm", built);
        assertThat(plain.status()).as(plain.err()).isZero();
        assertThat(plain.out()).contains("GPU of this machine:", "required transport:", "  + shm: ");
        Command unknown = Command.run("mpi", "explain", "--container-require-transport=shm,warp", built);
        assertThat(unknown.status()).isEqualTo(2);
        assertThat(unknown.err()).contains("warp: allowed are shm, cma").hasLineCount(1);
    }

    private static List<String> members(Object... arguments) throws IOException {
        Command run = Command.run(arguments);
        assertThat(run.out()).as(run.err()).isNotEmpty();
        return List.copyOf(
                Json.object(run.out().lines().findFirst().orElseThrow()).keySet());
    }

    private static void assertDocumented(String heading, List<String> members) {
        assertThat(members).as(heading).isEqualTo(documented(heading));
    }

    static List<String> documented(String heading) {
        List<String> lines;
        try {
            lines = Files.readAllLines(DOCUMENT);
        } catch (IOException e) {
            throw new IllegalStateException(DOCUMENT + " cannot be read", e);
        }
        List<String> table = lines.subList(lines.indexOf(heading) + 1, lines.size()).stream()
                .dropWhile(line -> !line.startsWith("|"))
                .takeWhile(line -> line.startsWith("|"))
                .skip(2)
                .toList();
        return table.stream()
                .map(line -> line.substring(1, line.indexOf('|', 1)).strip())
                .toList();
    }
}
