package dev.dunnage.launcher.oci;

import java.util.List;

/**
 * What matters of an entry for the tree.
 *
 * @param index its place in the layer, from 0
 * @param path from the root; empty for the root itself
 * @param link target of a link, else empty
 */
record LayerEntry(int index, EntryKind kind, List<String> path, String link) {}
