package dev.dunnage.launcher.cli;

import dev.dunnage.launcher.wire.Code;
import dev.dunnage.policy.EclImport;
import dev.dunnage.policy.SiteFileException;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code dunnage policy import-ecl}. */
@Command(
        name = "import-ecl",
        description = {
            "Rewrites Apptainer's ecl.toml as a policy that decides the same, and prints it.",
            "Exit status 6 when the list is broken."
        })
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class PolicyImportCommand extends BaseCommand {
    @Parameters(paramLabel = "FILE", description = "The ecl.toml.")
    private Path file;

    @Override
    public Integer call() {
        try {
            out().print(new EclImport(PolicySource.ownership(file)).toPolicy(file));
            out().flush();
            return 0;
        } catch (SiteFileException e) {
            e.problems().forEach(problem -> err().println("dunnage: " + problem));
            return Code.CONFIG.exitStatus();
        }
    }
}
