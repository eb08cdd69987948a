package dev.dunnage.launcher.cli;

import dev.dunnage.launcher.Version;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code dunnage version}. */
@Command(name = "version", description = "Shows the version of Dunnage and of the Java runtime below it.")
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class VersionCommand extends BaseCommand {
    @Mixin
    private JsonOption json;

    @Override
    public Integer call() {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("version", Version.text());
        facts.put("java", Runtime.version().toString());
        if (json.wanted()) {
            out().println(JsonLine.of(facts));
        } else {
            out().println("dunnage " + facts.get("version") + ", Java " + facts.get("java"));
        }
        return 0;
    }
}
