/**
 * The site's files and the decision they lead to.
 *
 * <p>{@link PolicyLoader} reads {@code policy.yaml} (who may run which image) and {@link SiteConfigLoader} reads
 * {@code dunnage.yaml} (what every container sees). Both refuse a file that others could have written or that does not
 * mean exactly one thing, with all findings and their places at once. {@link Policy#ruleFor} picks the rule of an image
 * and {@link Rule#decide} turns what is known about its signatures into a {@link Decision}.
 *
 * <p>This package opens no socket, starts no process and knows nothing of SIF: facts come in as values.
 */
@NullMarked
package dev.dunnage.policy;

import org.jspecify.annotations.NullMarked;
