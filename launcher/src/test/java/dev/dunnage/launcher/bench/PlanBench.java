package dev.dunnage.launcher.bench;

import dev.dunnage.launcher.accounts.Accounts;
import dev.dunnage.launcher.audit.AuditTrail;
import dev.dunnage.launcher.fixture.TestSite;
import dev.dunnage.launcher.plan.Identity;
import dev.dunnage.launcher.plan.Recorder;
import dev.dunnage.launcher.plan.SiteFiles;
import dev.dunnage.launcher.plan.StepPlanner;
import dev.dunnage.launcher.store.ImageStore;
import dev.dunnage.launcher.store.OpenImage;
import dev.dunnage.launcher.store.StoreLimits;
import dev.dunnage.launcher.wire.LaunchPlan;
import dev.dunnage.launcher.wire.LaunchRequest;
import dev.dunnage.policy.OwnershipRule;
import dev.dunnage.sif.ImageBytes;
import dev.dunnage.sif.key.PgpSecretKey;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Arrays;

/**
 * What a request for a known image costs in a warm agent, without socket and codec. Not run with the tests; start it by its
 * main method.
 */
public final class PlanBench {
    private static final int ROUNDS = 4000;

    private PlanBench() {}

    /** Prints the median and the 99th percentile of each kind of image, in microseconds. */
    public static void main(String[] args) throws Exception {
        TestSite site = TestSite.in(Files.createTempDirectory("plan-bench"));
        PgpSecretKey key = TestSite.newKey("signer");
        site.trust(key);
        site.policy("whitelist", key);
        Path audit = site.root().resolve("audit.jsonl");
        Files.writeString(
                site.root().resolve("dunnage.yaml"), "version: 1\naudit-syslog: false\naudit-file: " + audit + "\n");
        Path users = TestSite.writableByOthers(site.image("users.sif", key));
        Path roots = site.image("roots.sif", key);
        Thread.sleep(3000); // files of this moment are read anew each time
        Clock clock = Clock.systemUTC();
        ImageStore store = ImageStore.open(site.store(), StoreLimits.defaults(), clock);
        SiteFiles files =
                new SiteFiles(site.paths(), OwnershipRule.rootOnly(), clock, SiteFiles.Life.LONG, System.out::println);
        Recorder trail = new AuditTrail(clock, System.out::println)::write;
        print("copy of a user's file", planner(files, store, Recorder.none(), clock), users);
        print("file of root in place", planner(files, store, Recorder.none(), clock), roots);
        print("copy, with a record in the file", planner(files, store, trail, clock), users);
    }

    private static StepPlanner planner(SiteFiles files, ImageStore store, Recorder recorder, Clock clock) {
        return new StepPlanner(files, () -> store, Accounts.none(), recorder, clock, System.out::println);
    }

    private static void print(String what, StepPlanner planner, Path image) throws Exception {
        LaunchRequest request = TestSite.request(image);
        Identity who = Identity.ofPlugin(request);
        long[] times = new long[ROUNDS];
        try (FileChannel channel = FileChannel.open(image)) {
            OpenImage open = new OpenImage(ImageBytes.of(channel), image);
            for (int round = 0; round < ROUNDS; round++) {
                long start = System.nanoTime();
                if (!(planner.plan(request, who, open) instanceof LaunchPlan)) {
                    throw new IllegalStateException(
                            planner.plan(request, who, open).toString());
                }
                times[round] = System.nanoTime() - start;
            }
        }
        Arrays.sort(times, ROUNDS / 2, ROUNDS);
        System.out.printf(
                "%-34s median %5d us, 99 %% %5d us%n",
                what, times[ROUNDS * 3 / 4] / 1000, times[ROUNDS * 995 / 1000] / 1000);
    }
}
