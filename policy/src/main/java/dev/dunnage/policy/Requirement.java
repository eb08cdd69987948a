package dev.dunnage.policy;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What a rule wants of an image that it matches. */
sealed interface Requirement {
    Outcome judge(SignatureFacts facts, Instant at);

    /** The requirement of a mode; the keys are empty exactly for the open one. */
    static Requirement of(Mode mode, List<ListedKey> keys, SignatureForm form) {
        return switch (mode) {
            case WHITELIST -> new Signed(List.of(new Demand.AnyOf(keys)), form);
            case WHITESTRICT -> new Signed(List.of(new Demand.AllOf(keys)), form);
            case BLACKLIST -> new Signed(List.of(new Demand.NoneOf(keys)), form);
            case OPEN -> new Open("mode open demands no signature");
        };
    }

    /** Any image, never trusted. */
    record Open(String reason) implements Requirement {
        @Override
        public Outcome judge(SignatureFacts facts, Instant at) {
            return new Outcome.Accepted(reason, false);
        }
    }

    /** No image. */
    record Never(String reason, String remedy) implements Requirement {
        @Override
        public Outcome judge(SignatureFacts facts, Instant at) {
            return new Outcome.Refused(reason, remedy);
        }
    }

    /** An image without fault whose signatures meet all demands. */
    record Signed(List<Demand> demands, SignatureForm form) implements Requirement {
        private static final Pattern REMEDY =
                Pattern.compile("(.*?)[,;] ((?:ask|build|check|delete|get|name|sign|use)\\b.*)");

        public Signed {
            demands = List.copyOf(demands);
        }

        @Override
        public Outcome judge(SignatureFacts facts, Instant at) {
            if (!facts.form().answers(form)) {
                return new Outcome.Refused(
                        "the rule counts " + name(form) + " signatures, and " + name(facts.form())
                                + " ones were looked at",
                        "report this as a fault of the program");
            }
            Optional<String> rejection = facts.rejection();
            if (rejection.isPresent()) {
                return refused(rejection.get());
            }
            List<Outcome> outcomes =
                    demands.stream().map(demand -> demand.judge(facts, at)).toList();
            for (Outcome outcome : outcomes) {
                if (outcome instanceof Outcome.Refused) {
                    return outcome;
                }
            }
            return new Outcome.Accepted(
                    outcomes.stream().map(Outcome::reason).collect(Collectors.joining("; ")),
                    !outcomes.isEmpty()
                            && outcomes.stream().allMatch(o -> o instanceof Outcome.Accepted a && a.trusted()));
        }

        /** Verification often knows a better remedy than a rule does. */
        private static Outcome refused(String rejection) {
            Matcher parts = REMEDY.matcher(rejection);
            boolean known = parts.matches();
            return new Outcome.Refused(
                    "the image is not properly signed: " + (known ? parts.group(1) : rejection),
                    known ? parts.group(2) : "have it signed anew by a key that the site accepts");
        }

        private static String name(SignatureForm form) {
            return form == SignatureForm.LEGACY ? "legacy" : "modern";
        }
    }
}
