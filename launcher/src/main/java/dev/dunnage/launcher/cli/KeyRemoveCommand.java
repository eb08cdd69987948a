package dev.dunnage.launcher.cli;

import dev.dunnage.launcher.keys.UserKeys;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code dunnage key remove}. */
@Command(
        name = "remove",
        description = {
            "Removes a key from the user's keys.",
            "The site's keys in /etc/dunnage/keys are files that an administrator removes."
        })
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class KeyRemoveCommand extends BaseCommand {
    @Parameters(paramLabel = "FINGERPRINT", description = "40 hexadecimal digits, as dunnage key list shows them.")
    private String fingerprint;

    @Option(
            names = {"-s", "--secret"},
            description = "Remove the secret key too, for good.")
    private boolean secret;

    @Override
    public Integer call() throws Exception {
        String wanted = KeyText.fingerprint(fingerprint);
        UserKeys keys = UserKeys.ofHome();
        boolean hasSecret = keys.secret(wanted).isPresent();
        if (hasSecret && !secret) {
            throw new CommandFailure(
                    2,
                    "the secret part of key " + wanted
                            + " is here and nothing could bring it back; say --secret to remove both");
        }
        boolean hadPublic = keys.removePublic(wanted);
        if (!hadPublic && !hasSecret) {
            throw KeyText.unknown(wanted);
        }
        if (hasSecret) {
            keys.removeSecret(wanted);
        }
        out().println("removed " + (hasSecret ? "secret and public key " : "key ") + wanted);
        return 0;
    }
}
