package dev.dunnage.launcher.agent;

import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;

/**
 * Who connected, as the kernel tells it.
 *
 * @param pid process that connected
 * @param uid its effective user at that moment, unsigned
 * @param gids its groups at that moment, unsigned
 */
record Peer(int pid, long uid, Set<Long> gids) {
    private static final int UCRED_SIZE = 12;
    private static final int MOST_GROUPS = 65536;

    static Peer of(Descriptor socket) throws IOException {
        try (Memory credential = new Memory(UCRED_SIZE);
                Memory length = new Memory(Integer.BYTES)) {
            length.setInt(0, UCRED_SIZE);
            Libc.getsockopt(socket.number(), Libc.SOL_SOCKET, Libc.SO_PEERCRED, credential, length);
            Set<Long> gids = groups(socket);
            gids.add(Integer.toUnsignedLong(credential.getInt(8)));
            return new Peer(credential.getInt(0), Integer.toUnsignedLong(credential.getInt(4)), gids);
        } catch (LastErrorException e) {
            throw new IOException("the kernel does not name the peer: " + e.getMessage(), e);
        }
    }

    private static Set<Long> groups(Descriptor socket) throws IOException {
        try (Memory list = new Memory((long) MOST_GROUPS * Integer.BYTES);
                Memory length = new Memory(Integer.BYTES)) {
            length.setInt(0, MOST_GROUPS * Integer.BYTES);
            Libc.getsockopt(socket.number(), Libc.SOL_SOCKET, Libc.SO_PEERGROUPS, list, length);
            Set<Long> groups = new HashSet<>();
            for (int at = 0; at < length.getInt(0); at += Integer.BYTES) {
                groups.add(Integer.toUnsignedLong(list.getInt(at)));
            }
            return groups;
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
