package dev.dunnage.launcher.oci;

import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongConsumer;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;

/**
 * Layers as the one tree that they make. Making it reads every layer once, side by side, checks it and keeps names only; writing reads
 * them once more, from what a {@link Scratch} kept of them where it could.
 */
public final class MergedLayers implements AutoCloseable {
    private final LayerReading reading;
    private final Scratch scratch;
    private final List<OciLayer> layers = new ArrayList<>();
    private final List<Scratch.Kept> kept = new ArrayList<>();
    private final List<Map<Integer, Inode>> files = new ArrayList<>();
    private final MergedTree tree = new MergedTree();
    private final AtomicInteger entries = new AtomicInteger();
    private int devices;

    private MergedLayers(LayerReading reading, Scratch scratch) {
        this.reading = reading;
        this.scratch = scratch;
    }

    /**
     * Merges layers.
     *
     * @param lowestFirst all of them
     * @param progress is told about each piece that was unpacked, in bytes, from several threads
     * @param scratch for unpacked layers
     * @param gunzip for layers that are packed so
     * @throws OciException when a layer is damaged, hostile, or beyond the limits
     */
    public static MergedLayers of(
            List<OciLayer> lowestFirst, ConversionLimits limits, LongConsumer progress, Scratch scratch, Gunzip gunzip)
            throws OciException, InterruptedException {
        MergedLayers merged = new MergedLayers(new LayerReading(limits, progress, gunzip), scratch);
        boolean isWhole = false;
        int threads = Math.min(Runtime.getRuntime().availableProcessors(), Math.max(1, lowestFirst.size()));
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            Queue<Future<List<LayerEntry>>> indexes = new ArrayDeque<>();
            for (OciLayer layer : lowestFirst) {
                indexes.add(pool.submit(merged.index(layer)));
            }
            for (OciLayer layer : lowestFirst) {
                merged.add(layer, result(indexes.remove())); // one index at a time, they are large
            }
            isWhole = true;
            return merged;
        } finally {
            pool.shutdownNow();
            if (!isWhole) {
                merged.close();
            }
        }
    }

    private LayerIndex index(OciLayer layer) {
        Scratch.Kept place = scratch.begin();
        kept.add(place);
        return new LayerIndex(layer, reading, entries, place);
    }

    private static List<LayerEntry> result(Future<List<LayerEntry>> index) throws OciException, InterruptedException {
        try {
            return index.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof OciException own) {
                throw own;
            }
            throw new IllegalStateException("a layer could not be read", e.getCause());
        }
    }

    /** Puts one more layer on top. */
    public void add(OciLayer layer) throws OciException {
        add(layer, index(layer).call());
    }

    private void add(OciLayer layer, List<LayerEntry> index) throws OciException {
        layers.add(layer);
        files.add(tree.begin(layer.name()));
        for (LayerEntry entry : index) {
            tree.add(entry);
            devices += entry.kind() == EntryKind.DEVICE ? 1 : 0;
        }
    }

    /**
     * Whether the tree has something at a path.
     *
     * @param path without a leading slash
     */
    public boolean has(String path) throws OciException {
        return tree.has(EntryPath.target(path));
    }

    /** Number of device files that were left out. */
    public int devices() {
        return devices;
    }

    /**
     * Writes the tree as one tar archive in the pax format. Equal layers give equal bytes.
     *
     * @throws IOException when the other side cannot be written to
     */
    public void writeTo(OutputStream out, Owners owners) throws IOException, OciException {
        try (TarSink sink = new TarSink(out, owners)) {
            for (int at = 0; at < layers.size(); at++) {
                write(layers.get(at), files.get(at), kept.get(at), sink);
            }
        }
    }

    private void write(OciLayer layer, Map<Integer, Inode> ofLayer, Scratch.Kept place, TarSink sink)
            throws IOException, OciException {
        long wanted = ofLayer.values().stream()
                .filter(inode -> !inode.names().isEmpty())
                .count();
        try (LayerStream stream = LayerStream.again(layer, reading, place)) {
            int index = 0;
            for (Optional<TarArchiveEntry> next = stream.next(); next.isPresent() && wanted > 0; next = stream.next()) {
                Optional<Inode> inode = Optional.ofNullable(ofLayer.get(index++));
                if (inode.isPresent() && !inode.get().names().isEmpty()) {
                    sink.put(next.get(), inode.get(), stream);
                    wanted--;
                }
            }
        }
        if (wanted > 0) {
            throw new OciException(layer.name() + " changed while it was read; pull the image again");
        }
    }

    /** Gives back what was kept of the layers. */
    @Override
    public void close() {
        kept.forEach(Scratch.Kept::close);
    }
}
