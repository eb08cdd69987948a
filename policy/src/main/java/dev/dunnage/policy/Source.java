package dev.dunnage.policy;

import java.nio.file.Path;
import java.util.Optional;

/**
 * One file of a policy.
 *
 * @param text its contents; empty when it could not be read
 * @param root its settings; empty, with findings, when there is nothing to be read from it
 */
record Source(Path file, String text, Findings findings, Optional<Section> root) {}
