package dev.dunnage.launcher.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dunnage.launcher.fixture.TestSite;
import dev.dunnage.sif.key.PgpSecretKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Lists of the old form with images made here: modes, signers, forms of directories, and files that went wrong. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EclSecondSetTest {
    private static final String ALLOW = "a";

    private TestSite site = new TestSite(Path.of("unset"));
    private final Map<Character, PgpSecretKey> keys = new HashMap<>();
    private final Map<String, Path> images = new HashMap<>();

    /** A, B and C are in the ring, U is not. */
    @BeforeAll
    void prepare(@TempDir Path temporary) throws Exception {
        site = TestSite.in(temporary);
        for (char name : "ABCU".toCharArray()) {
            keys.put(name, TestSite.newKey("key" + name));
        }
        for (char name : "ABC".toCharArray()) {
            site.trust(key(name));
        }
    }

    private PgpSecretKey key(char name) {
        return Optional.ofNullable(keys.get(name)).orElseThrow();
    }

    private Path image(String signers) throws Exception {
        Path known = images.get(signers);
        if (known != null) {
            return known;
        }
        PgpSecretKey[] by = signers.chars()
                .filter(c -> c != '-')
                .mapToObj(c -> key((char) c))
                .toArray(PgpSecretKey[]::new);
        Path image = site.image("by-" + signers + ".sif", by);
        images.put(signers, image);
        return image;
    }

    private String fingerprint(char name) {
        return key(name).facts().fingerprint();
    }

    private String group(String mode, String list, String directory) {
        String quoted =
                list.chars().mapToObj(c -> "\"" + fingerprint((char) c) + "\"").collect(Collectors.joining(", "));
        return "[[execgroup]]\n  tagname = \"" + mode + " " + list + "\"\n  mode = \"" + mode + "\"\n"
                + (directory.isEmpty() ? "" : "  dirpath = \"" + directory + "\"\n") + "  keyfp = [" + quoted + "]\n";
    }

    private Command check(String list, Path image) throws IOException {
        Path file = Files.writeString(Files.createTempFile(site.root(), "ecl", ".toml"), list);
        return check(file, image);
    }

    private Command check(Path file, Path image) {
        return Command.run("policy", "check", "--ecl", file, "--keyring", site.keys(), "--json", image);
    }

    private static void decides(Command run, String required) throws IOException {
        Map<String, Object> outcome = Json.object(run.out());
        assertThat(outcome).as(run.err()).containsEntry("decision", required.equals(ALLOW) ? "allow" : "deny");
        assertThat(run.status()).as(run.out()).isEqualTo(required.equals(ALLOW) ? 0 : 3);
    }

    /** Columns: each mode with the lists A, B, AB and C. */
    @ParameterizedTest(name = "signed by {0}")
    @CsvSource({
        "-,   dddd, dddd, dddd",
        "A,   adad, addd, dada",
        "B,   daad, dadd, adda",
        "AB,  aaad, aaad, ddda",
        "AC,  adaa, adda, dadd",
        "ABC, aaaa, aaaa, dddd",
        "AU,  adad, addd, dada",
        "U,   dddd, dddd, dddd",
        "AA,  adad, addd, dada",
    })
    void signersAndModes(String signers, String whitelist, String whitestrict, String blacklist) throws Exception {
        String[] lists = {"A", "B", "AB", "C"};
        Map<String, String> required =
                Map.of("whitelist", whitelist, "whitestrict", whitestrict, "blacklist", blacklist);
        for (Map.Entry<String, String> mode : required.entrySet()) {
            for (int at = 0; at < lists.length; at++) {
                String decision = mode.getValue().substring(at, at + 1);
                String list = "activated = true\n"
                        + group(mode.getKey(), lists[at], site.images().toString());
                decides(check(list, image(signers)), decision);
            }
        }
    }

    @Test
    void aGroupCoversTheFilesOfItsDirectoryAndNoneBelow() throws Exception {
        Path below = Files.createDirectories(site.images().resolve("below"));
        Path copy = Files.copy(image("A"), below.resolve("a.sif"));
        String strict =
                "activated = true\n" + group("whitelist", "B", site.images().toString());

        decides(check(strict + group("whitelist", "A", ""), image("A")), "d");
        decides(check(strict + group("whitelist", "A", ""), copy), "a");
        decides(check(strict, copy), "d");
        // overlapping directories, in either order: the file's own directory counts
        String inner = group("whitelist", "A", below.toString());
        decides(check(strict + inner, copy), "a");
        decides(
                check(
                        "activated = true\n" + inner
                                + group("whitelist", "B", site.images().toString()),
                        copy),
                "a");
        decides(check(strict + inner, image("A")), "d");
    }

    @Test
    void aLinkIsItsTarget() throws Exception {
        Path strict = Files.createDirectories(site.root().resolve("strict"));
        Path lax = Files.createDirectories(site.root().resolve("lax"));
        Path file = Files.copy(image("A"), strict.resolve("a.sif"));
        Path link = Files.createSymbolicLink(lax.resolve("a.sif"), file);
        Path throughDirectory =
                Files.createSymbolicLink(site.root().resolve("door"), strict).resolve("a.sif");
        String list = "activated = true\n" + group("whitelist", "B", strict.toString())
                + group("whitelist", "A", lax.toString());

        decides(check(list, link), "d");
        decides(check(list, throughDirectory), "d");
        decides(check(list, Files.copy(file, lax.resolve("copy.sif"))), "a");
    }

    @ParameterizedTest
    @CsvSource({
        "%s/, not in its shortest form",
        "%s/../images, not in its shortest form",
        "images, relative",
        "%s/absent, does not exist",
        "%s-link, symbolic link",
    })
    void aDirectoryThatCouldNeverMatchIsRefused(String form, String cause) throws Exception {
        Path link = Path.of(site.images() + "-link");
        if (!Files.exists(link)) {
            Files.createSymbolicLink(link, site.images());
        }
        String directory = form.formatted(site.images());
        refused(check("activated = true\n" + group("whitelist", "A", directory), image("A")), cause);
    }

    private static void refused(Command run, String cause) {
        assertThat(run.status()).as(run.out()).isNotZero();
        assertThat(run.out() + run.err()).contains(cause).doesNotContain("\"decision\":\"allow\"");
    }

    @Test
    void aMissingListAllowsNothing() throws Exception {
        refused(check(site.root().resolve("absent.toml"), image("A")), "does not exist");
    }

    @Test
    void switchedOffAllowsAndSaysSo() throws Exception {
        decides(check("activated = false\n" + group("whitelist", "B", ""), image("-")), "a");
        decides(check("", image("-")), "a");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "activated = \"true\" | true or false",
                "activated = yes | ",
                "activated = 1 | true or false",
                "activate = true | unknown key 'activate'",
                "Activated = true | unknown key 'Activated'",
                "activated = true;[[execgroups]];mode = \"whitelist\" | unknown key 'execgroups'",
                "activated = true;[execgroup];mode = \"whitelist\" | must be a list",
                "[[execgroup]];mode = \"whitelist\";keyfp = [\"@A@\"] | activated",
                "activated = true;[[execgroup]];mode = \"WHITELIST\";keyfp = [\"@A@\"] | unknown mode",
                "activated = true;[[execgroup]];mode = \"greylist\";keyfp = [\"@A@\"] | unknown mode",
                "activated = true;[[execgroup]];keyfp = [\"@A@\"] | mode",
                "activated = true;[[execgroup]];mode = \"blacklist\" | keyfp",
                "activated = true;[[execgroup]];mode = \"blacklist\";keyfp = [] | is empty",
                "activated = true;[[execgroup]];mode = \"whitestrict\";keyfp = [] | is empty",
                "activated = true;[[execgroup]];mode = \"whitelist\";keyfps = [\"@A@\"] | unknown key 'keyfps'",
                "activated = true;[[execgroup]];mode = \"whitelist\";keyfp = \"@A@\" | must be a list",
                "activated = true;[[execgroup]];mode = \"whitelist\";keyfp = [\"0x@A@\"] | no fingerprint",
                "activated = true;[[execgroup]];mode = \"whitelist\";keyfp = [\"@A@ \"] | no fingerprint",
                "activated = true;[[execgroup]];mode = \"whitelist\";keyfp = [\"@A@\"];[[execgroup]];mode = \"blacklist\";keyfp = [\"@B@\"] | merge the two",
                "activated = true;[[execgroup | ",
            })
    void aListThatIsNotWhatItLooksLikeIsRefused(String list, String cause) throws Exception {
        String text = Stream.of(list.split(";")).collect(Collectors.joining("\n"));
        String filled = text.replace("@A@", fingerprint('A')).replace("@B@", fingerprint('B'));
        Command run = check(filled + "\n", image("A"));
        refused(run, cause == null ? "" : cause);
        assertThat(run.out() + run.err()).containsPattern("ecl[0-9]*\\.toml:\\d+:\\d+");
    }

    @Test
    void fingerprintsMayBeWrittenInAnyCase() throws Exception {
        String list = ("activated = true\n" + group("whitelist", "A", ""));
        String lower = list.replace(fingerprint('A'), fingerprint('A').toLowerCase(Locale.ROOT));
        decides(check(lower, image("A")), "a");
        decides(check(lower.replace("whitelist", "blacklist"), image("A")), "d");
    }

    @Test
    void legacyModeLooksAtLegacySignaturesAlone() throws Exception {
        String list = "activated = true\nlegacyinsecure = true\n";
        for (String mode : Arrays.asList("whitelist", "whitestrict", "blacklist")) {
            decides(check(list + group(mode, mode.equals("blacklist") ? "B" : "A", ""), image("A")), "d");
        }
    }

    @Test
    void changedContentIsRefusedInEveryMode() throws Exception {
        Path changed = Files.copy(image("A"), site.root().resolve("changed.sif"));
        byte[] bytes = Files.readAllBytes(changed);
        String marker = "bootstrap: scratch";
        int at = new String(bytes, StandardCharsets.ISO_8859_1).indexOf(marker);
        bytes[at] = 'B';
        Files.write(changed, bytes);
        decides(check("activated = true\n" + group("whitelist", "A", ""), changed), "d");
        decides(check("activated = true\n" + group("whitestrict", "A", ""), changed), "d");
        decides(check("activated = true\n" + group("blacklist", "B", ""), changed), "d");
    }
}
