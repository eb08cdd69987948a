package dev.dunnage.launcher.submit;

import dev.dunnage.launcher.Account;
import dev.dunnage.launcher.accounts.Accounts;
import dev.dunnage.policy.Subject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;

/** Who submits a job: the account of this process. The job's account and partition are not known before Slurm has it. */
final class SubmittingUser {
    private static final Path STATUS = Path.of("/proc/self/status");

    private SubmittingUser() {}

    static Subject subject(Accounts accounts) throws IOException {
        List<String> status = Files.readAllLines(STATUS);
        long uid = Integer.toUnsignedLong(Account.uid());
        Set<Long> groups = new LinkedHashSet<>(numbers(status, "Gid:").limit(1).toList());
        groups.addAll(numbers(status, "Groups:").toList());
        return new Subject(
                OptionalLong.of(uid),
                accounts.userName(uid),
                Optional.of(groups),
                accounts.groupNames(groups),
                Optional.empty(),
                Optional.empty());
    }

    /** proc(5): real, effective, saved and file system id. */
    private static Stream<Long> numbers(List<String> status, String name) {
        return status.stream()
                .filter(line -> line.startsWith(name))
                .flatMap(line -> Stream.of(line.substring(name.length()).strip().split("\\s+")))
                .filter(word -> !word.isEmpty())
                .map(Long::valueOf);
    }
}
