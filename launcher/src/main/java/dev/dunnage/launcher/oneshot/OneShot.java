package dev.dunnage.launcher.oneshot;

import dev.dunnage.launcher.accounts.SystemAccounts;
import dev.dunnage.launcher.audit.AuditTrail;
import dev.dunnage.launcher.plan.Identity;
import dev.dunnage.launcher.plan.Recorder;
import dev.dunnage.launcher.plan.Rehearsal;
import dev.dunnage.launcher.plan.SiteFiles;
import dev.dunnage.launcher.plan.SitePaths;
import dev.dunnage.launcher.plan.StepPlanner;
import dev.dunnage.launcher.store.ImageStore;
import dev.dunnage.launcher.store.OpenImage;
import dev.dunnage.launcher.store.StoreLimits;
import dev.dunnage.launcher.wire.Code;
import dev.dunnage.launcher.wire.Codec;
import dev.dunnage.launcher.wire.Frame;
import dev.dunnage.launcher.wire.LaunchRequest;
import dev.dunnage.launcher.wire.Message;
import dev.dunnage.launcher.wire.Refusal;
import dev.dunnage.launcher.wire.Reply;
import dev.dunnage.launcher.wire.WireException;
import dev.dunnage.policy.OwnershipRule;
import dev.dunnage.sif.ImageBytes;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;

/**
 * Answers one request, {@code native/WIRE.md} "Transport", column one-shot: descriptor 0 is the image, descriptor 1 one
 * end of a socketpair with the request and for the reply, descriptor 2 takes words for administrators.
 */
public final class OneShot {
    private static final int IMAGE_DESCRIPTOR = 0;

    private OneShot() {}

    /** Exit status 0 when a reply was written, whatever it says; else one line on descriptor 2 says why. */
    public static void main(String[] args) {
        int status = run(args);
        System.err.flush();
        // Nothing is left to end in order, but the archive, which the JVM writes of what a rehearsal loaded.
        if (status != 0 || !List.of(args).contains(Arguments.WARM_UP)) {
            Runtime.getRuntime().halt(status);
        }
    }

    private static int run(String[] args) {
        try {
            Arguments arguments = Arguments.parse(args);
            if (arguments.warmUp()) {
                Rehearsal.run((site, owner, store) -> planner(site, owner, store, rehearsed()));
            } else {
                converse(arguments);
            }
            return 0;
        } catch (IllegalArgumentException e) {
            System.err.println("dunnage: " + e.getMessage());
            return Code.REQUEST.exitStatus();
        } catch (WireException e) {
            System.err.println("dunnage: broken request: " + e.getMessage());
            return Code.INTERNAL.exitStatus();
        } catch (IOException e) {
            System.err.println("dunnage: " + e);
            return Code.INTERNAL.exitStatus();
        }
    }

    // The streams are the process's own descriptors: closing them is left to its end.
    @SuppressWarnings("resource")
    private static void converse(Arguments arguments) throws IOException, WireException {
        Message message = Codec.decode(Frame.read(new FileInputStream(FileDescriptor.out)));
        if (!(message instanceof LaunchRequest request)) {
            throw new WireException("a one-shot launcher answers launch requests only");
        }
        FileChannel image = new FileInputStream(FileDescriptor.in).getChannel();
        Identity who = Identity.ofPlugin(request); // the plugin, which is root, started this process
        Reply reply = planner(arguments.site(), OwnershipRule.rootOnly(), arguments.store(), recorder(request))
                .plan(request, who, OpenImage.ofDescriptor(ImageBytes.of(image), IMAGE_DESCRIPTOR));
        new FileOutputStream(FileDescriptor.out).write(bytes(reply));
    }

    /** What users do with their own rights they could keep out of any record. */
    private static Recorder recorder(LaunchRequest request) {
        return request.rootless() ? Recorder.none() : trail();
    }

    private static Recorder trail() {
        return new AuditTrail(Clock.systemUTC(), System.err::println)::write;
    }

    /** Both kinds, so that an archive of classes holds both. */
    private static Recorder rehearsed() {
        Recorder none = Recorder.none();
        Recorder trail = trail();
        return (settings, record) -> {
            none.write(settings, record);
            trail.write(settings, record);
        };
    }

    private static StepPlanner planner(SitePaths site, OwnershipRule owner, Path store, Recorder recorder) {
        Clock clock = Clock.systemUTC();
        return new StepPlanner(
                // Not on descriptor 2: the plugin may show that to users, who get no details of a broken policy.
                new SiteFiles(site, owner, clock, SiteFiles.Life.SHORT, detail -> {}),
                () -> ImageStore.open(store, StoreLimits.defaults(), clock),
                new SystemAccounts(clock),
                recorder,
                clock,
                System.err::println);
    }

    private static byte[] bytes(Reply reply) throws WireException {
        try {
            return Codec.encode(reply);
        } catch (WireException e) {
            return Codec.encode(Refusal.line(Code.INTERNAL, "the plan does not fit an answer: " + e.getMessage()));
        }
    }
}
