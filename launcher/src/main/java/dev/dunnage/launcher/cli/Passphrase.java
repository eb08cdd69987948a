package dev.dunnage.launcher.cli;

import java.io.ByteArrayOutputStream;
import java.io.Console;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Where passphrases come from: a descriptor or the terminal, never the command line. */
final class Passphrase {
    private static final int LIMIT = 4096;

    @Option(
            names = "--passphrase-fd",
            paramLabel = "N",
            description = "Read the passphrase of the secret key from the first line of this descriptor.")
    private Optional<Integer> descriptor = Optional.empty();

    /** The passphrase of an existing key, if one is given by descriptor. */
    Optional<char[]> given() throws IOException, CommandFailure {
        return descriptor.isPresent() ? Optional.of(read(descriptor.get())) : Optional.empty();
    }

    /** The passphrase of something that has one: from the descriptor, else asked for. */
    char[] of(String what) throws IOException, CommandFailure {
        Optional<char[]> given = given();
        return given.isPresent() ? given.get() : ask("Passphrase of " + what);
    }

    /** The passphrase of an existing key. */
    char[] ask(String prompt) throws CommandFailure {
        Optional<char[]> answer = terminal().map(console -> console.readPassword("%s: ", prompt));
        return answer.orElseThrow(() ->
                new CommandFailure(2, "the key wants a passphrase and there is no terminal; use --passphrase-fd"));
    }

    @SuppressWarnings("SystemConsoleNull") // newer runtimes answer a console that reads nothing
    static Optional<Console> terminal() {
        return Optional.ofNullable(System.console());
    }

    /** A new passphrase, not empty. */
    char[] choose() throws IOException, CommandFailure {
        Optional<char[]> given = given();
        char[] first = given.isPresent() ? given.get() : ask("New passphrase");
        char[] second = given.isPresent() ? first : ask("The same again");
        if (!Arrays.equals(first, second)) {
            throw new CommandFailure(2, "the two passphrases differ; try again");
        }
        if (first.length == 0) {
            throw new CommandFailure(2, "the passphrase is empty; say --no-passphrase if the key shall have none");
        }
        return first;
    }

    private static char[] read(int descriptor) throws IOException, CommandFailure {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        try (InputStream in = Files.newInputStream(Path.of("/proc/self/fd", Integer.toString(descriptor)))) {
            for (int one = in.read(); one >= 0 && one != '\n'; one = in.read()) {
                if (line.size() >= LIMIT) {
                    throw new CommandFailure(2, "the passphrase is longer than " + LIMIT + " bytes");
                }
                line.write(one);
            }
        }
        CharBuffer text = StandardCharsets.UTF_8.decode(ByteBuffer.wrap(line.toByteArray()));
        char[] passphrase = new char[text.remaining()];
        text.get(passphrase);
        return passphrase;
    }
}
