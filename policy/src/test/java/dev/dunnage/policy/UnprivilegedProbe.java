package dev.dunnage.policy;

import java.nio.file.Path;

/** Loads a policy and settings as whatever account starts it, and prints what came of it. */
final class UnprivilegedProbe {
    private UnprivilegedProbe() {}

    private interface Load {
        String from(Path file) throws SiteFileException;
    }

    public static void main(String[] args) {
        OwnershipRule rule = OwnershipRule.rootOnly();
        print(Path.of(args[0]), file -> new PolicyLoader(rule).load(file).summary());
        print(Path.of(args[2]), file -> new EclLoader(rule).load(file).summary());
        print(Path.of(args[1]), file -> new SiteConfigLoader(rule).load(file).contact());
    }

    private static void print(Path file, Load load) {
        try {
            System.out.println(load.from(file));
        } catch (SiteFileException e) {
            System.out.println(e.getMessage());
        }
    }
}
