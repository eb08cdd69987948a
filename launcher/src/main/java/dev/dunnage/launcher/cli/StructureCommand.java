package dev.dunnage.launcher.cli;

import dev.dunnage.sif.ImageBytes;
import dev.dunnage.sif.SifFormatException;
import dev.dunnage.sif.SifImage;
import dev.dunnage.sif.SifLayout;
import dev.dunnage.sif.SifObject;
import dev.dunnage.sif.integrity.ObjectHasher;
import dev.dunnage.sif.integrity.OciDigests;
import java.io.IOException;
import java.nio.file.Path;

/** A command about the structure of one image, with the exit statuses that they all have. */
abstract class StructureCommand extends BaseCommand {
    /** For descriptions of commands. */
    static final String STATUSES = "Exit status 0 when the image is sound, 2 when not, 3 when the file cannot be read.";

    private static final int NOT_FOUND = 1;
    private static final int NOT_SOUND = 2;
    private static final int UNREADABLE = 3;

    /** The image, as it was named. */
    abstract Path file();

    /** Prints what is asked for about a sound image. */
    abstract void print(SifImage image, ImageBytes bytes) throws IOException, SifFormatException, CommandFailure;

    @Override
    public final Integer call() throws CommandFailure {
        try (OpenedImage opened = open()) {
            SifImage image = SifImage.read(opened.bytes());
            checkOciDigests(image, opened.bytes());
            print(image, opened.bytes());
            image.warnings().forEach(warning -> err().println("dunnage: warning: " + warning));
            return 0;
        } catch (SifFormatException e) {
            throw new CommandFailure(NOT_SOUND, file() + ": " + e.getMessage());
        } catch (IOException e) {
            throw new CommandFailure(
                    UNREADABLE, file() + " cannot be read (" + e.getMessage() + "); check its file system");
        }
    }

    /** Layers are left to verification: reading them takes long. */
    private void checkOciDigests(SifImage image, ImageBytes bytes) throws IOException, CommandFailure {
        var found = OciDigests.check(image, new ObjectHasher(bytes), SifLayout.MAX_METADATA);
        if (!found.isEmpty()) {
            throw new CommandFailure(NOT_SOUND, file() + ": " + found.get(0));
        }
    }

    private OpenedImage open() throws CommandFailure {
        try {
            return OpenedImage.open(file());
        } catch (CommandFailure e) {
            throw new CommandFailure(UNREADABLE, String.valueOf(e.getMessage()));
        }
    }

    /** The object with this number. */
    final SifObject object(SifImage image, long id) throws CommandFailure {
        return image.object(id)
                .orElseThrow(() -> new CommandFailure(
                        NOT_FOUND, file() + " has no object " + id + "; see dunnage sif list " + file()));
    }
}
