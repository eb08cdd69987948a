/** Verification of SIF signatures against a ring of trusted keys. */
@NullMarked
package dev.dunnage.sif.verify;

import org.jspecify.annotations.NullMarked;
