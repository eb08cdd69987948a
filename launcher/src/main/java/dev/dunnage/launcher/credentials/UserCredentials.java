package dev.dunnage.launcher.credentials;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The user's credentials, from the first place that knows a host: {@code ~/.dunnage/registry.json}, {@code REGISTRY_AUTH_FILE},
 * Docker's {@code config.json}, Apptainer's and Podman's file of the same form. Read anew for each question.
 */
public final class UserCredentials implements Credentials {
    private final OwnFile own;
    private final List<Path> others;
    private final Map<String, String> environment;

    /** Reads nothing yet. */
    public UserCredentials(Path home, Map<String, String> environment) {
        this.own = new OwnFile(home.resolve(".dunnage").resolve("registry.json"));
        this.environment = Map.copyOf(environment);
        this.others = new ArrayList<>();
        named("REGISTRY_AUTH_FILE").ifPresent(others::add);
        others.add(named("DOCKER_CONFIG").orElse(home.resolve(".docker")).resolve("config.json"));
        others.add(home.resolve(".apptainer").resolve("docker-config.json"));
        named("XDG_RUNTIME_DIR")
                .ifPresent(
                        directory -> others.add(directory.resolve("containers").resolve("auth.json")));
    }

    private Optional<Path> named(String variable) {
        String value = environment.getOrDefault(variable, "");
        return value.startsWith("/") ? Optional.of(Path.of(value)) : Optional.empty();
    }

    /** The file that logging in writes. */
    public OwnFile own() {
        return own;
    }

    /**
     * A registry that somebody is logged in to.
     *
     * @param user {@code <token>} for an identity token; empty when a helper keeps it
     * @param helper program that keeps the credential
     * @param file that names the registry
     */
    public record Login(String host, Optional<String> user, Optional<String> helper, Path file) {}

    @Override
    public Optional<Credential> of(String host) throws IOException {
        for (AuthFile file : files()) {
            Optional<Credential> found = of(host, file);
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    private Optional<Credential> of(String host, AuthFile file) throws IOException {
        Optional<Helper> helper = file.helper(host).map(name -> new Helper(name, environment));
        if (helper.isEmpty()) {
            return Optional.ofNullable(file.own().get(host));
        }
        // a file that came from a laptop may leave all hosts to a program that is not here: public images need none
        boolean isMeant = file.expectsHelper(host) || helper.get().isInstalled();
        return isMeant ? helper.get().get(host) : Optional.empty();
    }

    /** All that the files name, without asking a helper. */
    public List<Login> logins() throws IOException {
        List<Login> logins = new ArrayList<>();
        for (AuthFile file : files()) {
            for (String host : file.hosts()) {
                Optional<String> helper = file.helper(host);
                Optional<String> user = helper.isPresent()
                        ? Optional.empty()
                        : Optional.ofNullable(file.own().get(host)).map(Credential::user);
                logins.add(new Login(host, user, helper, file.path()));
            }
        }
        return logins;
    }

    private List<AuthFile> files() throws IOException {
        List<AuthFile> files = new ArrayList<>();
        own.read().ifPresent(files::add);
        for (Path other : others) {
            AuthFile.read(other).ifPresent(files::add);
        }
        return files;
    }
}
