package dev.dunnage.sif.armor;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** PEM blocks, RFC 7468. */
public final class Pem {
    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\\s]*)-----END \\1-----");

    private Pem() {}

    /**
     * One block.
     *
     * @param type for example {@code PUBLIC KEY}
     * @param content the bytes inside
     */
    @SuppressWarnings("ArrayRecordComponent") // a carrier between two methods, never compared
    public record Block(String type, byte[] content) {}

    /** All blocks of a text, in order; none when one of them is damaged. */
    public static List<Block> decodeAll(byte[] text) {
        Matcher found = BLOCK.matcher(new String(text, StandardCharsets.ISO_8859_1));
        List<Block> blocks = new ArrayList<>();
        while (found.find()) {
            try {
                byte[] content = Base64.getDecoder().decode(found.group(2).replaceAll("\\s", ""));
                blocks.add(new Block(found.group(1), content));
            } catch (IllegalArgumentException e) {
                return List.of();
            }
        }
        return blocks;
    }

    /** Contents of all blocks of one type; none when the text holds a block of another type, or a damaged one. */
    public static List<byte[]> decode(byte[] text, String type) {
        List<Block> blocks = decodeAll(text);
        return blocks.stream().allMatch(block -> block.type().equals(type))
                ? blocks.stream().map(Block::content).toList()
                : List.of();
    }
}
