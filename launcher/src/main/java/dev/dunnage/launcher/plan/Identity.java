package dev.dunnage.launcher.plan;

import dev.dunnage.launcher.accounts.Accounts;
import dev.dunnage.launcher.wire.LaunchRequest;
import dev.dunnage.policy.Need;
import dev.dunnage.policy.Policy;
import dev.dunnage.policy.Subject;
import java.util.HashSet;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Who asks, as somebody said who is trusted: the plugin as root, with what Slurm's credential and the job prolog's record
 * say; or the kernel, of a user who asked for himself. Never the words of a user.
 *
 * @param uid user id
 * @param gids primary and supplementary groups
 * @param user login name
 * @param account Slurm account of the job, empty text for none; empty when it is not known
 * @param partition likewise
 * @param plugin whether the plugin asks: only then job, step and node in the request are facts
 */
public record Identity(
        long uid,
        Set<Long> gids,
        Optional<String> user,
        Optional<String> account,
        Optional<String> partition,
        boolean plugin) {
    /** Copies the set. */
    public Identity {
        gids = Set.copyOf(gids);
    }

    /** What root says about the step's user. */
    public static Identity ofPlugin(LaunchRequest request) {
        Set<Long> gids = new HashSet<>(request.groups());
        gids.add(request.gid());
        return new Identity(
                request.uid(),
                gids,
                Optional.of(request.user()).filter(name -> !name.isEmpty()),
                request.account(),
                request.partition(),
                true);
    }

    /** A user who connects without the plugin, as the kernel tells of the connection. */
    public static Identity ofUser(long uid, Set<Long> gids, Optional<String> user) {
        return new Identity(uid, gids, user, Optional.empty(), Optional.empty(), false);
    }

    /** For rules; names of groups are looked up only when a rule wants them. */
    Subject subject(Policy policy, Accounts accounts) {
        Optional<Set<String>> names =
                policy.needs().contains(Need.GROUP_NAMES) ? accounts.groupNames(gids) : Optional.empty();
        return new Subject(OptionalLong.of(uid), user, Optional.of(gids), names, account, partition);
    }
}
