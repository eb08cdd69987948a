package dev.dunnage.launcher.store;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;

/** Plain words for what file systems answer. */
final class StoreErrors {
    private StoreErrors() {}

    static String text(IOException e) {
        if (e instanceof AccessDeniedException denied) {
            return denied.getFile() + ": permission denied";
        }
        if (e instanceof NoSuchFileException absent) {
            return absent.getFile() + ": no such file or directory";
        }
        if (e instanceof FileSystemException other && other.getReason() != null) {
            return other.getFile() + ": " + other.getReason();
        }
        return String.valueOf(e.getMessage());
    }

    static boolean isFull(IOException e) {
        String text = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
        return text.contains("no space left") || text.contains("quota exceeded");
    }

    static StoreException full(Path place, IOException cause) {
        return new StoreException(
                "the image store " + place + " is full (" + text(cause) + "); ask the site to free space on its file"
                        + " system",
                cause);
    }

    static StoreException broken(Path place, IOException cause) {
        if (isFull(cause)) {
            return full(place, cause);
        }
        return new StoreException(
                "the image store " + place + " cannot be used (" + text(cause) + "); check its file system and its"
                        + " owner",
                cause);
    }
}
