package dev.dunnage.launcher.reference;

import dev.dunnage.launcher.reference.ReferenceParser.Split;
import dev.dunnage.launcher.reference.RegistryReference.Kind;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** Host, name and tag of images in registries and libraries, by the grammar of the OCI distribution specification. */
final class NameParser {
    private static final Pattern HOST =
            Pattern.compile("(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\\[[0-9A-Fa-f:]+])(?::[0-9]{1,5})?");
    private static final Pattern PART = Pattern.compile("[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*");
    private static final Pattern TAG = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]{0,127}");
    private static final Pattern LIBRARY_PART = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*");
    private static final String LATEST = "latest";
    private static final int MAX_REPOSITORY = 255;

    private final String text;

    /**
     * Prepares.
     *
     * @param text the whole reference, for messages
     */
    NameParser(String text) {
        this.text = text;
    }

    RegistryReference registry(Kind kind, Split split) throws ReferenceException {
        int slash = split.name().indexOf('/');
        String first = slash < 0 ? "" : split.name().substring(0, slash);
        boolean hasHost = isHost(first) || (kind == Kind.ORAS && slash > 0);
        if (kind == Kind.ORAS && !hasHost) {
            throw unfit("oras:// wants a host: oras://HOST/NAME:TAG");
        }
        String host = hasHost ? host(first) : RegistryReference.DOCKER_HUB;
        String name = hasHost ? split.name().substring(slash + 1) : split.name();
        if (host.equals(RegistryReference.DOCKER_HUB) && !name.contains("/")) {
            name = "library/" + name;
        }
        checkName(name);
        Optional<String> tag =
                split.tag().or(() -> split.digest().isPresent() ? Optional.empty() : Optional.of(LATEST));
        if (tag.isPresent() && !TAG.matcher(tag.get()).matches()) {
            throw unfit("'" + tag.get() + "' is no tag; tags are letters, digits, '.', '_' and '-', up to 128 of them");
        }
        return new RegistryReference(kind, host, name, tag, split.digest());
    }

    private static boolean isHost(String first) {
        return first.contains(".") || first.contains(":") || first.equals("localhost");
    }

    private String host(String first) throws ReferenceException {
        if (!HOST.matcher(first).matches()) {
            throw unfit(
                    "what is before the first '/' is no host name; write HOST or HOST:PORT, without user and password");
        }
        String host = first.toLowerCase(Locale.ROOT);
        return host.equals("index.docker.io") || host.equals("registry-1.docker.io")
                ? RegistryReference.DOCKER_HUB
                : host;
    }

    private void checkName(String name) throws ReferenceException {
        boolean good = name.length() <= MAX_REPOSITORY;
        for (String part : name.split("/", -1)) {
            good &= PART.matcher(part).matches();
        }
        if (!good) {
            throw unfit("'" + name
                    + "' is no name in a registry; names are lower-case letters and digits, joined by '.', '_',"
                    + " '-' and '/'");
        }
    }

    LibraryReference library(Split split) throws ReferenceException {
        String name = split.name().startsWith("/") ? split.name().substring(1) : split.name();
        int slash = name.indexOf('/');
        String first = slash < 0 ? "" : name.substring(0, slash);
        boolean hasHost = isHost(first);
        List<String> parts = List.of((hasHost ? name.substring(slash + 1) : name).split("/", -1));
        for (String part : parts) {
            if (!LIBRARY_PART.matcher(part).matches() || parts.size() > 3) {
                throw unfit("write library://[HOST/]ENTITY/COLLECTION/CONTAINER:TAG");
            }
        }
        String tag = split.tag().orElse(LATEST);
        if (!TAG.matcher(tag).matches()) {
            throw unfit("'" + tag + "' is no tag; write one tag of letters, digits, '.', '_' and '-'");
        }
        int last = parts.size() - 1;
        return new LibraryReference(
                hasHost ? Optional.of(host(first)) : Optional.empty(),
                last == 2 ? parts.get(0) : "library",
                last == 0 ? "default" : parts.get(last - 1),
                parts.get(last),
                tag,
                split.digest());
    }

    private ReferenceException unfit(String why) {
        return new ReferenceException(
                "'" + text.replaceFirst("//[^/]*@(?!sha256:)", "//") + "' cannot be read: " + why);
    }
}
