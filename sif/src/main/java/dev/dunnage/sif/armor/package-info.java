/** OpenPGP text framing (RFC 4880, sections 6 and 7): armor blocks and clearsigned messages, as text only. */
@NullMarked
package dev.dunnage.sif.armor;

import org.jspecify.annotations.NullMarked;
