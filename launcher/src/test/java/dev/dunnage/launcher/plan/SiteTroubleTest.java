package dev.dunnage.launcher.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dunnage.launcher.fixture.TestSite;
import dev.dunnage.launcher.store.OpenImage;
import dev.dunnage.launcher.wire.Code;
import dev.dunnage.launcher.wire.Reply;
import dev.dunnage.sif.ImageBytes;
import dev.dunnage.sif.key.PgpSecretKey;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;

/** A site or an image that is not as it should be, and faults of our own. */
class SiteTroubleTest extends PlannerBed {
    @Test
    void aMissingPolicyRefusesEverything() throws Exception {
        assertRefused(site.image("a.sif"), Code.CONFIG, "policy.yaml", "system administrators");
        assertThat(log).anySatisfy(line -> assertThat(line).contains("does not exist"));
    }

    @Test
    void aBrokenPolicyIsToldWithFileLineAndKey() throws Exception {
        Files.writeString(site.root().resolve("policy.yaml"), "version: 1\nunknown-word: x\necl: {activated: true}\n");
        Reply reply = plan(site.image("a.sif"), TestSite.request(site.images().resolve("a.sif")));
        assertRefused(reply, Code.CONFIG, "policy.yaml:2:", "unknown-word", "dunnage policy lint");
        assertThat(log).anySatisfy(line -> assertThat(line).contains("unknown-word"));
    }

    @Test
    void aDamagedKeyFileRefusesEverythingSigned() throws Exception {
        PgpSecretKey key = trustedKey(site);
        site.policy("whitelist", key);
        Files.writeString(site.keys().resolve("zz.asc"), "not a key");
        assertRefused(site.image("a.sif", key), Code.CONFIG, "zz.asc");
    }

    @Test
    void aStoreThatCannotBeUsedIsASetUpFailure() throws Exception {
        PgpSecretKey key = trustedKey(site);
        site.policy("whitelist", key);
        Files.writeString(site.store(), "a file");
        assertRefused(TestSite.writableByOthers(site.image("a.sif", key)), Code.SETUP, "install -d");
    }

    @Test
    void ourOwnFaultsAreAnsweredToo() throws Exception {
        site.policy("open");
        Path image = site.image("a.sif");
        ImageBytes broken = new ImageBytes() {
            @Override
            public long size() {
                throw new IllegalStateException("a bug");
            }

            @Override
            public int read(ByteBuffer target, long position) {
                throw new IllegalStateException("a bug");
            }
        };
        Reply reply = planner()
                .plan(
                        TestSite.request(image),
                        Identity.ofPlugin(TestSite.request(image)),
                        new OpenImage(broken, image));
        assertRefused(reply, Code.INTERNAL, "a bug", "report it");
        assertThat(log).anySatisfy(line -> assertThat(line).contains("at dev.dunnage"));
    }

    @Test
    void whatIsReadBadlyIsTheImagesFault() throws Exception {
        site.policy("open");
        Path image = site.image("a.sif");
        ImageBytes failing = new ImageBytes() {
            @Override
            public long size() throws IOException {
                return Files.size(image);
            }

            @Override
            public int read(ByteBuffer target, long position) throws IOException {
                throw new IOException("Stale file handle");
            }
        };
        Reply reply = planner()
                .plan(
                        TestSite.request(image),
                        Identity.ofPlugin(TestSite.request(image)),
                        new OpenImage(failing, image));
        assertRefused(reply, Code.IMAGE_BAD, "Stale file handle");
    }

    @Test
    void devicesAndDirectoriesAreNoImages() throws Exception {
        site.policy("open");
        Path image = site.image("a.sif");
        try (FileChannel channel = FileChannel.open(image, StandardOpenOption.READ)) {
            OpenImage directory = new OpenImage(ImageBytes.of(channel), site.images());
            assertRefused(
                    planner().plan(TestSite.request(image), Identity.ofPlugin(TestSite.request(image)), directory),
                    Code.IMAGE_BAD,
                    "not a regular file");
        }
    }
}
