package dev.dunnage.launcher;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The account that this process acts as. */
public final class Account {
    private static final Pattern UID_LINE = Pattern.compile("(?m)^Uid:\\s+\\d+\\s+(\\d+)");

    private Account() {}

    /** Effective uid; above 2^31 it comes out negative, as Java's file attributes show it. */
    public static int uid() throws IOException {
        String status = Files.readString(Path.of("/proc/self/status"), StandardCharsets.ISO_8859_1);
        Matcher line = UID_LINE.matcher(status);
        if (!line.find()) {
            throw new IOException("/proc/self/status does not tell the uid");
        }
        return Integer.parseUnsignedInt(line.group(1));
    }
}
