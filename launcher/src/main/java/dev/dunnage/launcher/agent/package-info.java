/**
 * The node's resident launcher: a Unix socket, requests with an open image as descriptor, replies by the step planner.
 * The only place that uses JNA: Java itself cannot receive descriptors.
 */
@NullMarked
package dev.dunnage.launcher.agent;

import org.jspecify.annotations.NullMarked;
