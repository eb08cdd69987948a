package dev.dunnage.launcher.cli;

import dev.dunnage.sif.Link;
import dev.dunnage.sif.SifFormatException;
import dev.dunnage.sif.SifHeader;
import dev.dunnage.sif.SifImage;
import dev.dunnage.sif.SifListing;
import dev.dunnage.sif.SifObject;
import java.io.IOException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code dunnage sif}. */
@Command(
        name = "sif",
        description = "Shows the structure of SIF files.",
        subcommands = {SifCommand.ListCommand.class, SifCommand.HeaderCommand.class})
final class SifCommand extends BaseCommand {

    @Override
    public Integer call() throws CommandFailure {
        throw new CommandFailure(2, "sif wants list or header; see dunnage sif --help");
    }

    /** {@code dunnage sif list}. */
    @Command(name = "list", description = "Lists the data objects of an image.")
    @SuppressWarnings("NullAway.Init") // picocli fills the fields
    static final class ListCommand extends BaseCommand {
        @Parameters(paramLabel = "FILE", description = "SIF file.")
        private Path file;

        @Mixin
        private JsonOption json;

        @Override
        public Integer call() throws Exception {
            try (OpenedImage opened = OpenedImage.open(file)) {
                SifImage image = SifImage.read(opened.bytes());
                if (json.wanted()) {
                    image.objects().forEach(object -> out().println(JsonLine.of(describe(object))));
                } else {
                    SifListing.lines(image).forEach(out()::println);
                }
                return 0;
            }
        }

        private static Map<String, Object> describe(SifObject object) {
            Map<String, Object> facts = new LinkedHashMap<>();
            facts.put("id", object.id());
            facts.put("type", object.type().label());
            facts.put("group", object.group());
            facts.put("link", link(object.link()));
            facts.put("offset", object.offset());
            facts.put("size", object.size());
            facts.put("name", object.name());
            object.partition().ifPresent(partition -> {
                facts.put("filesystem", partition.fileSystem().label());
                facts.put("partition", partition.kind().label());
                facts.put("architecture", partition.architecture().label());
            });
            object.signature().ifPresent(signature -> {
                facts.put("hash", signature.hash().label());
                facts.put("fingerprint", signature.fingerprint());
            });
            return facts;
        }

        private static Optional<String> link(Link link) {
            if (link instanceof Link.ToObject object) {
                return Optional.of("object " + object.id());
            }
            return link instanceof Link.ToGroup group ? Optional.of("group " + group.group()) : Optional.empty();
        }
    }

    /** {@code dunnage sif header}. */
    @Command(
            name = "header",
            description = {
                "Checks header and descriptors of an image and shows the header.",
                "Exit status 0 when they are sound, 2 when not, 3 when the file cannot be read."
            })
    @SuppressWarnings("NullAway.Init") // picocli fills the fields
    static final class HeaderCommand extends BaseCommand {
        private static final int NOT_SOUND = 2;
        private static final int UNREADABLE = 3;

        @Parameters(paramLabel = "FILE", description = "SIF file.")
        private Path file;

        @Mixin
        private JsonOption json;

        @Override
        public Integer call() throws CommandFailure {
            try (OpenedImage opened = OpenedImage.open(file)) {
                print(SifImage.read(opened.bytes()));
                return 0;
            } catch (SifFormatException e) {
                throw new CommandFailure(NOT_SOUND, file + ": " + e.getMessage());
            } catch (CommandFailure e) {
                throw new CommandFailure(UNREADABLE, String.valueOf(e.getMessage()));
            } catch (IOException e) {
                throw new CommandFailure(
                        UNREADABLE, file + " cannot be read (" + e.getMessage() + "); check its file system");
            }
        }

        private void print(SifImage image) {
            Map<String, Object> facts = facts(image);
            if (json.wanted()) {
                facts.put("warnings", image.warnings());
                out().println(JsonLine.of(facts));
                return;
            }
            facts.forEach((name, value) -> out().println("%-18s %s".formatted(name, value)));
            image.warnings().forEach(warning -> err().println("dunnage: warning: " + warning));
        }

        static Map<String, Object> facts(SifImage image) {
            SifHeader header = image.header();
            Map<String, Object> facts = new LinkedHashMap<>();
            facts.put("launch", header.launchScript());
            facts.put("architecture", header.architecture().label());
            facts.put("id", header.id().toString());
            facts.put("created", time(header.created()));
            facts.put("modified", time(header.modified()));
            facts.put("descriptors-free", image.freeSlots());
            facts.put("descriptors-total", header.totalDescriptors());
            facts.put("descriptors-offset", header.tableOffset());
            facts.put("descriptors-size", header.tableSize());
            facts.put("data-offset", header.dataOffset());
            facts.put("data-size", header.dataSize());
            return facts;
        }

        /** The format has room for times that no calendar has. */
        private static String time(long seconds) {
            try {
                return Instant.ofEpochSecond(seconds).toString();
            } catch (DateTimeException e) {
                return seconds + " s";
            }
        }
    }
}
