package dev.dunnage.launcher.cli;

import dev.dunnage.launcher.keys.KeyBlock;
import dev.dunnage.launcher.keys.UserKeys;
import dev.dunnage.sif.key.KeyFacts;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code dunnage key pull}. */
@Command(
        name = "pull",
        description = {
            "Fetches public keys from a key server into the user's keys.",
            "A key that is here already gets what is new: revocations, for example.",
            "Exit status 1 when the server does not know a key."
        })
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class KeyPullCommand extends BaseCommand {
    @Parameters(paramLabel = "FINGERPRINT", arity = "1..*", description = "40 hexadecimal digits.")
    private List<String> fingerprints;

    @Mixin
    private KeyServerOptions server;

    @Mixin
    private JsonOption json;

    @Override
    public Integer call() throws Exception {
        for (String text : fingerprints) {
            KeyText.fingerprint(text); // all of them, before the first one is asked for
        }
        int missing = 0;
        for (String text : fingerprints) {
            missing += pull(KeyText.fingerprint(text)) ? 0 : 1;
        }
        return missing == 0 ? 0 : 1;
    }

    private boolean pull(String fingerprint) throws Exception {
        Optional<KeyBlock> key;
        try (TransferProgress progress = TransferProgress.on(err())) {
            key = server.server(progress).fetch(fingerprint);
        }
        if (key.isEmpty()) {
            err().println("dunnage: key server " + server.address() + " does not know key " + fingerprint
                    + "; check the digits, or name another server with --url");
            return false;
        }
        UserKeys keys = UserKeys.ofHome();
        KeyFacts facts = keys.add(key.get());
        boolean secret = keys.secret(fingerprint).isPresent();
        out().println(json.wanted() ? JsonLine.of(KeyText.describe(facts, secret)) : "pulled " + KeyText.line(facts));
        KeyText.unfitness(facts, Instant.now()).ifPresent(why -> err().println("dunnage: warning: " + why));
        return true;
    }
}
