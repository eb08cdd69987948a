package dev.dunnage.launcher.credentials;

import dev.dunnage.launcher.json.JsonDocument;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A file of the form that Docker gave to the world: {@code auths}, {@code credHelpers} and {@code credsStore}.
 *
 * @param named hosts with an entry, also with an empty one, whose credential a helper keeps
 * @param own credentials in the file itself, by host
 * @param helpers names of programs, by host
 * @param store program for all other hosts
 */
record AuthFile(
        Path path,
        Set<String> named,
        Map<String, Credential> own,
        Map<String, String> helpers,
        Optional<String> store) {
    private static final int LIMIT = 1 << 20;

    /** Reads it; empty when there is none. */
    static Optional<AuthFile> read(Path path) throws IOException {
        try {
            if (Files.size(path) > LIMIT) {
                throw unfit(path, "it is larger than 1 MiB");
            }
            return Optional.of(of(path, JsonDocument.parse(Files.readAllBytes(path))));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (CredentialException e) {
            throw e;
        } catch (IOException | IllegalArgumentException e) {
            // without the cause, which may quote the file
            throw unfit(
                    path,
                    Files.isReadable(path)
                            ? "it is no JSON of the form of Docker's config.json"
                            : "it may not be read");
        }
    }

    private static CredentialException unfit(Path path, String why) {
        return new CredentialException(
                "the credentials in " + path + " cannot be used: " + why + "; correct or remove the file");
    }

    private static AuthFile of(Path path, JsonDocument json) {
        Map<String, Credential> own = new LinkedHashMap<>();
        Set<String> named = new LinkedHashSet<>();
        JsonDocument auths = json.object("auths");
        for (String name : auths.names()) {
            named.add(RegistryNames.host(name));
            credential(auths.object(name)).ifPresent(found -> own.putIfAbsent(RegistryNames.host(name), found));
        }
        Map<String, String> helpers = new LinkedHashMap<>();
        json.object("credHelpers").texts().forEach((name, helper) -> helpers.put(RegistryNames.host(name), helper));
        return new AuthFile(path, named, own, helpers, json.text("credsStore").filter(name -> !name.isEmpty()));
    }

    private static Optional<Credential> credential(JsonDocument entry) {
        Optional<String> token = entry.text("identitytoken").filter(text -> !text.isEmpty());
        if (token.isPresent()) {
            return token.map(Credential::token);
        }
        Optional<String> encoded = entry.text("auth").filter(text -> !text.isEmpty());
        if (encoded.isPresent()) {
            byte[] plain = Base64.getDecoder().decode(encoded.get().strip());
            String text = new String(plain, StandardCharsets.UTF_8).replaceFirst("\0+$", "");
            int colon = text.indexOf(':');
            return colon < 1
                    ? Optional.empty()
                    : Optional.of(new Credential(text.substring(0, colon), text.substring(colon + 1)));
        }
        Optional<String> password = entry.text("password");
        return entry.text("username").flatMap(user -> password.map(secret -> new Credential(user, secret)));
    }

    /** The program that knows this host's credential. */
    Optional<String> helper(String host) {
        return Optional.ofNullable(helpers.get(host)).or(() -> own.containsKey(host) ? Optional.empty() : store);
    }

    /** Whether the file says of this host that a helper keeps its credential, instead of leaving all hosts to one. */
    boolean expectsHelper(String host) {
        return named.contains(host) || helpers.containsKey(host);
    }

    /** All hosts that the file names. */
    List<String> hosts() {
        List<String> hosts = new ArrayList<>(named);
        helpers.keySet().stream().filter(host -> !hosts.contains(host)).forEach(hosts::add);
        return hosts;
    }
}
