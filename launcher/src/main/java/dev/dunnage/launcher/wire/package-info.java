/**
 * Codec of {@code native/WIRE.md}, the contract with the C parts: messages as records, frames as bytes, nothing else.
 * Decoding is strict: what the document does not allow is a {@link dev.dunnage.launcher.wire.WireException}.
 */
@NullMarked
package dev.dunnage.launcher.wire;

import org.jspecify.annotations.NullMarked;
