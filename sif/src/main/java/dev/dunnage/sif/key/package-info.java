/** OpenPGP keys: rings of public keys, what a key may do, and secret keys for signing. */
@NullMarked
package dev.dunnage.sif.key;

import org.jspecify.annotations.NullMarked;
