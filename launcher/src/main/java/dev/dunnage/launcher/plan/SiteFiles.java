package dev.dunnage.launcher.plan;

import dev.dunnage.launcher.wire.Code;
import dev.dunnage.policy.AuditSettings;
import dev.dunnage.policy.OwnershipRule;
import dev.dunnage.policy.Policy;
import dev.dunnage.policy.SiteConfig;
import dev.dunnage.policy.SiteConfigLoader;
import dev.dunnage.policy.SiteFileException;
import dev.dunnage.sif.key.KeyRingException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The site's files, read again as soon as any of them changed: all or nothing. Thread-safe.
 *
 * <p>In a process that lasts, files that break while it runs do not count: what they said before stays in force, and
 * everybody is told. A policy that is gone leaves nothing in force, and neither do files that were never sound.
 */
public final class SiteFiles {
    private final SitePaths paths;
    private final OwnershipRule rule;
    private final Clock clock;
    private final Consumer<String> log;
    private final Life life;
    private Optional<Known> known = Optional.empty();
    private String logged = "";

    /** How long the process lives that asks. */
    public enum Life {
        /** For one request: it has nothing to fall back on. */
        SHORT,
        /** For many: it keeps to what was sound. */
        LONG
    }

    private record Known(List<Stamp> stamps, Site site) {}

    /**
     * Nothing is read yet.
     *
     * @param log gets every problem of a file once; users are told the first
     */
    public SiteFiles(SitePaths paths, OwnershipRule rule, Clock clock, Life life, Consumer<String> log) {
        this.paths = paths;
        this.rule = rule;
        this.clock = clock;
        this.life = life;
        this.log = log;
    }

    /** One line: state of the policy. */
    public String state() {
        try {
            Site site = current();
            return site.trouble()
                    .map(trouble -> site.policy().summary() + ", BUT " + trouble)
                    .orElseGet(site.policy()::summary);
        } catch (RefusedException e) {
            return String.valueOf(e.getMessage());
        }
    }

    /** Whether there is no policy at all; a link that leads nowhere counts as one. */
    boolean isWithoutPolicy() {
        return Files.notExists(paths.policy(), LinkOption.NOFOLLOW_LINKS)
                && Files.notExists(paths.ecl(), LinkOption.NOFOLLOW_LINKS);
    }

    /** The settings alone, for a machine without policy. */
    SiteConfig settings() throws RefusedException {
        try {
            return new SiteConfigLoader(rule).load(paths.config());
        } catch (SiteFileException e) {
            throw refusal(new Broken(e));
        }
    }

    /** Where decisions are recorded, also when the policy is broken. */
    AuditSettings audit() {
        try {
            return settings().audit();
        } catch (RefusedException e) {
            return AuditSettings.DEFAULTS;
        }
    }

    synchronized Site current() throws RefusedException {
        try {
            if (known.isPresent() && isUnchanged(known.get())) {
                return known.get().site();
            }
            Site site = load();
            if (!logged.isEmpty()) {
                log.accept("the site's files are sound again: " + site.policy().summary());
                logged = "";
            }
            known = Optional.of(new Known(stamps(site).orElse(List.of()), site));
            return site;
        } catch (SiteFileException e) {
            return fallBack(new Broken(e));
        } catch (KeyRingException e) {
            return fallBack(new Broken(e));
        } catch (IOException e) {
            return fallBack(new Broken(e));
        }
    }

    private boolean isUnchanged(Known earlier) throws IOException {
        return !earlier.stamps().isEmpty()
                && stamps(earlier.site()).filter(earlier.stamps()::equals).isPresent();
    }

    private Site load() throws SiteFileException, IOException, KeyRingException {
        Policy policy = PolicyFile.load(paths, rule);
        SiteConfig config = new SiteConfigLoader(rule).load(paths.config());
        SiteKeys keys = SiteKeys.open(config.keys(), rule);
        if (life == Life.LONG) {
            keys.ring();
            keys.pemKeys();
        }
        return new Site(policy, config, keys, Optional.empty());
    }

    /** Why the files cannot be used, for users and for the log. */
    private record Broken(String line, List<String> details, Exception cause) {
        Broken(SiteFileException e) {
            this(
                    String.valueOf(e.getMessage()),
                    e.problems().stream().map(Object::toString).toList(),
                    e);
        }

        Broken(KeyRingException e) {
            this(String.valueOf(e.getMessage()), List.of(String.valueOf(e.getMessage())), e);
        }

        Broken(IOException e) {
            this("the site's files cannot be read (" + e.getMessage() + ")", List.of(e.toString()), e);
        }
    }

    private Site fallBack(Broken broken) throws RefusedException {
        boolean keeps = life == Life.LONG && known.isPresent() && PolicyFile.isAny(paths);
        if (!keeps) {
            known = Optional.empty();
        }
        if (!broken.details().toString().equals(logged)) {
            logged = broken.details().toString();
            broken.details().forEach(log);
            log.accept(
                    keeps
                            ? "the files above do not count, what was read before stays in force"
                            : "no container can start");
        }
        if (keeps) {
            return known.get().site().with(broken.line() + "; what it said before stays in force");
        }
        throw refusal(broken);
    }

    /** With file, line, key and cause: an administrator who tries a step must not have to look for them on the node. */
    private static RefusedException refusal(Broken broken) {
        return new RefusedException(
                Code.CONFIG,
                broken.line() + "; no container can start until your system administrators correct this file"
                        + " ('dunnage policy lint' shows everything that is wrong with it)",
                broken.cause());
    }

    /** Empty when a file changed so lately that another change could go unseen. */
    private Optional<List<Stamp>> stamps(Site site) throws IOException {
        Instant now = clock.instant();
        List<Path> files = new ArrayList<>(List.of(
                paths.policy(), paths.ecl(), paths.config(), site.config().keys()));
        files.addAll(site.policy().files());
        files.addAll(SiteKeys.files(site.config().keys()));
        List<Stamp> stamps = new ArrayList<>();
        for (Path file : files) {
            Stamp stamp = Stamp.of(file, now);
            if (!stamp.settled()) {
                return Optional.empty();
            }
            stamps.add(stamp);
        }
        // Who may change a file can have changed without a trace in the file.
        for (Path directory : directoriesAbove(files)) {
            stamps.add(Stamp.ofRights(directory));
        }
        return Optional.of(stamps);
    }

    private static Set<Path> directoriesAbove(List<Path> files) {
        Set<Path> directories = new LinkedHashSet<>();
        for (Path file : files) {
            Path above = file.toAbsolutePath().getParent();
            while (above != null && directories.add(above)) {
                above = above.getParent();
            }
        }
        return directories;
    }
}
