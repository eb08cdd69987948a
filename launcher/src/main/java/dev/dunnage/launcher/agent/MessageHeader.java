package dev.dunnage.launcher.agent;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.util.ArrayList;
import java.util.List;

/** {@code struct msghdr} of 64-bit Linux with one buffer, and the control messages that the kernel leaves in it. */
final class MessageHeader implements AutoCloseable {
    private static final int SIZE = 56;
    private static final int IOV = 16;
    private static final int IOV_COUNT = 24;
    private static final int CONTROL = 32;
    private static final int CONTROL_LENGTH = 40;
    private static final int FLAGS = 48;
    /** {@code struct cmsghdr}: length, level, type; then the data. */
    private static final int CMSG_HEADER = 16;

    private final Memory header = new Memory(SIZE);
    private final Memory iov = new Memory(16);
    private final Memory control;

    MessageHeader(Memory data, long length, Memory control) {
        if (Native.POINTER_SIZE != 8) {
            throw new IllegalStateException("the agent runs on 64-bit systems only");
        }
        this.control = control;
        iov.setPointer(0, data);
        iov.setLong(8, length);
        header.clear();
        header.setPointer(IOV, iov);
        header.setLong(IOV_COUNT, 1);
        header.setPointer(CONTROL, control);
        header.setLong(CONTROL_LENGTH, control.size());
    }

    Pointer pointer() {
        return header;
    }

    boolean isControlCut() {
        return (header.getInt(FLAGS) & Libc.MSG_CTRUNC) != 0;
    }

    /** Takes over the descriptors that came with the message. */
    List<Descriptor> descriptors() {
        List<Descriptor> found = new ArrayList<>();
        long end = header.getLong(CONTROL_LENGTH);
        long at = 0;
        while (at + CMSG_HEADER <= end) {
            long length = control.getLong(at);
            if (length < CMSG_HEADER || at + length > end) {
                break;
            }
            if (control.getInt(at + 8) == Libc.SOL_SOCKET && control.getInt(at + 12) == Libc.SCM_RIGHTS) {
                for (long each = at + CMSG_HEADER; each + Integer.BYTES <= at + length; each += Integer.BYTES) {
                    found.add(new Descriptor(control.getInt(each)));
                }
            }
            at += (length + 7) & ~7L;
        }
        return found;
    }

    @Override
    public void close() {
        header.close();
        iov.close();
    }
}
