package dev.dunnage.launcher.agent;

import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;
import java.io.IOException;

/**
 * Who connected, as the kernel tells it.
 *
 * @param pid process that connected
 * @param uid its effective user at that moment, unsigned
 */
record Peer(int pid, long uid) {
    private static final int UCRED_SIZE = 12;

    static Peer of(Descriptor socket) throws IOException {
        try (Memory credential = new Memory(UCRED_SIZE);
                Memory length = new Memory(Integer.BYTES)) {
            length.setInt(0, UCRED_SIZE);
            Libc.getsockopt(socket.number(), Libc.SOL_SOCKET, Libc.SO_PEERCRED, credential, length);
            return new Peer(credential.getInt(0), Integer.toUnsignedLong(credential.getInt(4)));
        } catch (LastErrorException e) {
            throw new IOException("the kernel does not name the peer: " + e.getMessage(), e);
        }
    }

    boolean isRoot() {
        return uid == 0;
    }

    /** Root, which the plugin is, may ask for any user; others for themselves. */
    boolean mayAskFor(long user) {
        return isRoot() || uid == user;
    }
}
