package dev.dunnage.launcher.wire;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Header and body of one frame, {@code native/WIRE.md} "Frame". The body is not looked at yet. */
public final class Frame {
    /** Bytes of the header. */
    public static final int HEADER_SIZE = 12;
    /** Most bytes of a body. */
    public static final int BODY_LIMIT = 1_048_576;

    static final int MAJOR = 1;
    static final int MINOR = 1;

    private final Kind kind;
    private final byte[] body;

    Frame(Kind kind, byte[] body) {
        this.kind = kind;
        this.body = body;
    }

    /**
     * Reads one frame and not a byte more.
     *
     * @throws WireException if the header breaks a rule or the stream ends before the frame does
     * @throws IOException if the stream cannot be read
     */
    public static Frame read(InputStream in) throws IOException, WireException {
        ByteBuffer header = ByteBuffer.wrap(fully(in, HEADER_SIZE)).order(ByteOrder.LITTLE_ENDIAN);
        long length = Integer.toUnsignedLong(header.getInt());
        int major = Short.toUnsignedInt(header.getShort());
        int minor = Short.toUnsignedInt(header.getShort());
        if (major != MAJOR || minor > MINOR) {
            throw new WireException("the other side speaks version " + major + "." + minor + ", this one " + MAJOR + "."
                    + MINOR + "; install the same release of the plugin and the launcher");
        }
        if (length > BODY_LIMIT) {
            throw new WireException("body of " + length + " bytes is longer than " + BODY_LIMIT);
        }
        Kind kind = Kind.of(Short.toUnsignedInt(header.getShort()));
        if (header.getShort() != 0) {
            throw new WireException("last field of the header is not zero");
        }
        return new Frame(kind, fully(in, (int) length));
    }

    /** FileInputStream's own readNBytes seeks, which sockets refuse. */
    private static byte[] fully(InputStream in, int length) throws IOException, WireException {
        byte[] bytes = new byte[length];
        int have = 0;
        while (have < length) {
            int count = in.read(bytes, have, length - have);
            if (count < 0) {
                throw new WireException("frame ends after " + have + " of " + length + " bytes");
            }
            have += count;
        }
        return bytes;
    }

    /** Kind of the message in the body. */
    public Kind kind() {
        return kind;
    }

    byte[] body() {
        return body;
    }

    byte[] bytes() throws WireException {
        if (body.length > BODY_LIMIT) {
            throw new WireException("body of " + body.length + " bytes is longer than " + BODY_LIMIT);
        }
        ByteBuffer out = ByteBuffer.allocate(HEADER_SIZE + body.length).order(ByteOrder.LITTLE_ENDIAN);
        out.putInt(body.length).putShort((short) MAJOR).putShort((short) MINOR);
        out.putShort((short) kind.number()).putShort((short) 0);
        return out.put(body).array();
    }
}
