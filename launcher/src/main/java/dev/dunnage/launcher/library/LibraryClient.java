package dev.dunnage.launcher.library;

import dev.dunnage.launcher.credentials.Credential;
import dev.dunnage.launcher.json.JsonDocument;
import dev.dunnage.launcher.reference.Digest;
import dev.dunnage.launcher.reference.LibraryReference;
import dev.dunnage.launcher.registry.Denials;
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
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Asks one library. */
public final class LibraryClient {
    private static final int LIMIT = 4 << 20;
    private static final int NOT_FOUND = 404;

    private final Web web;
    private final URI base;
    private final Optional<Credential> token;

    /**
     * Asks for nothing yet.
     *
     * @param base {@code https://HOST}
     * @param token of the user at this library
     */
    public LibraryClient(Web web, URI base, Optional<Credential> token) throws WebException {
        if (token.isPresent() && !Origin.of(base).isPrivate()) {
            throw new WebException("the token for " + base.getHost()
                    + " would go over the network in the clear; use https://, or log out with 'dunnage registry logout "
                    + base.getAuthority() + "'");
        }
        this.web = web;
        this.base = base;
        this.token = token;
    }

    /**
     * An image of a library.
     *
     * @param id the library's own
     * @param digest of the SIF file; empty when the library names it otherwise
     * @param uploaded whether the file is there
     */
    public record Image(String id, Optional<Digest> digest, long size, boolean uploaded) {}

    /**
     * Something that was found.
     *
     * @param kind {@code container} or {@code collection}
     * @param reference {@code library://} and the path
     */
    public record Hit(String kind, String reference, String description) {}

    String host() {
        return String.valueOf(base.getAuthority());
    }

    /** The image that a reference means now. */
    public Image resolve(LibraryReference reference, Architecture architecture) throws IOException {
        String path = "/v1/images/" + reference.path() + ":" + reference.tag() + "?arch=" + architecture.label();
        try (WebAnswer answer = wanted(reference.toString(), "asking for the image", get(path))) {
            JsonDocument data = data(answer);
            Image image = image(data);
            if (!image.uploaded() || image.size() < 0) {
                throw new WebException(reference + ": asking for the image: " + host()
                        + " knows its name but does not have its file; ask its owner to push it again");
            }
            return image;
        }
    }

    static Image image(JsonDocument data) {
        String hash = data.text("hash").orElse("");
        return new Image(
                data.text("id").orElse(""),
                Digest.parse(hash.replaceFirst("^sha256\\.", "sha256:")),
                data.number("size").orElse(-1L),
                data.flag("uploaded").orElse(false));
    }

    /** The file of an image. */
    public Download download(LibraryReference reference, Architecture architecture, Image image) {
        URI uri = base.resolve(base.getRawPath() + "/v1/imagefile/" + reference.path() + ":" + reference.tag()
                + "?arch=" + architecture.label());
        Content content = range -> {
            WebRequest plain = WebRequest.get(uri).authorized(authorization());
            WebAnswer answer = web.send(range.isPresent() ? plain.with("Range", range.get()) : plain);
            return wanted(reference.toString(), "fetching the image", answer);
        };
        return new Download(web, content, image.digest(), image.size());
    }

    /**
     * Searches names and descriptions.
     *
     * @param architecture that containers must be there for
     */
    public List<Hit> search(String text, Optional<Architecture> architecture) throws IOException {
        String path = "/v1/search?value=" + URLEncoder.encode(text, StandardCharsets.UTF_8)
                + architecture.map(one -> "&arch=" + one.label()).orElse("");
        try (WebAnswer answer = wanted("'" + text + "'", "searching", get(path))) {
            JsonDocument data = data(answer);
            List<Hit> hits = new ArrayList<>();
            for (String kind : List.of("container", "collection")) {
                for (JsonDocument one : data.objects(kind)) {
                    hits.add(hit(kind, one));
                }
            }
            return hits;
        }
    }

    private static Hit hit(String kind, JsonDocument one) {
        List<String> parts = new ArrayList<>();
        one.text("entityName").ifPresent(parts::add);
        one.text("collectionName").ifPresent(parts::add);
        parts.add(one.text("name").orElse(""));
        return new Hit(
                kind,
                "library://" + String.join("/", parts),
                one.text("description").orElse(""));
    }

    WebAnswer get(String path) throws IOException {
        return web.send(WebRequest.get(at(path)).authorized(authorization()));
    }

    WebAnswer send(WebRequest request) throws IOException {
        return web.send(request);
    }

    URI at(String path) {
        return base.resolve(base.getRawPath() + path);
    }

    Optional<String> authorization() {
        return token.map(one -> one.isToken() ? "Bearer " + one.secret() : one.basic());
    }

    /** What a path leads to; empty when there is nothing. */
    Optional<JsonDocument> find(String named, String step, String path) throws IOException {
        try (WebAnswer answer = get(path)) {
            return answer.status() == NOT_FOUND ? Optional.empty() : Optional.of(data(wanted(named, step, answer)));
        }
    }

    JsonDocument data(WebAnswer answer) throws IOException {
        byte[] body = answer.bytes(LIMIT);
        try {
            return JsonDocument.parse(body).object("data");
        } catch (IOException e) {
            throw new WebException(host() + " answers nonsense; check that it is a library of images");
        }
    }

    WebAnswer wanted(String named, String step, WebAnswer answer) throws IOException {
        if (answer.isSuccess()) {
            return answer;
        }
        try (answer) {
            throw Denials.of(named, step, answer, "dunnage registry login --token " + host());
        }
    }
}
