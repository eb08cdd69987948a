package dev.dunnage.policy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/** Reads the text of a site file after its owner was checked. */
final class SiteFile {
    /** A policy for thousands of directories stays far below; a mistaken path to an image does not. */
    static final int MAX_BYTES = 1 << 20;

    private SiteFile() {}

    /**
     * The text of a file that satisfies the rule.
     *
     * @throws SiteFileException when it is missing, unreadable, too large, not UTF-8, or breaks the rule
     */
    static String read(Path file, OwnershipRule rule) throws SiteFileException {
        rule.check(file);
        byte[] bytes;
        try {
            bytes = bytes(file, rule);
        } catch (IOException e) {
            throw unreadable(file, e);
        }
        if (bytes.length > MAX_BYTES) {
            throw refused(file, "is larger than " + MAX_BYTES + " bytes: this is not a site file");
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw refused(file, "is not UTF-8 text: save it as UTF-8");
        }
    }

    /** Whether nothing at all has that name; a link that leads nowhere or a closed directory is not absence. */
    static boolean isAbsent(Path file) {
        try {
            Files.readAttributes(file, "size", LinkOption.NOFOLLOW_LINKS);
            return false;
        } catch (NoSuchFileException e) {
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    static SiteFileException unreadable(Path file, IOException cause) {
        String message;
        if (cause instanceof NoSuchFileException) {
            message = "does not exist: create it, samples are in the installation's etc directory";
        } else if (cause instanceof AccessDeniedException) {
            message = "cannot be read by this account: chmod 644 the file and 755 its directory";
        } else {
            message = "cannot be read: " + cause.getMessage();
        }
        SiteFileException refusal = refused(file, message);
        refusal.initCause(cause);
        return refusal;
    }

    private static SiteFileException refused(Path file, String message) {
        return new SiteFileException(List.of(new Problem(file, 0, 0, "", message)));
    }

    private static byte[] bytes(Path file, OwnershipRule rule) throws IOException {
        OpenOption[] options = rule instanceof RootOnly
                ? new OpenOption[] {StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS}
                : new OpenOption[] {StandardOpenOption.READ};
        try (InputStream in = Files.newInputStream(file, options)) {
            return in.readNBytes(MAX_BYTES + 1);
        }
    }
}
