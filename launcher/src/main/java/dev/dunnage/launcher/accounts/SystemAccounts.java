package dev.dunnage.launcher.accounts;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Asks the C library; what it said is believed for a minute. Loads JNA at the first question. Thread-safe. */
public final class SystemAccounts implements Accounts {
    private static final Duration BELIEVED = Duration.ofMinutes(1);
    private static final int MANY = 10_000;

    private final Clock clock;
    private final Map<String, Entry> known = new ConcurrentHashMap<>();

    private record Entry(Optional<String> name, Instant until) {}

    /** Asks nothing yet. */
    public SystemAccounts(Clock clock) {
        this.clock = clock;
    }

    @Override
    public Optional<Set<String>> groupNames(Set<Long> gids) {
        try {
            Set<String> names = new HashSet<>();
            for (long gid : gids) {
                name("g" + gid, () -> Lookup.groupName(gid)).ifPresent(names::add);
            }
            return Optional.of(names);
        } catch (LookupException | LinkageError e) {
            return Optional.empty();
        }
    }

    @Override
    public Optional<String> userName(long uid) {
        try {
            return name("u" + uid, () -> Lookup.userName(uid));
        } catch (LookupException | LinkageError e) {
            return Optional.empty();
        }
    }

    private interface Question {
        Optional<String> ask() throws LookupException;
    }

    private Optional<String> name(String key, Question question) throws LookupException {
        Instant now = clock.instant();
        Entry entry = known.get(key);
        if (entry == null || !entry.until().isAfter(now)) {
            if (known.size() > MANY) {
                known.clear();
            }
            entry = new Entry(question.ask(), now.plus(BELIEVED));
            known.put(key, entry);
        }
        return entry.name();
    }

    /** The directory service does not answer: that is not the same as no name. */
    private static final class LookupException extends Exception {
        private static final long serialVersionUID = 1L;

        LookupException(int error) {
            super("error " + error);
        }
    }

    /** Calls of the C library. */
    private static final class Lookup {
        /** Larger than any struct passwd or group. */
        private static final int STRUCT = 128;

        private static final int FIRST_BUFFER = 1 << 14;
        private static final int LAST_BUFFER = 1 << 24;
        private static final int ERANGE = 34;
        private static final Set<Integer> NOT_FOUND = Set.of(0, 1, 2, 3, 9); // getpwnam(3) lists what systems answer

        static {
            JnaLibrary.prepare();
            Native.register("c");
        }

        private Lookup() {}

        private static native int getpwuid_r(int uid, Pointer entry, Pointer buffer, long size, Pointer result);

        private static native int getgrgid_r(int gid, Pointer entry, Pointer buffer, long size, Pointer result);

        private interface Call {
            int run(Pointer entry, Pointer buffer, long size, Pointer result);
        }

        static Optional<String> userName(long uid) throws LookupException {
            return name((entry, buffer, size, result) -> getpwuid_r((int) uid, entry, buffer, size, result));
        }

        static Optional<String> groupName(long gid) throws LookupException {
            return name((entry, buffer, size, result) -> getgrgid_r((int) gid, entry, buffer, size, result));
        }

        /** The name is the first member of both structures. A large group needs a large buffer. */
        private static Optional<String> name(Call call) throws LookupException {
            for (int size = FIRST_BUFFER; size <= LAST_BUFFER; size *= 4) {
                try (Memory entry = new Memory(STRUCT);
                        Memory buffer = new Memory(size);
                        Memory result = new Memory(Native.POINTER_SIZE)) {
                    int error = call.run(entry, buffer, size, result);
                    if (error != ERANGE) {
                        return name(error, entry, result);
                    }
                }
            }
            throw new LookupException(ERANGE);
        }

        private static Optional<String> name(int error, Pointer entry, Pointer result) throws LookupException {
            if (error == 0 && result.getPointer(0) != null) {
                return Optional.of(entry.getPointer(0).getString(0));
            }
            if (NOT_FOUND.contains(error)) {
                return Optional.empty();
            }
            throw new LookupException(error);
        }
    }
}
