package dev.dunnage.launcher.agent;

import dev.dunnage.launcher.wire.Codec;
import dev.dunnage.launcher.wire.Frame;
import dev.dunnage.launcher.wire.Ping;
import dev.dunnage.launcher.wire.Pong;
import dev.dunnage.launcher.wire.WireException;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/** Asks a running agent how it is. */
public final class AgentClient {
    private AgentClient() {}

    /**
     * Sends a ping.
     *
     * @throws IOException when nobody listens or the connection breaks
     * @throws WireException when something else than an agent of this version answers
     */
    public static Pong ping(Path socket) throws IOException, WireException {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            ByteBuffer request = ByteBuffer.wrap(Codec.encode(new Ping()));
            while (request.hasRemaining()) {
                channel.write(request);
            }
            if (Codec.decode(Frame.read(Channels.newInputStream(channel))) instanceof Pong pong) {
                return pong;
            }
            throw new WireException("the answer to a ping is no pong");
        }
    }
}
