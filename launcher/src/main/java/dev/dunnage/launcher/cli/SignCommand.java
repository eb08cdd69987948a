package dev.dunnage.launcher.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code dunnage sign}. */
@Command(
        name = "sign",
        description = {
            "Signs every object of an image; the signature becomes part of the file.",
            "The key is the user's own, see dunnage key, or a file: a PGP key that another tool exported, or a PEM key,"
                    + " with which the signature has the DSSE form."
        })
@SuppressWarnings("NullAway.Init") // picocli fills the fields
final class SignCommand extends BaseCommand {
    @Parameters(paramLabel = "IMAGE", description = "SIF file that you may write.")
    private Path image;

    @Option(
            names = {"-g", "--group-id", "--group"},
            paramLabel = "N",
            description = "Sign this object group only; default: all of them.")
    private Optional<Long> group = Optional.empty();

    @Mixin
    private SigningKey key;

    @Mixin
    private JsonOption json;

    @Override
    public Integer call() throws Exception {
        OpenedImage.open(image).close(); // names what is wrong with the path better than the signer
        OptionalLong number = group.isPresent() ? OptionalLong.of(group.get()) : OptionalLong.empty();
        Signing signing = key.signing();
        List<Long> ids = signing.sign(image, number, key.passphrase());
        if (json.wanted()) {
            Map<String, Object> object = new LinkedHashMap<>();
            object.put("file", image.toString());
            object.put("fingerprint", signing.fingerprint());
            object.put("ids", ids);
            out().println(JsonLine.of(object));
        } else {
            out().println("signed " + image + " with key " + signing.fingerprint() + ", signature object"
                    + (ids.size() == 1 ? " " : "s ") + ids);
        }
        return 0;
    }
}
