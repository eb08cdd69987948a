package dev.dunnage.sif.armor;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** PEM blocks, RFC 7468. */
public final class Pem {
    private Pem() {}

    /** Contents of all blocks of one type; none when the text holds a block of another type, or a damaged one. */
    public static List<byte[]> decode(byte[] text, String type) {
        Pattern block = Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\\s]*)-----END \\1-----");
        Matcher found = block.matcher(new String(text, StandardCharsets.ISO_8859_1));
        List<byte[]> contents = new ArrayList<>();
        while (found.find()) {
            if (!found.group(1).equals(type)) {
                return List.of();
            }
            try {
                contents.add(Base64.getDecoder().decode(found.group(2).replaceAll("\\s", "")));
            } catch (IllegalArgumentException e) {
                return List.of();
            }
        }
        return contents;
    }
}
