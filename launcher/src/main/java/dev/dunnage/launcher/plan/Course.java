package dev.dunnage.launcher.plan;

import dev.dunnage.launcher.audit.AuditRecord;
import dev.dunnage.launcher.wire.LaunchPlan;
import dev.dunnage.launcher.wire.LaunchRequest;
import dev.dunnage.launcher.wire.Refusal;
import dev.dunnage.launcher.wire.Reply;
import dev.dunnage.policy.Decision;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** How one request went, as far as it got: for the record. Not thread-safe. */
final class Course {
    private static final Path HOST_NAME = Path.of("/proc/sys/kernel/hostname");

    private final LaunchRequest request;
    private final Identity who;
    private Optional<Site> site = Optional.empty();
    private Optional<Path> path = Optional.empty();
    private Optional<Judgement> judgement = Optional.empty();
    private Optional<String> digest = Optional.empty();

    Course(LaunchRequest request, Identity who) {
        this.request = request;
        this.who = who;
    }

    void found(Site found) {
        site = Optional.of(found);
    }

    void found(Path found) {
        path = Optional.of(found);
    }

    void found(Judgement found, ImageInHand image) {
        judgement = Optional.of(found);
        digest = image.knownDigest()
                .map(known -> known.hex())
                .or(() -> found.image().digest().map(text -> text.substring("sha256:".length())));
    }

    Optional<Site> site() {
        return site;
    }

    AuditRecord record(Reply reply, Instant now) throws IOException {
        Optional<Decision> decision = judgement.map(Judgement::decision);
        Optional<Refusal> refusal = reply instanceof Refusal no ? Optional.of(no) : Optional.empty();
        return new AuditRecord(
                now,
                who.plugin()
                        ? request.node()
                        : Files.readString(HOST_NAME, StandardCharsets.UTF_8).strip(),
                who.plugin()
                        ? Optional.of(new AuditRecord.Step(request.jobId(), request.stepId(), request.restart()))
                        : Optional.empty(),
                who.uid(),
                who.user(),
                who.account(),
                who.partition(),
                path.isPresent() ? path.get().toString() : request.imagePath(),
                digest,
                judgement
                        .map(known -> known.signatures().signersOfAnyGroup().stream()
                                .sorted()
                                .toList())
                        .orElse(List.of()),
                decision.map(Decision::rule).orElse(""),
                decision.map(known -> known.file().toString()).orElse(""),
                decision.map(Decision::line).orElse(0),
                refusal.isEmpty() ? "allow" : "refuse",
                refusal.map(no -> no.code().name().toLowerCase(Locale.ROOT)).orElse(""),
                reason(decision, reply),
                reply instanceof LaunchPlan plan ? plan.driver().name().toLowerCase(Locale.ROOT) : "",
                site.flatMap(Site::trouble));
    }

    /** What the rule says, unless something else ended it. */
    private static String reason(Optional<Decision> decision, Reply reply) {
        boolean allowed = reply instanceof LaunchPlan;
        Optional<String> ruled = decision.filter(known -> known instanceof Decision.Allow == allowed)
                .map(Decision::reason);
        return ruled.orElseGet(() -> reply instanceof LaunchPlan plan
                ? plan.decision()
                : reply instanceof Refusal refusal ? refusal.message() : "");
    }
}
