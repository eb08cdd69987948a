package dev.dunnage.launcher.cli;

import dev.dunnage.launcher.wire.Code;
import dev.dunnage.sif.DataType;
import dev.dunnage.sif.Link;
import dev.dunnage.sif.SifFormatException;
import dev.dunnage.sif.SifImage;
import dev.dunnage.sif.SifObject;
import dev.dunnage.sif.write.EditTime;
import dev.dunnage.sif.write.SifEditor;
import dev.dunnage.sif.write.SifWriteException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A command that changes an image in place. */
abstract class SifChange extends BaseCommand {
    @Option(
            names = "--deterministic",
            description = "Leave no time in the image. Images without times never get one anyway.")
    private boolean deterministic;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli fills the field
    private JsonOption json;

    /** The image, as it was named. */
    abstract Path file();

    /** Changes the image; answers the id of the object that it is about. */
    abstract long change(SifEditor editor, EditTime time)
            throws IOException, SifFormatException, SifWriteException, CommandFailure;

    /** What was done, for people: {@code added object 4 to}. */
    abstract String done(long id);

    @Override
    public final Integer call() throws Exception {
        OpenedImage.open(file()).close(); // names what is wrong with the path better than the editor
        try (SifEditor editor = SifEditor.open(file())) {
            long id = change(editor, deterministic ? EditTime.none() : EditTime.now(Instant.now()));
            if (json.wanted()) {
                Map<String, Object> object = new LinkedHashMap<>();
                object.put("file", file().toString());
                object.put("id", id);
                out().println(JsonLine.of(object));
            } else {
                out().println(done(id) + " " + file());
            }
            return 0;
        } catch (SifFormatException e) {
            throw new CommandFailure(Code.IMAGE_BAD.exitStatus(), file() + ": " + e.getMessage());
        }
    }

    /** Who changes what was signed should know it at once. */
    final void warnIfSigned(SifImage image, SifObject changed) {
        long group = changed.group();
        boolean signed = image.objects().stream()
                .filter(object -> object.type() == DataType.SIGNATURE)
                .anyMatch(object -> object.link().equals(new Link.ToGroup(group)));
        if (signed) {
            err().println("dunnage: warning: the signatures of group " + group
                    + " no longer fit; delete them and sign the image anew");
        } else if (group == 0
                && changed.type() != DataType.SIGNATURE
                && image.object(changed.id()).isPresent()) {
            err().println("dunnage: warning: object " + changed.id()
                    + " belongs to no group, so the image cannot verify; delete it or add it with --group-id");
        }
    }
}
