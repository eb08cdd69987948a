/** Tests of the site files and the rules. */
@NullMarked
package dev.dunnage.policy;

import org.jspecify.annotations.NullMarked;
