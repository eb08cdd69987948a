package dev.dunnage.policy;

import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Labels of the image.
 *
 * @param wanted values that fit, by the name of the label; every name must fit
 */
record LabelCondition(Map<String, Set<String>> wanted) implements Condition {
    LabelCondition {
        wanted = wanted.entrySet().stream()
                .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, e -> Set.copyOf(e.getValue())));
    }

    @Override
    public Match judge(Subject subject, ImageFacts image) {
        return image.labels()
                .map(this::judge)
                .orElseGet(() -> Match.unknown("the rule wants labels, and those of the image are not known here"));
    }

    private Match judge(Map<String, String> labels) {
        for (Map.Entry<String, Set<String>> each : wanted.entrySet()) {
            if (!each.getValue().contains(labels.getOrDefault(each.getKey(), ""))) {
                return Match.no("it wants label " + each.getKey() + " to be "
                        + String.join(" or ", each.getValue().stream().sorted().toList()));
            }
        }
        return Match.yes(
                "label " + String.join(", ", wanted.keySet().stream().sorted().toList()));
    }

    @Override
    public boolean includes(Condition other) {
        return other instanceof LabelCondition narrow
                && wanted.entrySet().stream()
                        .allMatch(each -> narrow.wanted.containsKey(each.getKey())
                                && each.getValue().containsAll(narrow.wanted.getOrDefault(each.getKey(), Set.of())));
    }

    @Override
    public Set<Need> needs() {
        return Set.of(Need.LABELS);
    }
}
