package dev.dunnage.launcher.registry;

import dev.dunnage.launcher.credentials.Credential;
import dev.dunnage.launcher.credentials.Credentials;
import dev.dunnage.launcher.json.JsonDocument;
import dev.dunnage.launcher.web.Origin;
import dev.dunnage.launcher.web.Web;
import dev.dunnage.launcher.web.WebAnswer;
import dev.dunnage.launcher.web.WebException;
import dev.dunnage.launcher.web.WebRequest;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Gets and remembers what registries want to see before they answer. */
final class Authorizer {
    private static final int LIMIT = 1 << 20;
    private static final String FORM = "application/x-www-form-urlencoded";

    private final Web web;
    private final Credentials credentials;
    private final Map<Right, String> known = new ConcurrentHashMap<>();

    Authorizer(Web web, Credentials credentials) {
        this.web = web;
        this.credentials = credentials;
    }

    /** What is to be done where. */
    private record Right(URI base, String scope) {}

    Optional<String> known(Endpoint endpoint, String scope) {
        return Optional.ofNullable(known.get(new Right(endpoint.base(), scope)));
    }

    /**
     * Answers the challenge of a registry.
     *
     * @param refused what was sent and not accepted
     * @return empty when the user has nothing to answer with
     */
    synchronized Optional<String> answer(
            Endpoint endpoint, String scope, Optional<String> refused, List<String> challenges) throws IOException {
        Optional<String> meanwhile = known(endpoint, scope);
        if (meanwhile.isPresent() && !meanwhile.equals(refused)) {
            return meanwhile;
        }
        Optional<String> found = Optional.empty();
        for (Challenge challenge : Challenge.parse(challenges)) {
            if (found.isEmpty() && challenge.scheme().equals("bearer")) {
                found = bearer(endpoint, scope, challenge);
            } else if (found.isEmpty() && challenge.scheme().equals("basic")) {
                found = secret(endpoint, endpoint.base())
                        .filter(one -> !one.isToken())
                        .map(Credential::basic);
            }
        }
        found.ifPresent(value -> known.put(new Right(endpoint.base(), scope), value));
        return found;
    }

    /** The user's credential, unless it would go over the network in the clear. */
    private Optional<Credential> secret(Endpoint endpoint, URI receiver) throws IOException {
        Optional<Credential> credential = credentials.of(endpoint.host());
        if (credential.isPresent() && !Origin.of(receiver).isPrivate()) {
            throw new WebException("the password for " + endpoint.host() + " would go over the network in the clear to "
                    + receiver.getHost() + "; use TLS, or log out with 'dunnage registry logout " + endpoint.host()
                    + "'");
        }
        return credential;
    }

    private Optional<String> bearer(Endpoint endpoint, String scope, Challenge challenge) throws IOException {
        URI realm = realm(endpoint, challenge);
        Optional<Credential> credential = secret(endpoint, realm);
        String wanted = challenge.parameter("scope").orElse(scope);
        String query = "service=" + escape(challenge.parameter("service").orElse(""))
                + (wanted.isEmpty() ? "" : "&scope=" + escape(wanted));
        WebRequest request = credential.isPresent() && credential.get().isToken()
                ? exchange(realm, query, credential.get())
                : ask(realm, query).authorized(credential.map(Credential::basic));
        try (WebAnswer answer = web.send(request)) {
            if (!answer.isSuccess()) {
                throw Denials.of(
                        endpoint.host(),
                        credential.isPresent() ? "logging in as " + credential.get() : "asking for a token",
                        answer,
                        "dunnage registry login " + endpoint.host());
            }
            return Optional.of("Bearer " + token(endpoint, answer.bytes(LIMIT)));
        }
    }

    private static URI realm(Endpoint endpoint, Challenge challenge) throws WebException {
        try {
            URI realm = endpoint.base().resolve(challenge.parameter("realm").orElse(""));
            boolean downgrade = "https".equals(endpoint.base().getScheme()) && !"https".equals(realm.getScheme());
            if (realm.getHost() != null && !downgrade) {
                return realm;
            }
        } catch (IllegalArgumentException e) {
            // said below
        }
        throw new WebException(endpoint + " names no usable server of tokens; tell who runs it");
    }

    private static WebRequest ask(URI realm, String query) {
        return WebRequest.get(URI.create(realm + (realm.getRawQuery() == null ? "?" : "&") + query));
    }

    private static WebRequest exchange(URI realm, String query, Credential credential) {
        String form =
                "grant_type=refresh_token&client_id=dunnage&" + query + "&refresh_token=" + escape(credential.secret());
        return WebRequest.of("POST", realm).with("Content-Type", FORM).sending(() -> BodyPublishers.ofString(form));
    }

    private static String token(Endpoint endpoint, byte[] body) throws WebException {
        try {
            JsonDocument json = JsonDocument.parse(body);
            return json.text("token")
                    .or(() -> json.text("access_token"))
                    .filter(text -> text.matches("[!-~]+"))
                    .orElseThrow(() -> new IOException("there is no token in it"));
        } catch (IOException e) {
            // without the cause: it might quote what came
            throw new WebException("the server of tokens of " + endpoint + " answers nonsense; tell who runs it");
        }
    }

    private static String escape(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
