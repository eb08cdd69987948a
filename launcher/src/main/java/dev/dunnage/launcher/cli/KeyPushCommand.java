package dev.dunnage.launcher.cli;

import dev.dunnage.launcher.keys.UserKeys;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code dunnage key push}. */
@Command(
        name = "push",
        description = {
            "Publishes one of the user's public keys on a key server.",
            "Name and address in it become public; most servers never remove a key."
        })
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class KeyPushCommand extends BaseCommand {
    @Parameters(paramLabel = "FINGERPRINT", description = "40 hexadecimal digits, as dunnage key list shows them.")
    private String fingerprint;

    @Mixin
    private KeyServerOptions server;

    @Override
    public Integer call() throws Exception {
        String wanted = KeyText.fingerprint(fingerprint);
        String key = UserKeys.ofHome().publicKey(wanted).orElseThrow(() -> KeyText.unknown(wanted));
        try (TransferProgress progress = TransferProgress.on(err())) {
            server.server(progress).publish(key);
        }
        out().println("published key " + wanted + " on " + server.address());
        return 0;
    }
}
