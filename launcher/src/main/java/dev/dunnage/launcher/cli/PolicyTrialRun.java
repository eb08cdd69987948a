package dev.dunnage.launcher.cli;

import dev.dunnage.launcher.plan.Judgement;
import dev.dunnage.launcher.plan.PolicyTrial;
import dev.dunnage.launcher.plan.RefusedException;
import dev.dunnage.launcher.store.OpenImage;
import dev.dunnage.launcher.wire.Code;
import dev.dunnage.policy.Decision;
import dev.dunnage.policy.Explanation;
import dev.dunnage.policy.ImageFacts;
import dev.dunnage.policy.Policy;
import dev.dunnage.policy.Problem;
import dev.dunnage.policy.SiteFileException;
import dev.dunnage.policy.Subject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a policy says about an image. A policy that cannot be used and a file that is no image are answers as well: both
 * mean that it does not run.
 *
 * @param image as it was named
 * @param signers keys whose signatures proved something, when signatures mattered
 * @param explanation rule by rule; empty when no rule was looked at
 * @param problems everything wrong with the policy
 */
record PolicyTrialRun(
        Path image,
        Decision decision,
        List<String> signers,
        Optional<Explanation> explanation,
        List<Problem> problems) {
    private static final String NO_IMAGE = "(no image)";
    private static final String BROKEN = "(broken policy)";

    static PolicyTrialRun of(Path image, PolicySource source, SubjectOptions subjects)
            throws IOException, CommandFailure {
        Subject subject = subjects.subject();
        if (!Files.exists(image)) {
            throw new CommandFailure(
                    Code.IMAGE_ABSENT.exitStatus(), "image " + image + " does not exist; check the path");
        }
        try {
            Policy policy = source.load();
            return judge(image, policy, source, subject, subjects);
        } catch (SiteFileException e) {
            return broken(image, e);
        }
    }

    private static PolicyTrialRun judge(
            Path image, Policy policy, PolicySource source, Subject subject, SubjectOptions subjects)
            throws IOException, CommandFailure, SiteFileException {
        ImageFacts place = subjects.asIf(image);
        if (!Files.isRegularFile(image)) {
            return noImage(image, policy, image + " is not a regular file; give the path of a SIF file");
        }
        try (OpenedImage opened = OpenedImage.open(image)) {
            Judgement judgement = PolicyTrial.judge(
                    policy, source.keys(), subjects.at(), subject, place, new OpenImage(opened.bytes(), image));
            Explanation explanation = policy.explain(subject, judgement.image(), judgement.signatures(), subjects.at());
            List<String> signers =
                    judgement.signatures().signersOfAnyGroup().stream().sorted().toList();
            return new PolicyTrialRun(image, judgement.decision(), signers, Optional.of(explanation), List.of());
        } catch (RefusedException e) {
            return noImage(image, policy, String.valueOf(e.getMessage()));
        }
    }

    private static PolicyTrialRun noImage(Path image, Policy policy, String why) {
        Decision deny = new Decision.Deny(NO_IMAGE, policy.file(), 1, why, "nothing but sound SIF files ever runs");
        return new PolicyTrialRun(image, deny, List.of(), Optional.empty(), List.of());
    }

    private static PolicyTrialRun broken(Path image, SiteFileException e) {
        Problem first = e.problems().get(0);
        String key = first.key().isEmpty() ? "" : first.key() + ": ";
        Decision deny = new Decision.Deny(
                BROKEN,
                first.file(),
                first.line(),
                "the policy cannot be used: " + key + first.message(),
                "correct the file, 'dunnage policy lint' shows everything that is wrong with it");
        return new PolicyTrialRun(image, deny, List.of(), Optional.empty(), e.problems());
    }

    int exitStatus() {
        return decision instanceof Decision.Allow ? 0 : Code.POLICY.exitStatus();
    }

    Stream<String> lines() {
        return Stream.of(image + ": " + decision.oneLine());
    }

    Map<String, Object> members() {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("image", image.toString());
        object.put("decision", decision instanceof Decision.Allow ? "allow" : "deny");
        object.put("trusted", decision instanceof Decision.Allow allow && allow.trusted());
        object.put("rule", decision.rule());
        object.put("file", decision.file().toString());
        object.put("line", decision.line());
        object.put("reason", decision.reason());
        object.put("remedy", decision instanceof Decision.Deny deny ? deny.remedy() : "");
        object.put("signers", signers);
        return object;
    }
}
