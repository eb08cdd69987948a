package dev.dunnage.launcher.wire;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** The records of one body, checked for type and number before any is handed out. */
final class RecordReader {
    private static final int RECORD_HEADER = 8;

    private final Map<Tag, List<byte[]>> records = new EnumMap<>(Tag.class);

    RecordReader(Kind kind, byte[] body) throws WireException {
        ByteBuffer in = ByteBuffer.wrap(body).order(ByteOrder.LITTLE_ENDIAN);
        while (in.hasRemaining()) {
            take(kind, in);
        }
        for (Tag tag : Tag.values()) {
            if (tag.kind() == kind) {
                tag.occurs().check(tag, values(tag).size());
            }
        }
    }

    private void take(Kind kind, ByteBuffer in) throws WireException {
        if (in.remaining() < RECORD_HEADER) {
            throw new WireException("body ends inside a record's header");
        }
        Tag tag = Tag.of(kind, Short.toUnsignedInt(in.getShort()));
        if (in.getShort() != 0) {
            throw new WireException("second field of record " + tag + " is not zero");
        }
        long length = Integer.toUnsignedLong(in.getInt());
        if (length > in.remaining()) {
            throw new WireException("record " + tag + " of " + length + " bytes passes the end of the body");
        }
        byte[] value = new byte[(int) length];
        in.get(value);
        try {
            tag.type().check(value);
        } catch (WireException e) {
            throw new WireException("record " + tag + ": " + e.getMessage());
        }
        records.computeIfAbsent(tag, absent -> new ArrayList<>()).add(value);
    }

    List<byte[]> values(Tag tag) {
        return records.getOrDefault(tag, List.of());
    }

    private ByteBuffer number(Tag tag) {
        return ByteBuffer.wrap(values(tag).get(0)).order(ByteOrder.LITTLE_ENDIAN);
    }

    long u32(Tag tag) {
        return Integer.toUnsignedLong(number(tag).getInt());
    }

    long u64(Tag tag) {
        return number(tag).getLong();
    }

    OptionalLong optionalU32(Tag tag) throws WireException {
        return values(tag).isEmpty() ? OptionalLong.empty() : OptionalLong.of(notZero(tag, u32(tag)));
    }

    OptionalLong optionalU64(Tag tag) throws WireException {
        return values(tag).isEmpty() ? OptionalLong.empty() : OptionalLong.of(notZero(tag, u64(tag)));
    }

    /** A mark that is there with the value 1, or not there. */
    boolean isOne(Tag tag) throws WireException {
        OptionalLong value = optionalU32(tag);
        if (value.orElse(1) != 1) {
            throw new WireException("record " + tag + " has unknown value " + value.getAsLong());
        }
        return value.isPresent();
    }

    private static long notZero(Tag tag, long value) throws WireException {
        if (value == 0) {
            throw new WireException("record " + tag + " is 0 instead of left out");
        }
        return value;
    }

    List<Long> u32List(Tag tag) {
        List<Long> numbers = new ArrayList<>();
        for (ByteBuffer in = number(tag); in.hasRemaining(); ) {
            numbers.add(Integer.toUnsignedLong(in.getInt()));
        }
        return numbers;
    }

    List<Bind> binds(Tag tag) throws WireException {
        List<Bind> binds = new ArrayList<>();
        for (byte[] value : values(tag)) {
            binds.add(FieldType.bind(value));
        }
        return binds;
    }

    String string(Tag tag) throws WireException {
        return strings(tag).get(0);
    }

    Optional<String> optionalString(Tag tag) throws WireException {
        return strings(tag).stream().findFirst();
    }

    List<String> strings(Tag tag) throws WireException {
        List<String> texts = new ArrayList<>();
        for (byte[] value : values(tag)) {
            texts.add(FieldType.text(value, FieldType.STRING_LIMIT));
        }
        return texts;
    }
}
