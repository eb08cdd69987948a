package dev.dunnage.policy;

import java.nio.file.Path;
import java.util.Optional;

/**
 * One file of a policy.
 *
 * @param text its contents
 * @param tree everything in it; empty, with findings, when it cannot be parsed
 * @param root its settings; empty, with findings, when there is nothing to be read from it
 */
record Source(Path file, String text, Findings findings, Optional<Node> tree, Optional<Section> root) {}
