package dev.dunnage.launcher.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.locks.ReentrantLock;

/** Excludes other threads and other processes. The kernel frees it when its holder dies. Not to be taken twice. */
final class FileMutex {
    private final StoreDirectory directory;
    private final Path file;
    private final ReentrantLock threads = new ReentrantLock();

    FileMutex(StoreDirectory directory, String name) {
        this.directory = directory;
        this.file = directory.locks().resolve(name);
    }

    /** Something to be done with the lock held. */
    interface Action<T> {
        T run() throws IOException, StoreException;
    }

    /** Waits for the lock and acts. */
    <T> T holding(Action<T> action) throws IOException, StoreException {
        threads.lock();
        // Opened anew each time: closing any descriptor of a file drops the process's locks on it.
        try (FileChannel channel = open()) {
            lock(channel);
            return action.run();
        } finally {
            threads.unlock();
        }
    }

    private FileChannel open() throws StoreException {
        try {
            if (!Files.isDirectory(directory.locks())) {
                directory.restore(); // an administrator has cleared the store
            }
            return FileChannel.open(
                    file, PrivateFiles.set(StandardOpenOption.CREATE, StandardOpenOption.WRITE), PrivateFiles.MODE_600);
        } catch (IOException e) {
            throw StoreErrors.broken(file, e);
        }
    }

    private void lock(FileChannel channel) throws StoreException {
        try {
            channel.lock();
        } catch (IOException e) {
            throw StoreErrors.broken(file, e);
        }
    }
}
