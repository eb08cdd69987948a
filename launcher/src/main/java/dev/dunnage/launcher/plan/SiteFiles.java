package dev.dunnage.launcher.plan;

import dev.dunnage.launcher.wire.Code;
import dev.dunnage.policy.OwnershipRule;
import dev.dunnage.policy.Policy;
import dev.dunnage.policy.PolicyLoader;
import dev.dunnage.policy.SiteConfig;
import dev.dunnage.policy.SiteConfigLoader;
import dev.dunnage.policy.SiteFileException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** The site's files, read again when they have changed. Thread-safe. */
public final class SiteFiles {
    private final SitePaths paths;
    private final OwnershipRule rule;
    private final Clock clock;
    private final Consumer<String> log;
    private Optional<Known> known = Optional.empty();

    private record Known(List<String> stamps, Site site) {}

    /**
     * Nothing is read yet.
     *
     * @param log gets every problem of a file; users are told the first
     */
    public SiteFiles(SitePaths paths, OwnershipRule rule, Clock clock, Consumer<String> log) {
        this.paths = paths;
        this.rule = rule;
        this.clock = clock;
        this.log = log;
    }

    /** One line: state of the policy. */
    public String state() {
        try {
            return current().policy().summary();
        } catch (RefusedException e) {
            return String.valueOf(e.getMessage());
        }
    }

    /** Whether there is no policy at all; a link that leads nowhere counts as one. */
    boolean isWithoutPolicy() {
        return Files.notExists(paths.policy(), LinkOption.NOFOLLOW_LINKS);
    }

    /** The settings alone, for a machine without policy. */
    SiteConfig settings() throws RefusedException {
        try {
            return new SiteConfigLoader(rule).load(paths.config());
        } catch (SiteFileException e) {
            throw broken(e);
        }
    }

    synchronized Site current() throws RefusedException {
        try {
            if (known.isPresent()) {
                // Who may change the file can have changed without a trace in the file.
                rule.check(paths.policy());
                if (known.get()
                        .stamps()
                        .equals(stamps(known.get().site().config()).orElse(List.of()))) {
                    return known.get().site();
                }
            }
            known = Optional.empty();
            return load();
        } catch (SiteFileException e) {
            e.problems().forEach(problem -> log.accept(problem.toString()));
            throw broken(e);
        } catch (IOException e) {
            log.accept(e.toString());
            throw new RefusedException(
                    Code.CONFIG,
                    "the site's files cannot be read (" + e.getMessage() + "); tell your system administrators",
                    e);
        }
    }

    private Site load() throws SiteFileException, IOException {
        Policy policy = new PolicyLoader(rule).load(paths.policy());
        SiteConfig config = new SiteConfigLoader(rule).load(paths.config());
        Site site = new Site(policy, config, SiteKeys.open(config.keys(), rule));
        Optional<List<String>> stamps = stamps(config);
        if (stamps.isPresent()) {
            known = Optional.of(new Known(stamps.get(), site));
        }
        return site;
    }

    /** Empty when a file changed so lately that another change could go unseen. */
    private Optional<List<String>> stamps(SiteConfig config) throws IOException {
        Instant now = clock.instant();
        List<Path> files = new ArrayList<>(List.of(paths.policy(), paths.config(), config.keys()));
        files.addAll(SiteKeys.files(config.keys()));
        List<String> texts = new ArrayList<>();
        for (Path file : files) {
            Stamp stamp = Stamp.of(file, now);
            if (!stamp.settled()) {
                return Optional.empty();
            }
            texts.add(stamp.text());
        }
        return Optional.of(texts);
    }

    /** With file, line, key and cause: an administrator who tries a step must not have to look for them on the node. */
    private static RefusedException broken(SiteFileException cause) {
        return new RefusedException(
                Code.CONFIG,
                cause.getMessage() + "; no container can start until your system administrators correct this file"
                        + " ('dunnage policy lint' shows everything that is wrong with it)",
                cause);
    }
}
