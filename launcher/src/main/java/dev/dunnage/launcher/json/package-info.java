/** JSON that other programs and servers wrote, read without taking anything for granted. */
@NullMarked
package dev.dunnage.launcher.json;

import org.jspecify.annotations.NullMarked;
