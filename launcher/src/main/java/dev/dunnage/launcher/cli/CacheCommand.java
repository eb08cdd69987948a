package dev.dunnage.launcher.cli;

import dev.dunnage.launcher.cache.CacheCare;
import dev.dunnage.launcher.cache.CacheCare.Entry;
import dev.dunnage.launcher.cache.ImageCache;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code dunnage cache}. */
@Command(
        name = "cache",
        description = "Looks at the cache of pulled images, and clears it.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            CacheCommand.Show.class,
            CacheCommand.Clean.class,
            CacheCommand.Verify.class,
            CacheTakeCommand.class
        })
final class CacheCommand extends BaseCommand {
    @Override
    public Integer call() throws CommandFailure {
        throw new CommandFailure(2, "no command was given; see dunnage cache --help");
    }

    /** What all of them look at. */
    @SuppressWarnings("NullAway.Init") // picocli fills the fields
    abstract static class Look extends BaseCommand {
        @Mixin
        private CacheOptions caches;

        @Mixin
        private SourceOptions sources;

        ImageCache cache() throws Exception {
            return caches.cache(sources.settings());
        }
    }

    private static Map<String, Object> members(Entry entry) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("file", entry.file().toString());
        line.put("digest", entry.content().toString());
        line.put("size", entry.size());
        line.put("used", entry.used());
        line.put("references", entry.names());
        return line;
    }

    /** {@code dunnage cache list}. */
    @Command(name = "list", description = "Lists the images in the cache, the one that was used last first.")
    @SuppressWarnings("NullAway.Init") // picocli fills the fields
    static final class Show extends Look {
        @Mixin
        private JsonOption json;

        @Override
        public Integer call() throws Exception {
            ImageCache cache = cache();
            List<Entry> entries = new CacheCare(cache).list();
            long total = 0;
            for (Entry entry : entries) {
                total += entry.size();
                if (json.wanted()) {
                    out().println(JsonLine.of(members(entry)));
                } else {
                    out().println(entry.content().hex().substring(0, 12) + "  " + ProgressBar.size(entry.size()) + "  "
                            + entry.used().toString().replaceFirst("\\..*", "Z") + "  "
                            + String.join(" ", entry.names()));
                }
            }
            if (!json.wanted()) {
                out().println(entries.size() + " images, " + ProgressBar.size(total) + " in " + cache.root());
            }
            return 0;
        }
    }

    /** {@code dunnage cache clean}. */
    @Command(
            name = "clean",
            description = "Removes images from the cache, all or the old ones. Those that containers use stay.")
    static final class Clean extends Look {
        private static final Duration RESTING = Duration.ofMinutes(10);

        @Option(
                names = "--days",
                paramLabel = "N",
                description = "Only those that were not used for so many days.",
                defaultValue = "0")
        private int days;

        @Override
        public Integer call() throws Exception {
            if (days < 0) {
                throw new CommandFailure(2, "--days " + days + " is negative; give 0 or more");
            }
            CacheCare care = new CacheCare(cache());
            Instant before = Instant.now().minus(Duration.ofDays(days));
            long bytes = care.clearPartial(RESTING);
            int removed = 0;
            for (Entry entry : care.list()) {
                boolean rests = !entry.used().isAfter(before);
                if (rests && care.remove(entry)) {
                    bytes += entry.size();
                    removed++;
                } else if (rests) {
                    err().println("dunnage: " + entry.file() + " is in use and stays");
                }
            }
            out().println("removed " + removed + " images, " + ProgressBar.size(bytes));
            return 0;
        }
    }

    /** {@code dunnage cache verify}. */
    @Command(
            name = "verify",
            description = "Reads all images in the cache and compares them with their digests; 1 when one is damaged.")
    @SuppressWarnings("NullAway.Init") // picocli fills the fields
    static final class Verify extends Look {
        @Option(names = "--remove", description = "Remove damaged images, so that the next use pulls them again.")
        private boolean remove;

        @Mixin
        private JsonOption json;

        @Override
        public Integer call() throws Exception {
            CacheCare care = new CacheCare(cache());
            int damaged = 0;
            for (Entry entry : care.list()) {
                boolean sound = care.isSound(entry);
                damaged += sound ? 0 : 1;
                if (json.wanted()) {
                    Map<String, Object> line = members(entry);
                    line.put("sound", sound);
                    out().println(JsonLine.of(line));
                } else {
                    out().println((sound ? "sound    " : "DAMAGED  ") + entry.file());
                }
                if (!sound && remove && !care.remove(entry)) {
                    err().println("dunnage: " + entry.file() + " is in use and stays");
                }
            }
            return damaged == 0 ? 0 : 1;
        }
    }
}
