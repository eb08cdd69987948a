package dev.dunnage.launcher.plan;

import dev.dunnage.launcher.store.ImageStore;
import dev.dunnage.launcher.store.StoreException;

/** Opens the image store when it is needed for the first time: open rules never need it. */
public interface StoreSource {
    /** The store, open. */
    ImageStore store() throws StoreException;
}
