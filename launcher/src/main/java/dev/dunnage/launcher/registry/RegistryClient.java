package dev.dunnage.launcher.registry;

import dev.dunnage.launcher.credentials.Credentials;
import dev.dunnage.launcher.reference.RegistryReference;
import dev.dunnage.launcher.web.Content;
import dev.dunnage.launcher.web.Download;
import dev.dunnage.launcher.web.Origin;
import dev.dunnage.launcher.web.Web;
import dev.dunnage.launcher.web.WebAnswer;
import dev.dunnage.launcher.web.WebException;
import dev.dunnage.launcher.web.WebRequest;
import dev.dunnage.sif.Architecture;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Asks registries for images. Thread-safe; what it learns about rights is kept for its life. */
public final class RegistryClient {
    private static final int UNAUTHORIZED = 401;

    private final Web web;
    private final RegistrySettings settings;
    private final Authorizer authorizer;

    /** Asks for nothing yet. */
    public RegistryClient(Web web, RegistrySettings settings, Credentials credentials) {
        this.web = web;
        this.settings = settings;
        this.authorizer = new Authorizer(web, credentials);
    }

    /**
     * What a reference leads to now, from the first mirror that has it, or from the registry itself.
     *
     * @param architecture to be chosen from images for several
     * @throws WebException when nobody has it; the message names the reference
     */
    public ResolvedImage resolve(RegistryReference reference, Architecture architecture) throws IOException {
        List<Endpoint> endpoints = endpoints(reference);
        for (Endpoint mirror : endpoints.subList(0, endpoints.size() - 1)) {
            try {
                return new Resolution(this, reference, mirror, architecture).run();
            } catch (WebException e) {
                // the next one may have it; what the registry itself says is what counts
            }
        }
        return new Resolution(this, reference, endpoints.get(endpoints.size() - 1), architecture).run();
    }

    private List<Endpoint> endpoints(RegistryReference reference) throws WebException {
        List<Endpoint> endpoints = new ArrayList<>();
        for (URI mirror : settings.mirrors().getOrDefault(reference.host(), List.of())) {
            endpoints.add(Endpoint.mirror(mirror));
        }
        endpoints.add(origin(reference));
        return endpoints;
    }

    /** The registry itself. */
    Endpoint origin(RegistryReference reference) throws WebException {
        return origin(reference.host(), reference.toString());
    }

    private Endpoint origin(String host, String named) throws WebException {
        if (!settings.allows(host)) {
            throw new WebException(named + ": this site does not allow images from " + host + " but from "
                    + String.join(", ", settings.allowed())
                    + " (registries.allowed in dunnage.yaml); copy the image there");
        }
        return Endpoint.of(host, settings.insecure().contains(host));
    }

    /**
     * Asks a registry whether it knows the user.
     *
     * @throws WebException when it does not, or cannot be reached
     */
    public void checkLogin(String host) throws IOException {
        Endpoint endpoint = origin(host, host);
        WebRequest request = WebRequest.get(endpoint.base().resolve("/v2/"));
        try (WebAnswer answer = ask(endpoint, "", request)) {
            if (!answer.isSuccess()) {
                throw Denials.of(host, "logging in", answer, "dunnage registry login " + host);
            }
        }
    }

    /** A blob of an image, to be read as a stream whose end is reached only when the digest is right. */
    public Download blob(ResolvedImage image, Descriptor blob) {
        String name = image.reference().repository();
        URI uri = image.endpoint().at(name, "/blobs/" + blob.digest());
        Content content = range -> {
            WebRequest request = WebRequest.get(uri);
            WebAnswer answer = ask(
                    image.endpoint(),
                    scope(image.endpoint(), name, "pull"),
                    range.map(r -> request.with("Range", r)).orElse(request));
            return wanted(image.reference(), "fetching " + blob.digest(), answer);
        };
        return new Download(web, content, blob.digest(), blob.size());
    }

    /** The answer if it is one of success. */
    static WebAnswer wanted(RegistryReference reference, String step, WebAnswer answer) throws IOException {
        if (answer.isSuccess()) {
            return answer;
        }
        try (answer) {
            throw Denials.of(reference.toString(), step, answer, "dunnage registry login " + reference.host());
        }
    }

    static String scope(Endpoint endpoint, String name, String actions) {
        return "repository:" + endpoint.repository(name) + ":" + actions;
    }

    /** Asks, and once more with what the registry wants to see. */
    WebAnswer ask(Endpoint endpoint, String scope, WebRequest request) throws IOException {
        boolean own = Origin.of(request.uri()).equals(Origin.of(endpoint.base()));
        Optional<String> first = own ? authorizer.known(endpoint, scope) : Optional.empty();
        WebAnswer answer = web.send(request.authorized(first));
        if (answer.status() != UNAUTHORIZED || !Origin.of(answer.uri()).equals(Origin.of(endpoint.base()))) {
            return answer;
        }
        Optional<String> second =
                authorizer.answer(endpoint, scope, first, answer.headers().allValues("WWW-Authenticate"));
        if (second.isEmpty()) {
            return answer;
        }
        answer.close();
        return web.send(request.authorized(second));
    }
}
