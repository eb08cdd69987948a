/**
 * Requests to servers of images: redirects that take no secret along, bounded retries, proxies, CA bundles, and bodies that
 * go on where they broke off. Nothing that a server says is believed.
 */
@NullMarked
package dev.dunnage.launcher.web;

import org.jspecify.annotations.NullMarked;
