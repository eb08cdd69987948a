package dev.dunnage.policy;

import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Who wants to run an image. Every value must come from a source that the user cannot write: numbers from Slurm's
 * credential, account and partition from the record of the job prolog, names from the host's own account lookup; never
 * from the environment of the step. A value that is not known stays empty: a rule that looks at it and fits otherwise
 * then refuses, because a later rule could be laxer.
 *
 * @param uid user id
 * @param user login name
 * @param groupIds primary and supplementary group ids
 * @param groups names of these groups
 * @param account Slurm account of the job; an empty text when it is known that the job has none
 * @param partition partition of the job; an empty text when it is known that there is none
 */
public record Subject(
        OptionalLong uid,
        Optional<String> user,
        Optional<Set<Long>> groupIds,
        Optional<Set<String>> groups,
        Optional<String> account,
        Optional<String> partition) {
    /** Copies the sets. */
    public Subject {
        groupIds = groupIds.map(Set::copyOf);
        groups = groups.map(Set::copyOf);
    }

    /** Somebody of whom nothing is known. */
    public static Subject unknown() {
        return new Subject(
                OptionalLong.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }
}
