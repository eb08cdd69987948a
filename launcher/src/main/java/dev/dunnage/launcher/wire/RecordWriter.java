package dev.dunnage.launcher.wire;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** Builds one body; what it would not accept on reading, it does not write either. */
final class RecordWriter {
    private final Kind kind;
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private final Map<Tag, Integer> counts = new EnumMap<>(Tag.class);

    RecordWriter(Kind kind) {
        this.kind = kind;
    }

    Frame frame() throws WireException {
        for (Tag tag : Tag.values()) {
            if (tag.kind() == kind) {
                tag.occurs().check(tag, counts.getOrDefault(tag, 0));
            }
        }
        return new Frame(kind, body.toByteArray());
    }

    RecordWriter bytes(Tag tag, byte[] value) throws WireException {
        if (tag.kind() != kind) {
            throw new WireException("record " + tag + " does not belong to kind " + kind);
        }
        try {
            tag.type().check(value);
        } catch (WireException e) {
            throw new WireException("record " + tag + ": " + e.getMessage());
        }
        counts.merge(tag, 1, Integer::sum);
        byte[] header = new byte[8];
        little(header).putShort((short) tag.number()).putShort((short) 0).putInt(value.length);
        body.writeBytes(header);
        body.writeBytes(value);
        return this;
    }

    RecordWriter u32(Tag tag, long value) throws WireException {
        return u32List(tag, List.of(value));
    }

    RecordWriter u32List(Tag tag, List<Long> values) throws WireException {
        byte[] bytes = new byte[4 * values.size()];
        ByteBuffer out = little(bytes);
        for (long value : values) {
            if (value >>> 32 != 0) {
                throw new WireException("record " + tag + ": " + value + " is not an unsigned 32-bit number");
            }
            out.putInt((int) value);
        }
        return bytes(tag, bytes);
    }

    RecordWriter u64(Tag tag, long value) throws WireException {
        byte[] bytes = new byte[8];
        little(bytes).putLong(value);
        return bytes(tag, bytes);
    }

    /** Writes 1 for true and nothing for false. */
    RecordWriter optionalU32(Tag tag, boolean value) throws WireException {
        return value ? u32(tag, 1) : this;
    }

    RecordWriter optionalU64(Tag tag, OptionalLong value) throws WireException {
        if (value.isEmpty()) {
            return this;
        }
        if (value.getAsLong() == 0) {
            throw new WireException("record " + tag + " is 0 instead of left out");
        }
        return u64(tag, value.getAsLong());
    }

    RecordWriter string(Tag tag, String text) throws WireException {
        return bytes(tag, utf8(tag, text));
    }

    RecordWriter strings(Tag tag, Iterable<String> texts) throws WireException {
        for (String text : texts) {
            string(tag, text);
        }
        return this;
    }

    RecordWriter binds(Tag tag, Iterable<Bind> binds) throws WireException {
        for (Bind bind : binds) {
            bind(tag, bind);
        }
        return this;
    }

    private RecordWriter bind(Tag tag, Bind bind) throws WireException {
        byte[] paths = utf8(tag, bind.source() + '\0' + bind.target());
        byte[] bytes = new byte[4 + paths.length];
        little(bytes).putInt(bind.flags()).put(paths);
        return bytes(tag, bytes);
    }

    private static ByteBuffer little(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static byte[] utf8(Tag tag, String text) throws WireException {
        try {
            ByteBuffer encoded = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
            byte[] bytes = new byte[encoded.remaining()];
            encoded.get(bytes);
            return bytes;
        } catch (CharacterCodingException e) {
            throw new WireException("record " + tag + ": text is not Unicode");
        }
    }
}
