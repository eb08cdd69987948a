package dev.dunnage.launcher.plan;

import dev.dunnage.launcher.wire.Bind;
import dev.dunnage.launcher.wire.ViewPart;
import dev.dunnage.policy.Grants;
import dev.dunnage.policy.MountSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Compares the mounts that a user wants with what a rule grants. Those of the site are not asked about. */
final class GrantedMounts {
    private static final List<String> LIBRARIES =
            List.of("/lib", "/lib32", "/lib64", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/local/lib");

    private final Grants grants;
    private final StepLayout layout;
    private final String home;

    GrantedMounts(Grants grants, StepLayout layout, String home) {
        this.grants = grants;
        this.layout = layout;
        this.home = home;
    }

    /** Why one of them is not granted, one line. */
    Optional<String> refusal() {
        for (Bind bind : layout.binds()) {
            if (isUsers(bind)) {
                Optional<String> refusal = refusal(bind);
                if (refusal.isPresent()) {
                    return refusal;
                }
            }
        }
        return Optional.empty();
    }

    /** The mounts, those of the user marked where their source must be what its name says. */
    List<Bind> binds() {
        return grants.binds().isEmpty() && grants.hostLibraries()
                ? layout.binds()
                : layout.binds().stream()
                        .map(bind -> isUsers(bind) ? bind.onlyAsNamed() : bind)
                        .toList();
    }

    private static boolean isUsers(Bind bind) {
        return !bind.optional(); // a site's mount may be absent on some nodes, a user's may not
    }

    private Optional<String> refusal(Bind bind) {
        MountSpec mount = new MountSpec(bind.source(), bind.target(), bind.readOnly());
        return grants.refusalOf(mount).or(() -> refusalOfLibrary(mount)).or(() -> refusalOfPlace(mount));
    }

    private Optional<String> refusalOfLibrary(MountSpec mount) {
        boolean library =
                LIBRARIES.stream().anyMatch(place -> isAt(place, mount.source()) || isAt(mount.source(), place));
        return grants.hostLibraries() || !library
                ? Optional.empty()
                : Optional.of("mount " + mount + " would bring libraries of the host, which the policy does not allow"
                        + " here; leave it out");
    }

    /** Below a directory that the user can write to, a link could lead the mount over a program of the image. */
    private Optional<String> refusalOfPlace(MountSpec mount) {
        if (grants.replacePrograms()) {
            return Optional.empty();
        }
        return writable().stream()
                .filter(place -> isAt(place, mount.target()) && !place.equals(mount.target()))
                .findFirst()
                .map(place -> "mount " + mount + " lies within " + place
                        + ", where links could lead it over programs of the image; choose a target outside of it");
    }

    private List<String> writable() {
        List<String> places = new ArrayList<>();
        if (layout.view().contains(ViewPart.TMP)) {
            places.addAll(List.of("/tmp", "/var/tmp"));
        }
        if (layout.view().contains(ViewPart.HOME)) {
            places.add(home);
        }
        layout.binds().forEach(bind -> places.add(bind.target()));
        return places;
    }

    private static boolean isAt(String place, String path) {
        return path.equals(place) || path.startsWith(place.endsWith("/") ? place : place + "/");
    }
}
