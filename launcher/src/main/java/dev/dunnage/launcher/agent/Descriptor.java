package dev.dunnage.launcher.agent;

import com.sun.jna.LastErrorException;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;

/** An open descriptor of this process that nobody else closes; closing it twice does nothing. */
final class Descriptor implements AutoCloseable {
    private final int number;
    private final AtomicBoolean open = new AtomicBoolean(true);

    Descriptor(int number) {
        this.number = number;
    }

    int number() throws IOException {
        if (!open.get()) {
            throw new IOException("descriptor " + number + " is closed");
        }
        return number;
    }

    @Override
    public void close() {
        if (open.getAndSet(false)) {
            try {
                Libc.close(number);
            } catch (LastErrorException e) {
                // Linux frees the number whatever close answers.
            }
        }
    }
}
