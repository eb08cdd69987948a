package dev.dunnage.launcher.oci;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;

/** Reads one layer from end to end: what it holds. */
final class LayerIndex implements Callable<List<LayerEntry>> {
    private final OciLayer layer;
    private final LayerReading reading;
    private final AtomicInteger entries;
    private final Scratch.Kept kept;

    /**
     * Prepares.
     *
     * @param entries counts the entries of all layers
     * @param kept gets what the layer unpacks to
     */
    LayerIndex(OciLayer layer, LayerReading reading, AtomicInteger entries, Scratch.Kept kept) {
        this.layer = layer;
        this.reading = reading;
        this.entries = entries;
        this.kept = kept;
    }

    @Override
    public List<LayerEntry> call() throws OciException {
        List<LayerEntry> found = new ArrayList<>();
        try (LayerStream stream = LayerStream.first(layer, reading, kept)) {
            int index = 0;
            for (Optional<TarArchiveEntry> next = stream.next(); next.isPresent(); next = stream.next()) {
                found.add(entry(index++, next.get()));
                if (entries.incrementAndGet() > reading.limits().entries()) {
                    throw new OciException("the image has more than "
                            + reading.limits().entries() + " files; images of that size are not converted");
                }
            }
            stream.readRest();
        }
        return found;
    }

    private LayerEntry entry(int index, TarArchiveEntry entry) throws OciException {
        List<String> path = EntryPath.parse(entry.getName(), layer.name());
        EntryKind kind = EntryKind.of(entry)
                .orElseThrow(() -> new OciException(layer.name()
                        + " has an entry of the unknown type " + entry.getLinkFlag()
                        + "; the image is damaged or not for containers"));
        boolean isLink = kind == EntryKind.SYMLINK || kind == EntryKind.HARD_LINK;
        return new LayerEntry(index, kind, path, isLink ? entry.getLinkName() : "");
    }
}
