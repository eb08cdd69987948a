/** Key servers: finding, fetching and publishing keys over HKP. Nothing that a server says is believed. */
@NullMarked
package dev.dunnage.launcher.keyserver;

import org.jspecify.annotations.NullMarked;
