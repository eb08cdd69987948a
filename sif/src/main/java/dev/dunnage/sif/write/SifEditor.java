package dev.dunnage.sif.write;

import dev.dunnage.sif.ImageBytes;
import dev.dunnage.sif.PartitionKind;
import dev.dunnage.sif.SifFormatException;
import dev.dunnage.sif.SifImage;
import dev.dunnage.sif.SifObject;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;

/**
 * An image file that is changed in place, as {@code apptainer sif} does it. The file is locked while it is open here.
 * Each change goes to disk in steps, after every one of which the image is sound: a crash leaves it as it was, or as it
 * was to be; {@link #setPrimary} and zeroing alone may have to be repeated. Not thread-safe.
 *
 * <p>Changes say nothing about signatures: whatever they cover must stay as it is, or they no longer verify.
 */
public final class SifEditor implements AutoCloseable {
    private final FileChannel file;
    private final FileLock lock;
    private final ImageBytes bytes;
    private SifImage image;

    private SifEditor(FileChannel file, FileLock lock) throws IOException, SifFormatException {
        this.file = file;
        this.lock = lock;
        this.bytes = ImageBytes.of(file);
        this.image = SifImage.read(bytes);
    }

    /** What a deletion does besides taking the object out of the table. */
    public enum DeleteOption {
        /** Overwrites the object's bytes with zeros. */
        ZERO,
        /** Cuts the file behind its last object; earlier gaps stay. */
        COMPACT
    }

    /**
     * Opens and locks an image.
     *
     * @throws SifFormatException when the image is damaged
     * @throws SifWriteException when another program, or this one, is changing it
     */
    public static SifEditor open(Path path) throws IOException, SifFormatException, SifWriteException {
        return of(FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE));
    }

    /** Takes over an open file, and closes it also when it cannot be edited. */
    static SifEditor of(FileChannel file) throws IOException, SifFormatException, SifWriteException {
        boolean opened = false;
        try {
            SifEditor editor = new SifEditor(file, lock(file));
            opened = true;
            return editor;
        } finally {
            if (!opened) {
                file.close();
            }
        }
    }

    private static FileLock lock(FileChannel file) throws IOException, SifWriteException {
        try {
            FileLock lock = file.tryLock();
            if (lock != null) {
                return lock;
            }
        } catch (OverlappingFileLockException e) {
            throw new SifWriteException("the image is being changed already, wait until that is done", e);
        }
        throw new SifWriteException("another program has the image locked, wait until it is done");
    }

    /** The image as it is now. */
    public SifImage image() {
        return image;
    }

    /** The bytes of the image, as long as it is open here. */
    public ImageBytes bytes() {
        return bytes;
    }

    /**
     * Adds an object behind the last one, in the first free slot.
     *
     * @return its id
     * @throws SifWriteException when it does not fit into this image: no free slot, a second root file system, a link to
     *     nothing
     */
    public long add(NewObject object, EditTime time) throws IOException, SifFormatException, SifWriteException {
        long id = new Addition(file, image, time.in(image.header())).run(object);
        reread();
        return id;
    }

    /**
     * Deletes an object. Its bytes stay in the file unless {@link DeleteOption#ZERO} is given, and are overwritten by
     * objects that are added later.
     */
    public void delete(long id, Set<DeleteOption> options, EditTime time)
            throws IOException, SifFormatException, SifWriteException {
        new Deletion(file, image, time.in(image.header())).run(existing(id), options);
        reread();
    }

    /**
     * Makes a system partition the root file system; the present one, if any, becomes a plain system partition. Does
     * nothing when it is the root file system already.
     */
    public void setPrimary(long id, EditTime time) throws IOException, SifFormatException, SifWriteException {
        SifObject object = existing(id);
        PartitionKind kind = object.partition()
                .orElseThrow(
                        () -> new SifWriteException("object %d is of type %s, not a partition; name a system partition"
                                .formatted(id, object.type().label())))
                .kind();
        if (kind == PartitionKind.PRIMARY_SYSTEM) {
            return;
        }
        if (kind != PartitionKind.SYSTEM) {
            throw new SifWriteException(
                    "object %d is a partition of kind %s, name a system partition".formatted(id, kind.label()));
        }
        new Promotion(file, image, time.in(image.header())).run(object);
        reread();
    }

    private SifObject existing(long id) throws SifWriteException {
        return image.object(id)
                .orElseThrow(() -> new SifWriteException(
                        "the image has no object %d, list its objects for the ids".formatted(id)));
    }

    private void reread() throws IOException, SifFormatException {
        image = SifImage.read(bytes);
    }

    @Override
    public void close() throws IOException {
        try (file) {
            lock.release();
        }
    }
}
