package dev.dunnage.launcher.keys;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/** Cuts a stream of OpenPGP packets (RFC 4880, section 4.2) into keys, without looking into the packets. */
final class KeyPackets {
    private static final int SECRET_KEY = 5;
    private static final int PUBLIC_KEY = 6;
    private static final int MARKER = 10;
    private static final int NEW_FORMAT = 0x40;

    private final ByteBuffer in;

    private KeyPackets(byte[] packets) {
        this.in = ByteBuffer.wrap(packets);
    }

    /**
     * Each primary key with the packets that follow it.
     *
     * @throws KeyFileException when the bytes are no packets, or do not start with a key
     */
    static List<KeyBlock> split(byte[] packets) throws KeyFileException {
        try {
            return new KeyPackets(packets).split();
        } catch (BufferUnderflowException e) {
            throw new KeyFileException("it ends in the middle of a key; get it again");
        }
    }

    private List<KeyBlock> split() throws KeyFileException {
        List<KeyBlock> keys = new ArrayList<>();
        int start = 0;
        OptionalInt kind = OptionalInt.empty();
        while (in.hasRemaining()) {
            int at = in.position();
            int tag = packet();
            if (tag == SECRET_KEY || tag == PUBLIC_KEY) {
                add(keys, kind, start, at);
                kind = OptionalInt.of(tag);
                start = at;
            } else if (kind.isEmpty() && tag != MARKER) {
                throw new KeyFileException("it holds something other than keys; export keys with gpg --export");
            }
        }
        add(keys, kind, start, in.position());
        return keys;
    }

    private void add(List<KeyBlock> keys, OptionalInt kind, int start, int end) {
        if (kind.isPresent()) {
            byte[] packets = new byte[end - start];
            in.get(start, packets);
            keys.add(new KeyBlock(kind.getAsInt() == SECRET_KEY, packets));
        }
    }

    /** Passes over one packet and answers its tag. */
    private int packet() throws KeyFileException {
        int head = octet();
        if (head < 0x80) {
            throw new KeyFileException("it holds no OpenPGP keys; export keys with gpg --export");
        }
        boolean modern = (head & NEW_FORMAT) != 0;
        long length = modern ? newLength() : oldLength(head & 3);
        if (length > in.remaining()) {
            throw new BufferUnderflowException();
        }
        in.position(in.position() + (int) length);
        return modern ? head & 0x3f : (head >> 2) & 0xf;
    }

    private long newLength() throws KeyFileException {
        int first = octet();
        if (first < 192) {
            return first;
        } else if (first < 224) {
            return ((first - 192) << 8) + octet() + 192L;
        } else if (first == 255) {
            return Integer.toUnsignedLong(in.getInt());
        }
        throw new KeyFileException("it has packets of open length, which keys do not have; export the keys again");
    }

    private long oldLength(int type) throws KeyFileException {
        return switch (type) {
            case 0 -> octet();
            case 1 -> Short.toUnsignedLong(in.getShort());
            case 2 -> Integer.toUnsignedLong(in.getInt());
            default ->
                throw new KeyFileException(
                        "it has packets of open length, which keys do not have; export the keys again");
        };
    }

    private int octet() {
        return in.get() & 0xff;
    }
}
