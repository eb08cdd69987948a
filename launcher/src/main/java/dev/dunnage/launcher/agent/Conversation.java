package dev.dunnage.launcher.agent;

import dev.dunnage.launcher.accounts.Accounts;
import dev.dunnage.launcher.audit.AuditTrail;
import dev.dunnage.launcher.plan.Identity;
import dev.dunnage.launcher.plan.SiteFiles;
import dev.dunnage.launcher.plan.StepPlanner;
import dev.dunnage.launcher.store.OpenImage;
import dev.dunnage.launcher.wire.Code;
import dev.dunnage.launcher.wire.Codec;
import dev.dunnage.launcher.wire.Frame;
import dev.dunnage.launcher.wire.LaunchPlan;
import dev.dunnage.launcher.wire.LaunchRequest;
import dev.dunnage.launcher.wire.Message;
import dev.dunnage.launcher.wire.Ping;
import dev.dunnage.launcher.wire.Pong;
import dev.dunnage.launcher.wire.Refusal;
import dev.dunnage.launcher.wire.Reply;
import dev.dunnage.launcher.wire.WireException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/** One request and one reply, {@code native/WIRE.md} "Transport". */
final class Conversation {
    private final StepPlanner planner;
    private final SiteFiles site;
    private final Accounts accounts;
    private final AuditTrail audit;
    private final String version;
    private final Consumer<String> log;
    private final Duration limit;
    private final UserSlots slots = new UserSlots();

    /** A peer gets the time limit once to send its request and once to take its reply. */
    Conversation(
            StepPlanner planner,
            SiteFiles site,
            Accounts accounts,
            AuditTrail audit,
            String version,
            Consumer<String> log,
            Duration limit) {
        this.planner = planner;
        this.site = site;
        this.accounts = accounts;
        this.audit = audit;
        this.version = version;
        this.log = log;
        this.limit = limit;
    }

    /** Answers and closes. A broken conversation is logged and harms nobody else. */
    void hold(Connection connection, Peer peer) {
        try (connection) {
            Message message = Codec.decode(Frame.read(connection.input(limit)));
            Reply reply = answer(message, connection.received(), peer);
            connection.send(bytes(reply), limit);
        } catch (WireException e) {
            log.accept("broken request from uid " + peer.uid() + ", process " + peer.pid() + ": " + e.getMessage());
        } catch (IOException e) {
            log.accept("no conversation with uid " + peer.uid() + ", process " + peer.pid() + ": " + e.getMessage());
        } catch (RuntimeException e) {
            log.accept("fault in a conversation with uid " + peer.uid() + ": " + e);
        }
    }

    private Reply answer(Message message, List<Descriptor> received, Peer peer) throws IOException, WireException {
        if (message instanceof Ping && received.isEmpty()) {
            String trouble = audit.trouble().map(line -> "; AUDIT: " + line).orElse("");
            return new Pong(
                    version, Refusal.line(Code.CONFIG, site.state() + trouble).message());
        }
        if (message instanceof LaunchRequest request && received.size() == 1) {
            return launch(request, received.get(0), peer);
        }
        throw new WireException("a message of this kind with " + received.size() + " descriptors");
    }

    private Reply launch(LaunchRequest request, Descriptor image, Peer peer) throws IOException {
        if (!peer.mayAskFor(request.uid())) {
            String text = "uid " + peer.uid() + " asks for a step of uid " + request.uid();
            Refusal refusal = Refusal.line(Code.REQUEST, text + "; only root may ask for others");
            return logged(request, planner.refuse(request, identity(request, peer), refusal));
        }
        if (!slots.enter(request.uid())) {
            throw new IOException("too many requests for uid " + request.uid() + " at once");
        }
        try {
            OpenImage open = OpenImage.ofDescriptor(new DescriptorBytes(image), image.number());
            return logged(request, planner.plan(request, identity(request, peer), open));
        } finally {
            slots.leave(request.uid());
        }
    }

    /** Only root's word counts; of others the kernel tells. */
    private Identity identity(LaunchRequest request, Peer peer) {
        return peer.isRoot()
                ? Identity.ofPlugin(request)
                : Identity.ofUser(peer.uid(), peer.gids(), accounts.userName(peer.uid()));
    }

    private Reply logged(LaunchRequest request, Reply reply) {
        log.accept(line(request, reply));
        return reply;
    }

    private static String line(LaunchRequest request, Reply reply) {
        String outcome = reply instanceof LaunchPlan plan
                ? plan.driver() + (plan.storeCopy().isPresent() ? " from the store" : " in place") + ": "
                        + plan.decision()
                : reply instanceof Refusal refusal ? refusal.code() + ": " + refusal.message() : "";
        String text = "job " + request.jobId() + " step " + request.stepId() + " uid " + request.uid() + " image "
                + request.imagePath() + " " + outcome;
        return Refusal.line(Code.INTERNAL, text).message();
    }

    private static byte[] bytes(Reply reply) throws WireException {
        try {
            return Codec.encode(reply);
        } catch (WireException e) {
            return Codec.encode(Refusal.line(Code.INTERNAL, "the plan does not fit an answer: " + e.getMessage()));
        }
    }
}
