package dev.dunnage.launcher.cli;

import dev.dunnage.launcher.keyserver.ListedKey;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code dunnage key search}. */
@Command(
        name = "search",
        description = {
            "Searches a key server for keys by name, address or fingerprint.",
            "Anybody can publish a key under any name: check a fingerprint with its owner before you trust it.",
            "Exit status 1 when the server knows none."
        })
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class KeySearchCommand extends BaseCommand {
    @Parameters(
            paramLabel = "TEXT",
            arity = "1..*",
            description = "Part of a name or address, a whole address, or a fingerprint. Many servers want a whole"
                    + " address.")
    private List<String> text;

    @Mixin
    private KeyServerOptions server;

    @Mixin
    private JsonOption json;

    @Override
    public Integer call() throws Exception {
        List<ListedKey> keys;
        String wanted = String.join(" ", text);
        try (TransferProgress progress = TransferProgress.on(err())) {
            String hex = wanted.matches("[0-9A-Fa-f]{40}") ? "0x" + wanted : wanted;
            keys = server.server(progress).search(hex);
        }
        if (keys.isEmpty()) {
            throw new CommandFailure(
                    1,
                    "key server " + server.address() + " has no key for '" + wanted
                            + "'; give the whole address, or name another server with --url");
        }
        keys.forEach(key -> out().println(json.wanted() ? JsonLine.of(describe(key)) : line(key)));
        return 0;
    }

    private static Map<String, Object> describe(ListedKey key) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("fingerprint", key.fingerprint());
        object.put("algorithm", key.algorithm());
        object.put("names", key.names());
        object.put("created", key.created());
        object.put("expires", key.expires());
        object.put("revoked", key.revoked());
        return object;
    }

    private static String line(ListedKey key) {
        StringBuilder line = new StringBuilder(key.fingerprint());
        if (!key.algorithm().isEmpty()) {
            line.append(' ').append(key.algorithm());
        }
        key.created().ifPresent(time -> line.append(", made ").append(time));
        key.expires().ifPresent(time -> line.append(", valid until ").append(time));
        line.append(key.revoked() ? ", revoked" : "");
        key.names()
                .forEach(name ->
                        line.append(System.lineSeparator()).append("    ").append(name));
        return line.toString();
    }
}
