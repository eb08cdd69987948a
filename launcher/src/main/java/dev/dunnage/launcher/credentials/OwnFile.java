package dev.dunnage.launcher.credentials;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.UnaryOperator;

/** {@code ~/.dunnage/registry.json}: what {@code dunnage registry login} keeps, readable by its user alone. */
public final class OwnFile {
    private static final FileAttribute<Set<PosixFilePermission>> PRIVATE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    private static final FileAttribute<Set<PosixFilePermission>> PRIVATE_DIRECTORY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    private static final Set<PosixFilePermission> FOREIGN = PosixFilePermissions.fromString("---rwxrwx");

    private final Path path;

    /** Reads nothing yet. */
    public OwnFile(Path path) {
        this.path = path;
    }

    /** Where it is. */
    public Path path() {
        return path;
    }

    /** What it holds; empty when it is not there. */
    Optional<AuthFile> read() throws IOException {
        if (!Files.exists(path)) {
            return Optional.empty();
        }
        Set<PosixFilePermission> mode = Files.getPosixFilePermissions(path);
        if (mode.stream().anyMatch(FOREIGN::contains)) {
            throw new CredentialException(
                    "others may read your passwords in " + path + ": run 'chmod 600 " + path + "', and change them");
        }
        return AuthFile.read(path);
    }

    /** Keeps a credential in place of an earlier one. */
    public void put(String host, Credential credential) throws IOException {
        change(all -> {
            all.put(RegistryNames.host(host), credential);
            return all;
        });
    }

    /**
     * Forgets a credential.
     *
     * @return whether there was one
     */
    public boolean remove(String host) throws IOException {
        boolean[] was = {false};
        change(all -> {
            was[0] = all.remove(RegistryNames.host(host)) != null;
            return all;
        });
        return was[0];
    }

    private void change(UnaryOperator<Map<String, Credential>> change) throws IOException {
        Path directory = path.toAbsolutePath().resolveSibling("");
        Files.createDirectories(directory, PRIVATE_DIRECTORY);
        Path lock = directory.resolve(".registry.lock");
        try (FileChannel channel =
                FileChannel.open(lock, Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE), PRIVATE)) {
            FileLock held = channel.lock();
            Map<String, Credential> all =
                    new LinkedHashMap<>(read().map(AuthFile::own).orElse(Map.of()));
            write(change.apply(all));
            held.release();
        }
    }

    private void write(Map<String, Credential> all) throws IOException {
        Path draft = path.resolveSibling(".registry-" + UUID.randomUUID());
        try {
            try (FileChannel channel = FileChannel.open(
                            draft, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), PRIVATE);
                    OutputStream out = Channels.newOutputStream(channel);
                    JsonGenerator json = new JsonFactory().createGenerator(out)) {
                json.useDefaultPrettyPrinter();
                json.writeStartObject();
                json.writeObjectFieldStart("auths");
                for (Map.Entry<String, Credential> each : all.entrySet()) {
                    Credential credential = each.getValue();
                    json.writeObjectFieldStart(each.getKey());
                    json.writeStringField(
                            credential.isToken() ? "identitytoken" : "auth",
                            credential.isToken() ? credential.secret() : credential.encoded());
                    json.writeEndObject();
                }
                json.writeEndObject();
                json.writeEndObject();
            }
            Files.move(draft, path, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(draft);
        }
    }
}
