package dev.dunnage.launcher.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dunnage.launcher.accounts.Accounts;
import dev.dunnage.launcher.audit.AuditRecord;
import dev.dunnage.launcher.fixture.SettableClock;
import dev.dunnage.launcher.fixture.TestSite;
import dev.dunnage.launcher.store.ImageStore;
import dev.dunnage.launcher.store.OpenImage;
import dev.dunnage.launcher.store.StoreException;
import dev.dunnage.launcher.store.StoreLimits;
import dev.dunnage.launcher.wire.Code;
import dev.dunnage.launcher.wire.LaunchPlan;
import dev.dunnage.launcher.wire.LaunchRequest;
import dev.dunnage.launcher.wire.Refusal;
import dev.dunnage.launcher.wire.Reply;
import dev.dunnage.policy.OwnershipRule;
import dev.dunnage.sif.ImageBytes;
import dev.dunnage.sif.key.PgpSecretKey;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A planner with a site of its own, and what tests ask it. */
abstract class PlannerBed {
    @TempDir
    Path temporary;

    final SettableClock clock = SettableClock.ahead();

    final List<String> log = new ArrayList<>();

    final AtomicLong bytesRead = new AtomicLong();

    final List<AuditRecord> records = new ArrayList<>();

    Recorder recorder = (settings, record) -> records.add(record);

    SiteFiles.Life life = SiteFiles.Life.LONG;

    Path machine = Path.of("/");

    TestSite site = new TestSite(Path.of("unset"));

    @BeforeEach
    void prepare() throws IOException {
        site = TestSite.in(temporary);
    }

    StepPlanner planner() {
        SiteFiles files = new SiteFiles(site.paths(), OwnershipRule.any(), clock, life, log::add);
        return new StepPlanner(files, this::store, Accounts.none(), recorder, clock, log::add, machine);
    }

    ImageStore store() throws StoreException {
        return ImageStore.open(site.store(), StoreLimits.defaults(), clock);
    }

    LaunchPlan planned(Path image) throws IOException {
        Reply reply = plan(image, TestSite.request(image));
        assertThat(reply).isInstanceOf(LaunchPlan.class);
        return (LaunchPlan) reply;
    }

    void assertRefused(Path image, Code code, String... parts) throws IOException {
        assertRefused(plan(image, TestSite.request(image)), code, parts);
    }

    static void assertRefused(Reply reply, Code code, String... parts) {
        assertThat(reply)
                .asInstanceOf(InstanceOfAssertFactories.type(Refusal.class))
                .satisfies(refusal -> {
                    assertThat(refusal.code()).isEqualTo(code);
                    assertThat(refusal.message()).contains(parts).doesNotContain("\n");
                });
    }

    static PgpSecretKey trustedKey(TestSite site) throws Exception {
        PgpSecretKey key = TestSite.newKey("signer");
        site.trust(key);
        return key;
    }

    static Identity who(Optional<String> user, long gid) {
        return new Identity(1000, Set.of(gid), user, Optional.empty(), Optional.empty(), true);
    }

    static String digest(Path image) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(image)));
    }

    void rules(String... lines) throws IOException {
        Files.writeString(site.root().resolve("policy.yaml"), "version: 1\nrules:\n" + String.join("\n", lines) + "\n");
    }

    Reply plan(Path image, LaunchRequest request) throws IOException {
        try (FileChannel channel = FileChannel.open(image)) {
            ImageBytes counted = new ImageBytes() {
                @Override
                public long size() throws IOException {
                    return channel.size();
                }

                @Override
                public int read(ByteBuffer target, long position) throws IOException {
                    int count = channel.read(target, position);
                    bytesRead.addAndGet(count);
                    return count;
                }
            };
            return planner().plan(request, Identity.ofPlugin(request), new OpenImage(counted, image));
        }
    }

    Reply plan(Path image, Identity who) throws IOException {
        return plan(image, TestSite.request(image), who);
    }

    Reply plan(Path image, LaunchRequest request, Identity who) throws IOException {
        try (FileChannel channel = FileChannel.open(image)) {
            return planner().plan(request, who, new OpenImage(ImageBytes.of(channel), image));
        }
    }
}
