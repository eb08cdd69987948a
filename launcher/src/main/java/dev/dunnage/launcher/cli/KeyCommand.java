package dev.dunnage.launcher.cli;

import dev.dunnage.launcher.keys.UserKeys;
import dev.dunnage.sif.key.KeyFacts;
import dev.dunnage.sif.key.KeyKind;
import dev.dunnage.sif.key.PgpSecretKey;
import dev.dunnage.sif.key.SecretKeys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code dunnage key}. */
@Command(
        name = "key",
        description = "Keeps the user's keys, in ~/.dunnage/keys.",
        subcommands = {
            KeyCommand.NewPair.class,
            KeyCommand.ListKeys.class,
            KeyImportCommand.class,
            KeyCommand.Export.class,
            KeyRemoveCommand.class,
            KeySearchCommand.class,
            KeyPullCommand.class,
            KeyPushCommand.class
        })
final class KeyCommand extends BaseCommand {

    @Override
    public Integer call() throws CommandFailure {
        throw new CommandFailure(
                2, "key wants newpair, list, import, export, remove, search, pull or push; see dunnage key --help");
    }

    /** {@code dunnage key newpair}. */
    @Command(name = "newpair", description = "Makes a new key pair for signing.")
    @SuppressWarnings("NullAway.Init") // picocli fills the fields
    static final class NewPair extends BaseCommand {
        @Option(names = "--name", required = true, paramLabel = "NAME", description = "Whose key it is.")
        private String name;

        @Option(names = "--email", required = true, paramLabel = "ADDRESS", description = "Address of the signer.")
        private String email;

        @Option(
                names = "--type",
                paramLabel = "TYPE",
                description = "${COMPLETION-CANDIDATES}, in any letter case; default ${DEFAULT-VALUE}.",
                defaultValue = "ED25519")
        private KeyKind type;

        @Option(names = "--days", paramLabel = "N", description = "Days until the key expires; default: it does not.")
        private Optional<Integer> days = Optional.empty();

        @Option(names = "--no-passphrase", description = "Leave the secret key unprotected, for automatic signing.")
        private boolean unprotected;

        @Option(
                names = "--output",
                paramLabel = "FILE",
                description = "Write the secret key here and the public key to FILE.pub instead of the user's keys.")
        private Optional<Path> output = Optional.empty();

        @Mixin
        private Passphrase passphrase;

        @Mixin
        private JsonOption json;

        @Override
        public Integer call() throws Exception {
            if (days.isPresent() && days.get() < 1) {
                throw new CommandFailure(2, "--days " + days.get() + " is too short; give 1 or more");
            }
            char[] phrase = unprotected ? new char[0] : passphrase.choose();
            PgpSecretKey key = SecretKeys.generate(
                    type,
                    name + " <" + email + ">",
                    Instant.now().truncatedTo(ChronoUnit.SECONDS),
                    days.map(Duration::ofDays),
                    phrase);
            store(key);
            out().println(json.wanted() ? JsonLine.of(KeyText.describe(key.facts(), true)) : KeyText.line(key.facts()));
            return 0;
        }

        private void store(PgpSecretKey key) throws IOException {
            if (output.isEmpty()) {
                UserKeys.ofHome().add(key);
                return;
            }
            Path secret = output.get();
            Files.createFile(
                    secret, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(secret, key.armoredSecret(), StandardOpenOption.TRUNCATE_EXISTING);
            Files.writeString(
                    secret.resolveSibling(secret.getFileName() + ".pub"),
                    key.armoredPublic(),
                    StandardOpenOption.CREATE_NEW);
        }
    }

    /** {@code dunnage key list}. */
    @Command(name = "list", description = "Lists the user's keys.")
    @SuppressWarnings("NullAway.Init") // picocli fills the fields
    static final class ListKeys extends BaseCommand {
        @Option(
                names = {"-s", "--secret"},
                description = "Only keys whose secret part is here.")
        private boolean secretOnly;

        @Mixin
        private JsonOption json;

        @Override
        public Integer call() throws Exception {
            UserKeys keys = UserKeys.ofHome();
            Set<String> secrets = Set.copyOf(keys.secrets().stream()
                    .map(key -> key.facts().fingerprint())
                    .toList());
            for (KeyFacts key : keys.ring().keys()) {
                boolean secret = secrets.contains(key.fingerprint());
                if (secret || !secretOnly) {
                    out().println(
                                    json.wanted()
                                            ? JsonLine.of(KeyText.describe(key, secret))
                                            : KeyText.line(key) + (secret ? ", secret key here" : ""));
                }
            }
            return 0;
        }
    }

    /** {@code dunnage key export}. */
    @Command(
            name = "export",
            description = "Writes a public key, or with --secret a secret key, as it was made or imported.")
    @SuppressWarnings("NullAway.Init") // picocli fills the fields
    static final class Export extends BaseCommand {
        @Parameters(paramLabel = "FINGERPRINT", description = "40 hexadecimal digits, as dunnage key list shows them.")
        private String fingerprint;

        @Option(
                names = {"-s", "--secret"},
                description = "Export the secret key, protected as it is.")
        private boolean secret;

        @Option(
                names = {"-o", "--output"},
                paramLabel = "FILE",
                description = "New file, default standard output.")
        private Optional<Path> output = Optional.empty();

        @Override
        public Integer call() throws Exception {
            String wanted = KeyText.fingerprint(fingerprint);
            Optional<String> key = secret
                    ? UserKeys.ofHome().secret(wanted).map(PgpSecretKey::armoredSecret)
                    : UserKeys.ofHome().publicKey(wanted);
            String content = key.orElseThrow(() -> KeyText.unknown(wanted));
            if (output.isEmpty()) {
                out().print(content);
                return 0;
            }
            Files.createFile(
                    output.get(),
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString(secret ? "rw-------" : "rw-r--r--")));
            Files.writeString(output.get(), content, StandardOpenOption.TRUNCATE_EXISTING);
            return 0;
        }
    }
}
