package dev.dunnage.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may own site files, with real files, owners and modes. */
class OwnershipTest {
    private static final int NOBODY = 65534;

    @TempDir
    Path top;

    private Path directory = Path.of("/nonexistent");
    private Path file = Path.of("/nonexistent");

    @BeforeEach
    void install() throws IOException {
        assumeTrue(
                Integer.valueOf(0).equals(Files.getAttribute(top, "unix:uid")),
                "SKIPPED: ownership tests give files to other accounts and need root");
        directory = Files.createDirectory(top.resolve("etc"));
        mode(directory, "rwxr-xr-x");
        file = Files.writeString(directory.resolve("policy.yaml"), "version: 1\necl:\n  activated: true\n");
        mode(file, "rw-r--r--");
    }

    @Test
    void rootOwnedFileIsAccepted() throws SiteFileException {
        assertThat(load().file()).isEqualTo(file);
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw-rw-r--", "rw-r--rw-", "rw--w----"})
    void fileThatOthersCanWriteIsRefused(String permissions) throws IOException {
        mode(file, permissions);

        assertRefused("the file can be written by others than its owner", "chmod go-w " + file);
    }

    @Test
    void fileOfAnotherOwnerIsRefused() throws IOException {
        owner(file, NOBODY);

        assertRefused("the file belongs to user id 65534, not to root", "chown root " + file);
    }

    @Test
    void directoryOfAnotherOwnerIsRefused() throws IOException {
        owner(directory, NOBODY);

        assertRefused("directory " + directory + " belongs to user id 65534");
    }

    @ParameterizedTest
    @ValueSource(strings = {"rwxrwxr-x", "rwxr-xrwx"})
    void directoryThatOthersCanWriteIsRefused(String permissions) throws IOException {
        mode(directory, permissions);

        assertRefused("directory " + directory + " can be written by others than its owner");
    }

    @Test
    void stickyDirectoryDoesNotExcuseItself() throws IOException {
        Files.setAttribute(directory, "unix:mode", 01777);

        assertRefused("directory " + directory + " can be written by others than its owner (mode 1777)");
    }

    @Test
    void directoryAboveThatOthersCanWriteIsRefused() throws IOException {
        mode(top, "rwxrwxrwx");

        assertRefused("directory " + top + " can be written by others than its owner (mode 777)");
    }

    @Test
    void stickyDirectoryAboveIsAccepted() throws IOException, SiteFileException {
        Files.setAttribute(top, "unix:mode", 01777);

        assertThat(load().file()).isEqualTo(file);
    }

    @Test
    void symbolicLinkIsRefused() throws IOException, SiteFileException {
        Path link = Files.createSymbolicLink(directory.resolve("link.yaml"), file);

        assertThatThrownBy(() -> new PolicyLoader(OwnershipRule.rootOnly()).load(link))
                .hasMessage(link + ": is a symbolic link: install the file itself");
        assertThat(new PolicyLoader(OwnershipRule.any()).load(link).file()).isEqualTo(link);
    }

    @Test
    void linkedDirectoryIsRefused() throws IOException {
        Path link = Files.createSymbolicLink(top.resolve("conf"), directory);

        assertThatThrownBy(() -> new PolicyLoader(OwnershipRule.rootOnly()).load(link.resolve("policy.yaml")))
                .hasMessageContaining("reached through a symbolic link: use its real path " + directory);
    }

    @Test
    void danglingLinkIsNoAbsentFile() throws IOException {
        Path link = Files.createSymbolicLink(directory.resolve("dunnage.yaml"), top.resolve("gone"));

        assertThatThrownBy(() -> new SiteConfigLoader(OwnershipRule.rootOnly()).load(link))
                .isInstanceOf(SiteFileException.class)
                .hasMessageContaining("is a symbolic link");
        assertThatThrownBy(() -> new SiteConfigLoader(OwnershipRule.any()).load(link))
                .isInstanceOf(SiteFileException.class)
                .hasMessageContaining("does not exist");
    }

    @Test
    void everythingElseThanAFileIsRefused() {
        for (OwnershipRule rule : new OwnershipRule[] {OwnershipRule.rootOnly(), OwnershipRule.any()}) {
            assertThatThrownBy(() -> new PolicyLoader(rule).load(directory)).hasMessageContaining("not a regular file");
            assertThatThrownBy(() -> new SiteConfigLoader(rule).load(Path.of("/dev/null")))
                    .hasMessageContaining("not a regular file");
        }
    }

    @Test
    void allFindingsAreReportedTogether() throws IOException {
        mode(file, "rw-rw-rw-");
        owner(file, NOBODY);
        owner(directory, NOBODY);

        SiteFileException refusal = assertThrows(SiteFileException.class, this::load);

        assertThat(refusal.problems()).hasSize(3).allMatch(problem -> problem.line() == 0);
        assertThat(refusal).hasMessageEndingWith("(and 2 more)");
    }

    @Test
    void siteSettingsFollowTheSameRule() throws IOException {
        Path settings = Files.writeString(directory.resolve("dunnage.yaml"), "version: 1\n");
        mode(settings, "rw-rw-r--");

        assertThatThrownBy(() -> new SiteConfigLoader(OwnershipRule.rootOnly()).load(settings))
                .isInstanceOf(SiteFileException.class)
                .hasMessageContaining("can be written by others");
    }

    @Test
    void includedFileIsRefusedLikeTheMainOne() throws IOException, SiteFileException {
        Path more = Files.createDirectory(directory.resolve("policy.d"));
        Path part = Files.writeString(more.resolve("a.yaml"), "version: 1\nrules: [{name: a, mode: open}]\n");
        Files.writeString(file, "version: 1\ninclude: [policy.d]\n");
        mode(more, "rwxr-xr-x");
        mode(part, "rw-r--r--");
        assertThat(load().summary()).endsWith("active, 1 rule, 0 groups");

        mode(part, "rw-rw-r--");
        assertRefused(file + ":2:11: include[0]: " + part + " the file can be written by others", "chmod go-w " + part);
        mode(part, "rw-r--r--");
        mode(more, "rwxrwxr-x");
        assertRefused("include[0]: " + part + " directory " + more + " can be written by others");
        mode(more, "rwxr-xr-x");
        owner(part, NOBODY);
        assertRefused("include[0]: " + part + " the file belongs to user id 65534");
        owner(part, 0);
        Files.createSymbolicLink(more.resolve("b.yaml"), part);
        assertRefused(file + ":2:11: include[0]: " + more.resolve("b.yaml"));
    }

    @Test
    void listsOfApptainerFollowTheSameRule() throws IOException, SiteFileException {
        Path list = Files.writeString(directory.resolve("ecl.toml"), "activated = true\n");
        EclLoader loader = new EclLoader(OwnershipRule.rootOnly());
        mode(list, "rw-r--r--");
        assertThat(loader.load(list).summary()).isEqualTo(list + ": active, 0 groups");

        mode(list, "rw-rw-r--");
        assertThatThrownBy(() -> loader.load(list))
                .isInstanceOf(SiteFileException.class)
                .hasMessageContaining("can be written by others");
        mode(list, "rw-r--r--");
        Path link = Files.createSymbolicLink(directory.resolve("link.toml"), list);
        assertThatThrownBy(() -> loader.load(link))
                .isInstanceOf(SiteFileException.class)
                .hasMessageContaining("is a symbolic link");
    }

    private Policy load() throws SiteFileException {
        return new PolicyLoader(OwnershipRule.rootOnly()).load(file);
    }

    private void assertRefused(String... parts) {
        assertThatThrownBy(this::load)
                .isInstanceOf(SiteFileException.class)
                .hasMessageContainingAll(parts)
                .hasMessageNotContaining("more)");
    }

    private static void mode(Path path, String permissions) throws IOException {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
    }

    private static void owner(Path path, int uid) throws IOException {
        Files.setAttribute(path, "unix:uid", uid);
    }
}
