package dev.dunnage.launcher.cli;

import dev.dunnage.launcher.keys.Imported;
import dev.dunnage.launcher.keys.KeyFileException;
import dev.dunnage.launcher.keys.PeerKeys;
import dev.dunnage.launcher.keys.UserKeys;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code dunnage key import}. */
@Command(
        name = "import",
        description = {
            "Takes over public and secret keys that another tool exported or keeps.",
            "Exit status 1 when some of them could not be used."
        })
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class KeyImportCommand extends BaseCommand {
    @Parameters(paramLabel = "FILE", arity = "0..*", description = "Key files, armored or binary.")
    private List<Path> files = new ArrayList<>();

    @Option(
            names = "--from-apptainer",
            description = "Take over the keys in ~/.apptainer/keys and ~/.singularity/keys, which stay as they are.")
    private boolean fromApptainer;

    @Mixin
    private JsonOption json;

    @Override
    public Integer call() throws Exception {
        boolean complete = true;
        for (Path file : sources()) {
            complete &= take(file);
        }
        return complete ? 0 : 1;
    }

    private List<Path> sources() throws CommandFailure {
        List<Path> sources = new ArrayList<>(files);
        if (fromApptainer) {
            List<Path> found = PeerKeys.files(UserKeys.home(), System.getenv());
            if (found.isEmpty()) {
                throw new CommandFailure(
                        2,
                        "there are no keys in .apptainer/keys or .singularity/keys of " + UserKeys.home()
                                + "; name the files");
            }
            sources.addAll(found);
        }
        if (sources.isEmpty()) {
            throw new CommandFailure(2, "nothing to import; name key files, or say --from-apptainer");
        }
        return sources;
    }

    private boolean take(Path file) throws IOException, KeyFileException {
        Imported imported = UserKeys.ofHome().importFile(file);
        for (Imported.Key key : imported.keys()) {
            out().println(
                            json.wanted()
                                    ? JsonLine.of(KeyText.describe(key.facts(), key.secret()))
                                    : "imported " + (key.secret() ? "secret key " : "") + KeyText.line(key.facts()));
        }
        imported.problems().forEach(problem -> err().println("dunnage: " + problem));
        return imported.problems().isEmpty();
    }
}
