package dev.dunnage.launcher.build;

import dev.dunnage.launcher.Account;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A directory for the trees of one build, and the way to run programs in them: as root of a user namespace, or as root. When it is closed,
 * or the command is interrupted, the programs are ended and the directory is removed. After a kill -9 the next build does it: a lock tells.
 */
final class BuildSpace implements AutoCloseable {
    private static final String PREFIX = ".dunnage-definition-";
    private static final String LOCK = "lock";
    private static final Duration FRESH = Duration.ofMinutes(1);
    private static final List<String> PASSED = List.of(
            "http_proxy",
            "https_proxy",
            "ftp_proxy",
            "all_proxy",
            "no_proxy",
            "HTTP_PROXY",
            "HTTPS_PROXY",
            "FTP_PROXY",
            "ALL_PROXY",
            "NO_PROXY",
            "TERM",
            "SOURCE_DATE_EPOCH");

    private final Path helper;
    private final List<String> ids;
    private final boolean keepsOwners;
    private final Path path;
    private final FileChannel lock;
    private final Thread end = new Thread(this::end);
    private Optional<Process> running = Optional.empty();
    private boolean isEnding;

    private BuildSpace(Path helper, List<String> ids, boolean keepsOwners, Path path, FileChannel lock) {
        this.helper = helper;
        this.ids = ids;
        this.keepsOwners = keepsOwners;
        this.path = path;
        this.lock = lock;
    }

    /**
     * Makes it, and removes those that killed builds have left beside it.
     *
     * @param helper {@code dunnage-buildroot}
     * @param notices is told what a user should know
     */
    static BuildSpace in(Path parent, Path helper, Consumer<String> notices)
            throws IOException, ToolException, InterruptedException {
        if (!Files.isExecutable(helper)) {
            throw new ToolException(helper + " is missing; install Dunnage again");
        } else if (!Files.isDirectory(parent) || !Files.isWritable(parent)) {
            throw new ToolException(
                    parent + " is no directory to build in; set DUNNAGE_TMPDIR to one that you may write");
        }
        List<String> ids = ids(helper, notices);
        sweep(parent, helper, ids, notices);
        Path path = Files.createTempDirectory(parent.toRealPath(), PREFIX);
        FileChannel lock =
                FileChannel.open(path.resolve(LOCK), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        lock.lock();
        BuildSpace space = new BuildSpace(helper, ids, !ids.isEmpty() || Account.uid() == 0, path, lock);
        Runtime.getRuntime().addShutdownHook(space.end);
        return space;
    }

    /** Where builds are made: DUNNAGE_TMPDIR, else TMPDIR, else /tmp. */
    static Path usualParent() {
        Map<String, String> environment = System.getenv();
        for (String name : List.of("DUNNAGE_TMPDIR", "TMPDIR")) {
            String value = environment.getOrDefault(name, "");
            if (!value.isEmpty()) {
                return Path.of(value);
            }
        }
        return Path.of("/tmp");
    }

    private static List<String> ids(Path helper, Consumer<String> notices) throws IOException, InterruptedException {
        if (Account.uid() == 0) {
            return List.of();
        }
        String uid = Integer.toUnsignedString(Account.uid());
        String user = System.getProperty("user.name", "");
        Set<String> names = user.equals(uid) ? Set.of(user) : Set.of(user, uid);
        Optional<IdRange> users = IdRange.in(Path.of("/etc/subuid"), names);
        Optional<IdRange> groups = IdRange.in(Path.of("/etc/subgid"), names);
        if (users.isEmpty() || groups.isEmpty()) {
            return List.of();
        }
        List<String> ids = List.of(
                "--subuid", users.get().argument(), "--subgid", groups.get().argument());
        List<String> trial = arguments(ids, Optional.empty(), List.of("true"));
        Process process = new Tool(helper).start(trial, how -> how.redirectErrorStream(true));
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() == 0) {
            return ids;
        }
        notices.accept("the subordinate ids of /etc/subuid cannot be used ("
                + said.strip().replace('\n', ' ') + "); all files become root's");
        return List.of();
    }

