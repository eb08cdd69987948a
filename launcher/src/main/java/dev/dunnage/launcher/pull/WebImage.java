package dev.dunnage.launcher.pull;

import dev.dunnage.launcher.credentials.Credential;
import dev.dunnage.launcher.credentials.Credentials;
import dev.dunnage.launcher.reference.Digest;
import dev.dunnage.launcher.reference.ImageReference;
import dev.dunnage.launcher.reference.WebReference;
import dev.dunnage.launcher.registry.Denials;
import dev.dunnage.launcher.web.Content;
import dev.dunnage.launcher.web.Download;
import dev.dunnage.launcher.web.Origin;
import dev.dunnage.launcher.web.Web;
import dev.dunnage.launcher.web.WebAnswer;
import dev.dunnage.launcher.web.WebRequest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A SIF file on a web server.
 *
 * @param version the server's own word for the file as it is now, if it has a strong one
 */
record WebImage(
        Web web, WebReference reference, Optional<String> authorization, OptionalLong size, Optional<String> version)
        implements RemoteImage {
    /** Asks the server about the file. */
    static WebImage of(Web web, Credentials credentials, WebReference reference) throws IOException {
        String host = Origin.of(reference.uri()).host()
                + (reference.uri().getPort() < 0 ? "" : ":" + reference.uri().getPort());
        Optional<String> secret =
                Origin.of(reference.uri()).isPrivate() ? credentials.of(host).map(WebImage::header) : Optional.empty();
        WebRequest head = WebRequest.of("HEAD", reference.uri()).authorized(secret);
        try (WebAnswer answer = web.send(head)) {
            if (answer.status() == 404 || answer.status() == 401) {
                throw denied(reference, "asking for the file", answer);
            }
            // other refusals may be of the method alone
            return new WebImage(
                    web,
                    reference,
                    secret,
                    answer.isSuccess() ? answer.length() : OptionalLong.empty(),
                    answer.isSuccess() ? strong(answer) : Optional.empty());
        }
    }

    private static String header(Credential credential) {
        return credential.isToken() ? "Bearer " + credential.secret() : credential.basic();
    }

    private static Optional<String> strong(WebAnswer answer) {
        return answer.header("ETag").filter(tag -> tag.startsWith("\""));
    }

    private static IOException denied(WebReference reference, String step, WebAnswer answer) {
        return Denials.of(
                reference.toString(),
                step,
                answer,
                "dunnage registry login " + reference.uri().getAuthority());
    }

    @Override
    public Optional<Digest> content() {
        return reference.digest();
    }

    @Override
    public ImageReference pinned(Digest content) {
        return new WebReference(reference.uri(), Optional.of(content));
    }

    @Override
    public Fetched fetch(Parts parts) throws IOException {
        Content content = this::open;
        if (size.isPresent() && reference.digest().isPresent()) {
            Digest digest = reference.digest().get();
            return new Fetched(parts.fetch(digest, new Download(web, content, digest, size.getAsLong())), digest);
        }
        Path file = parts.file("web-" + key());
        if (size.isPresent() && version.isPresent()) {
            Download download = new Download(web, content, Optional.empty(), size.getAsLong());
            return new Fetched(file, parts.append(file, download));
        }
        try (WebAnswer answer = open(Optional.empty())) {
            answer.length().ifPresent(parts.meter()::expect);
            Digest found = parts.write(file, answer.body());
            if (!found.equals(reference.digest().orElse(found))) {
                Files.deleteIfExists(file);
                throw new PullException(
                        reference, "the file there has the digest " + found + "; check where the digest comes from");
            }
            return new Fetched(file, found);
        }
    }

    /** What came earlier of another version is of no use. */
    private String key() {
        String text = reference.uri() + "\n" + version.orElse("") + "\n" + size;
        byte[] hash = Parts.sha256().digest(text.getBytes(StandardCharsets.UTF_8));
        return HexFormat.of().formatHex(hash);
    }

    private WebAnswer open(Optional<String> range) throws IOException {
        WebRequest plain = WebRequest.get(reference.uri()).authorized(authorization);
        WebAnswer answer = web.send(range.isPresent() ? plain.with("Range", range.get()) : plain);
        if (!answer.isSuccess()) {
            try (answer) {
                throw denied(reference, "fetching the file", answer);
            }
        }
        if (version.isPresent() && !strong(answer).equals(version)) {
            answer.close();
            throw new PullException(reference, "the file was changed while it was fetched; pull it again");
        }
        return answer;
    }
}
