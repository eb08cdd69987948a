package dev.dunnage.launcher.reference;

import dev.dunnage.launcher.reference.RegistryReference.Kind;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** Splits a text at its scheme, digest and tag; {@link NameParser} reads what is between. */
final class ReferenceParser {
    private static final int MAX_LENGTH = 4096;
    private static final Pattern SCHEME = Pattern.compile("([A-Za-z][A-Za-z0-9+.-]*)://.*", Pattern.DOTALL);
    private static final String KNOWN = "oras://, docker://, library://, https://, http:// or a path";

    private ReferenceParser() {}

    static ImageReference parse(String text) throws ReferenceException {
        if (text.isBlank()) {
            throw new ReferenceException("no image is named; give a path or a reference such as oras://HOST/NAME:TAG");
        }
        if (text.length() > MAX_LENGTH || text.chars().anyMatch(c -> c < ' ' || c == 127)) {
            throw new ReferenceException("the image's name is longer than " + MAX_LENGTH
                    + " characters or holds a line break or control character; check it");
        }
        var scheme = SCHEME.matcher(text);
        if (!scheme.matches()) {
            return text.startsWith("library:") ? remote("library", text.substring(8), text) : file(text);
        }
        String name = scheme.group(1).toLowerCase(Locale.ROOT);
        return remote(name, text.substring(name.length() + 3), text);
    }

    private static ImageReference file(String text) throws ReferenceException {
        String path = text.startsWith("file:") ? text.substring(5) : text;
        if (path.isEmpty()) {
            throw new ReferenceException("'" + text + "' names no file; give the path of a SIF image");
        }
        try {
            return new FileReference(Path.of(path));
        } catch (InvalidPathException e) {
            throw new ReferenceException("'" + text + "' is no path in this locale; run with LC_ALL=C.UTF-8");
        }
    }

    private static ImageReference remote(String scheme, String rest, String text) throws ReferenceException {
        return switch (scheme) {
            case "file" -> file(rest);
            case "oras", "docker", "library" -> named(scheme, rest, text);
            case "http", "https" -> web(rest, text);
            case "shub" ->
                throw new ReferenceException("'" + text + "': Singularity Hub is gone, it ended in April 2021; name"
                        + " another copy of the image as oras://, docker:// or library://");
            case "docker-archive", "docker-daemon", "oci", "oci-archive" ->
                throw new ReferenceException("'" + text + "': images of " + scheme
                        + " are not read; convert it to a SIF file, or push it to a registry");
            default ->
                throw new ReferenceException(
                        "'" + text + "': nobody knows how to fetch from '" + scheme + "'; write " + KNOWN);
        };
    }

    private static ImageReference named(String scheme, String rest, String text) throws ReferenceException {
        if (rest.indexOf('#') >= 0) {
            throw new ReferenceException(
                    "'" + text
                            + "' holds a '#', after which Slurm drops the rest of an #SBATCH line; write HOST/NAME instead of HOST#NAME");
        }
        Split split = Split.of(rest, text);
        NameParser names = new NameParser(text);
        return switch (scheme) {
            case "library" -> names.library(split);
            case "oras" -> names.registry(Kind.ORAS, split);
            default -> names.registry(Kind.DOCKER, split);
        };
    }

    private static ImageReference web(String rest, String text) throws ReferenceException {
        if (rest.contains("#")) {
            throw new ReferenceException(
                    "the address of an image on a web server must not hold a '#', after which Slurm"
                            + " drops the rest of an #SBATCH line; take it out or write it as %23");
        }
        Split split = Split.digest(rest, text);
        try {
            URI uri = new URI(text.substring(0, text.length() - rest.length()).toLowerCase(Locale.ROOT) + split.name());
            if (uri.getHost() == null || uri.getRawUserInfo() != null) {
                throw unfit();
            }
            return new WebReference(uri, split.digest());
        } catch (URISyntaxException e) {
            throw unfit();
        }
    }

    /** Without the text, which may hold a password. */
    private static ReferenceException unfit() {
        return new ReferenceException(
                "the address of the image is malformed or names a user; write it as https://HOST/PATH,"
                        + " and give user and password with 'dunnage registry login HOST'");
    }

    /**
     * A reference without its scheme.
     *
     * @param name what is before tag and digest
     */
    record Split(String name, Optional<String> tag, Optional<Digest> digest) {
        static Split of(String rest, String text) throws ReferenceException {
            Split pinned = digest(rest, text);
            String name = pinned.name();
            int colon = name.lastIndexOf(':');
            if (colon <= name.lastIndexOf('/')) {
                return pinned;
            }
            return new Split(name.substring(0, colon), Optional.of(name.substring(colon + 1)), pinned.digest());
        }

        /** Cuts a digest off; nothing else after an at sign is looked at. */
        static Split digest(String rest, String text) throws ReferenceException {
            int at = rest.lastIndexOf("@sha");
            if (at < 0) {
                return new Split(rest, Optional.empty(), Optional.empty());
            }
            Optional<Digest> digest = Digest.parse(rest.substring(at + 1));
            if (digest.isEmpty()) {
                throw new ReferenceException("'" + text
                        + "' ends with a malformed digest; write @sha256: and 64 lower-case hexadecimal digits");
            }
            return new Split(rest.substring(0, at), Optional.empty(), digest);
        }
    }
}
