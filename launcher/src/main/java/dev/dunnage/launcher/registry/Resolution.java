package dev.dunnage.launcher.registry;

import dev.dunnage.launcher.json.JsonDocument;
import dev.dunnage.launcher.reference.Digest;
import dev.dunnage.launcher.reference.RegistryReference;
import dev.dunnage.launcher.web.WebAnswer;
import dev.dunnage.launcher.web.WebException;
import dev.dunnage.launcher.web.WebRequest;
import dev.dunnage.sif.Architecture;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** From a reference to the manifest of one image, at one server. */
final class Resolution {
    private static final int LIMIT = 4 << 20;

    private final RegistryClient client;
    private final RegistryReference reference;
    private final Endpoint endpoint;
    private final Architecture architecture;

    Resolution(RegistryClient client, RegistryReference reference, Endpoint endpoint, Architecture architecture) {
        this.client = client;
        this.reference = reference;
        this.endpoint = endpoint;
        this.architecture = architecture;
    }

    /** A manifest or an index, its digest known to be right. */
    private record Document(Descriptor self, JsonDocument json) {}

    ResolvedImage run() throws IOException {
        Document named = fetch(reference.qualifier());
        Document image = named;
        if (MediaTypes.isIndex(named.self().mediaType())) {
            image = fetch(choose(named).digest().toString());
        }
        if (!MediaTypes.isManifest(image.self().mediaType())) {
            throw nonsense("it is of type '" + image.self().mediaType() + "'");
        }
        try {
            Manifest manifest = ManifestReader.manifest(image.self(), image.json());
            return new ResolvedImage(reference, endpoint, named.self().digest(), manifest);
        } catch (WebException e) {
            throw e;
        } catch (IOException e) {
            throw nonsense(String.valueOf(e.getMessage()));
        }
    }

    private Document fetch(String qualifier) throws IOException {
        String name = reference.repository();
        WebRequest request =
                WebRequest.get(endpoint.at(name, "/manifests/" + qualifier)).with("Accept", MediaTypes.ACCEPT);
        String scope = RegistryClient.scope(endpoint, name, "pull");
        try (WebAnswer answer =
                RegistryClient.wanted(reference, "asking for the manifest", client.ask(endpoint, scope, request))) {
            return document(qualifier, answer, answer.bytes(LIMIT));
        }
    }

    private Document document(String qualifier, WebAnswer answer, byte[] body) throws WebException {
        Digest digest = digest(body);
        Optional<Digest> wanted = Digest.parse(qualifier);
        Optional<Digest> announced = answer.header("Docker-Content-Digest").flatMap(Digest::parse);
        if (!wanted.or(() -> announced).orElse(digest).equals(digest)) {
            throw nonsense("it has the digest " + digest + " instead of "
                    + wanted.or(() -> announced).get());
        }
        try {
            JsonDocument json = JsonDocument.parse(body);
            String type = json.text("mediaType")
                    .or(() -> answer.header("Content-Type").map(text -> text.replaceFirst("\\s*;.*", "")))
                    .orElse("");
            return new Document(new Descriptor(type, digest, body.length), json);
        } catch (IOException e) {
            throw nonsense("it is no JSON");
        }
    }

    private Descriptor choose(Document index) throws IOException {
        List<Descriptor> images = ManifestReader.index(index.json());
        List<Descriptor> fit = images.stream().filter(this::fits).toList();
        if (fit.isEmpty()) {
            List<String> there = images.stream()
                    .flatMap(image -> image.platform().stream())
                    .map(platform -> platform.os() + "/" + platform.architecture())
                    .filter(name -> name.matches("[a-z0-9]+/[a-z0-9_]+") && !name.startsWith("unknown"))
                    .distinct()
                    .toList();
            throw new WebException(reference + ": there is no image for linux/" + architecture.label() + " but for "
                    + (there.isEmpty() ? "none" : String.join(", ", there)) + "; choose one with --arch");
        }
        return fit.get(0);
    }

    private boolean fits(Descriptor image) {
        return image.platform()
                .filter(platform -> platform.os().isEmpty() || platform.os().equals("linux"))
                .filter(platform -> Architecture.named(platform.architecture())
                        .filter(named -> named == architecture)
                        .isPresent())
                .isPresent();
    }

    static Digest digest(byte[] body) {
        try {
            return new Digest(HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(body)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private WebException nonsense(String why) {
        return new WebException(reference + ": asking for the manifest: " + endpoint
                + " answers with a manifest that cannot be" + " used: " + why + "; tell who runs it");
    }
}
