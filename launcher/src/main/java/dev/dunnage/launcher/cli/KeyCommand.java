package dev.dunnage.launcher.cli;

import dev.dunnage.launcher.keys.UserKeys;
import dev.dunnage.sif.key.KeyFacts;
import dev.dunnage.sif.key.KeyKind;
import dev.dunnage.sif.key.PgpSecretKey;
import dev.dunnage.sif.key.SecretKeys;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
            KeyCommand.Import.class,
            KeyCommand.Export.class
        })
final class KeyCommand extends BaseCommand {

    @Override
    public Integer call() throws CommandFailure {
        throw new CommandFailure(2, "key wants newpair, list, import or export; see dunnage key --help");
    }

    private static String line(KeyFacts key) {
        String end = key.revoked()
                ? ", revoked"
                : key.expires().map(time -> ", valid until " + time).orElse("");
        return key.fingerprint() + " " + key.algorithm() + " " + key.userId() + ", made " + key.created() + end;
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
            out().println(json.wanted() ? JsonLine.of(describe(key.facts(), true)) : line(key.facts()));
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

    static Map<String, Object> describe(KeyFacts key, boolean hasSecret) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("fingerprint", key.fingerprint());
        object.put("algorithm", key.algorithm());
        object.put("name", key.userId());
        object.put("created", key.created());
        object.put("expires", key.expires());
        object.put("revoked", key.revoked());
        object.put("can-sign", key.canSign());
        object.put("secret", hasSecret);
        return object;
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
                                            ? JsonLine.of(describe(key, secret))
                                            : line(key) + (secret ? ", secret key here" : ""));
                }
            }
            return 0;
        }
    }

    /** {@code dunnage key import}. */
    @Command(name = "import", description = "Takes over public keys, or one secret key, that another tool exported.")
    @SuppressWarnings("NullAway.Init") // picocli fills the fields
    static final class Import extends BaseCommand {
        @Parameters(paramLabel = "FILE", arity = "1..*", description = "Key files, armored or binary.")
        private List<Path> files = new ArrayList<>();

        @Override
        public Integer call() throws Exception {
            for (Path file : files) {
                for (KeyFacts key : UserKeys.ofHome().importFile(file)) {
                    out().println("imported " + line(key));
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
        @Parameters(paramLabel = "FINGERPRINT", description = "40 hexadecimal digits.")
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
            Optional<byte[]> key = secret
                    ? UserKeys.ofHome()
                            .secret(fingerprint)
                            .map(found -> found.armoredSecret().getBytes(StandardCharsets.UTF_8))
                    : UserKeys.ofHome().publicKey(fingerprint);
            byte[] content = key.orElseThrow(
                    () -> new CommandFailure(2, "no key " + fingerprint + " here; see dunnage key list"));
            if (output.isEmpty()) {
                out().print(new String(content, StandardCharsets.ISO_8859_1));
                return 0;
            }
            Files.createFile(
                    output.get(),
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString(secret ? "rw-------" : "rw-r--r--")));
            Files.write(output.get(), content, StandardOpenOption.TRUNCATE_EXISTING);
            return 0;
        }
    }
}
