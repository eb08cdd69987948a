package dev.dunnage.policy;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The user, or a group of the user.
 *
 * @param values names, or ids in decimal digits: no account name consists of digits only
 */
record IdentityCondition(Kind kind, Set<String> values) implements Condition {

    /** Which identity. */
    enum Kind {
        USER("user"),
        GROUP("group");

        private final String word;

        Kind(String word) {
            this.word = word;
        }
    }

    IdentityCondition {
        values = Set.copyOf(values);
    }

    @Override
    public Match judge(Subject subject, ImageFacts image) {
        return judge(subject);
    }

    Match judge(Subject subject) {
        Optional<Set<String>> ids = kind == Kind.USER
                ? (subject.uid().isPresent()
                        ? Optional.of(Set.of(Long.toString(subject.uid().getAsLong())))
                        : Optional.empty())
                : subject.groupIds()
                        .map(known ->
                                known.stream().map(id -> Long.toString(id)).collect(Collectors.toSet()));
        Optional<Set<String>> names = kind == Kind.USER ? subject.user().map(Set::of) : subject.groups();
        Optional<String> found = Stream.of(ids.stream(), names.stream().map(IdentityCondition::properNames))
                .flatMap(sets -> sets.flatMap(Set::stream))
                .filter(values::contains)
                .sorted()
                .findFirst();
        if (found.isPresent()) {
            return Match.yes(kind.word + " " + found.get());
        }
        boolean idsMatter = ids.isEmpty() && values.stream().anyMatch(IdentityCondition::isId);
        boolean namesMatter = names.isEmpty() && values.stream().anyMatch(value -> !isId(value));
        String wanted = String.join(", ", values.stream().sorted().toList());
        return idsMatter || namesMatter
                ? Match.unknown("the rule wants " + kind.word + " " + wanted + ", and the "
                        + (kind == Kind.USER ? "user is" : "groups are") + " not known here")
                : Match.no("it wants " + kind.word + " " + wanted);
    }

    /** A directory service may hand out a name of digits: that must not pass for an id. */
    private static Set<String> properNames(Set<String> names) {
        return names.stream().filter(name -> !isId(name)).collect(Collectors.toSet());
    }

    private static boolean isId(String value) {
        return !value.isEmpty() && value.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    @Override
    public boolean includes(Condition other) {
        return other instanceof IdentityCondition narrow && narrow.kind == kind && values.containsAll(narrow.values);
    }

    @Override
    public Set<Need> needs() {
        boolean names = !List.copyOf(values).stream().allMatch(IdentityCondition::isId);
        return names ? Set.of(kind == Kind.USER ? Need.USER_NAME : Need.GROUP_NAMES) : Set.of();
    }
}