    private static void sweep(Path parent, Path helper, List<String> ids, Consumer<String> notices)
            throws IOException, InterruptedException {
        try (DirectoryStream<Path> found = Files.newDirectoryStream(parent, PREFIX + "*")) {
            for (Path one : found) {
                if (isLeft(one) && remove(helper, ids, one.toAbsolutePath()) == 0) {
                    notices.accept("removed " + one + ", which a killed build has left");
                }
            }
        }
    }

    /** Files of other owners are removed as root of the namespace. Answers rm's exit status. */
    private static int remove(Path helper, List<String> ids, Path tree) throws IOException, InterruptedException {
        List<String> rm = List.of("rm", "-rf", "--", tree.toString());
        return new Tool(helper)
                .start(arguments(ids, Optional.empty(), rm), ProcessBuilder::inheritIO)
                .waitFor();
    }

    private static boolean isLeft(Path directory) throws IOException {
        Path file = directory.resolve(LOCK);
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
                || !Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)
                || !Files.getOwner(directory).equals(Files.getOwner(Path.of("/proc/self")))
                || Files.getLastModifiedTime(file)
                        .toInstant()
                        .isAfter(Instant.now().minus(FRESH))) {
            return false;
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            return false; // a build of this very process
        }
    }

    Path path() {
        return path;
    }

    /** Whether files can have other owners than root. */
    boolean keepsOwners() {
        return keepsOwners;
    }

    private static List<String> arguments(List<String> ids, Optional<Path> tree, List<String> program) {
        List<String> command = new ArrayList<>(ids);
        tree.ifPresent(root -> {
            command.add("--root");
            command.add(root.toString());
        });
        command.add("--");
        command.addAll(program);
        return command;
    }

    /** Runs a program on the host with the caller's environment; what it prints is the user's to see. Answers its exit status. */
    int run(List<String> program, Map<String, String> more) throws IOException, InterruptedException {
        return await(
                arguments(ids, Optional.empty(), program),
                builder -> builder.environment().putAll(more));
    }

    /** The same in a tree, with an environment of its own. */
    int runIn(Path tree, List<String> program, Map<String, String> environment)
            throws IOException, InterruptedException {
        return await(arguments(ids, Optional.of(tree), program), builder -> {
            builder.environment().keySet().retainAll(PASSED);
            builder.environment().putAll(environment);
        });
    }

    /**
     * Runs a tool on the host that must succeed.
     *
     * @throws ToolException naming the tool; it has told the rest itself
     */
    void must(List<String> program) throws IOException, ToolException, InterruptedException {
        int status = run(program, Map.of());
        if (status != 0) {
            throw new ToolException(program.get(0) + " ended with status " + status + "; see what it printed");
        }
    }

    private int await(List<String> arguments, Consumer<ProcessBuilder> environment)
            throws IOException, InterruptedException {
        Consumer<ProcessBuilder> silent = builder -> builder.redirectInput(
                        ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        Process process;
        synchronized (this) {
            if (isEnding) {
                throw new InterruptedException("the build is being ended");
            }
            process = new Tool(helper).start(arguments, environment.andThen(silent));
            running = Optional.of(process);
        }
        int status = process.waitFor();
        synchronized (this) {
            running = Optional.empty();
        }
        return status;
    }

    @Override
    public void close() {
        end();
        Runtime.getRuntime().removeShutdownHook(end);
    }

    /** The helper ends everything that runs in its namespace before it ends itself. */
    private void end() {
        Optional<Process> last;
        synchronized (this) {
            isEnding = true;
            last = running;
        }
        try {
            if (last.isPresent()) {
                last.get().destroy();
                if (!last.get().waitFor(10, TimeUnit.SECONDS)) {
                    last.get().destroyForcibly();
                }
            }
            remove(helper, ids, path);
            lock.close();
        } catch (IOException e) {
            throw new UncheckedIOException("the directory " + path + " could not be removed; remove it", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
