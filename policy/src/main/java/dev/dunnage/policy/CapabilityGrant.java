package dev.dunnage.policy;

import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Capabilities for some people. A user or a group that fits is enough.
 *
 * @param users names, or ids in decimal digits
 * @param groups names, or ids in decimal digits
 * @param capabilities such as {@code CAP_SYS_PTRACE}
 */
public record CapabilityGrant(Set<String> users, Set<String> groups, Set<String> capabilities) {
    /** Copies the sets. */
    public CapabilityGrant {
        users = Set.copyOf(users);
        groups = Set.copyOf(groups);
        capabilities = Set.copyOf(capabilities);
    }

    /** Whether the grant is for somebody; false when what is known does not tell. */
    public boolean isFor(Subject subject) {
        return conditions().anyMatch(each -> each.judge(subject).is(Match.Answer.YES));
    }

    Set<Need> needs() {
        return conditions().flatMap(each -> each.needs().stream()).collect(Collectors.toUnmodifiableSet());
    }

    private Stream<IdentityCondition> conditions() {
        return Stream.of(
                new IdentityCondition(IdentityCondition.Kind.USER, users),
                new IdentityCondition(IdentityCondition.Kind.GROUP, groups));
    }
}
