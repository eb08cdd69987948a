package dev.dunnage.launcher.wire;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Pattern;

/** The records of a plan that say what the step is confined to. */
final class ConfinementRecords {
    private static final Pattern FILTER_NAME = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}");

    private ConfinementRecords() {}

    static Confinement read(RecordReader in, Set<ViewPart> view) throws WireException {
        Confinement confinement = new Confinement(
                in.optionalU64(Tag.PLAN_CAPABILITIES).orElse(0),
                in.isOne(Tag.PLAN_USER_NAMESPACES),
                in.isOne(Tag.PLAN_NETWORK),
                Networks.read(in, Tag.PLAN_NETWORK_NAME, Tag.PLAN_PORT),
                in.strings(Tag.PLAN_DEVICE),
                in.optionalString(Tag.PLAN_SECCOMP),
                in.optionalU64(Tag.PLAN_PIDS_MAX),
                in.optionalU64(Tag.PLAN_MEMORY_MAX),
                passedVariables(in),
                in.isOne(Tag.PLAN_NO_HOST_PROGRAMS));
        check(confinement, view);
        return confinement;
    }

    private static Optional<List<String>> passedVariables(RecordReader in) throws WireException {
        List<String> patterns = in.strings(Tag.PLAN_ENV_PASS);
        if (in.isOne(Tag.PLAN_ENV_FILTER)) {
            return Optional.of(patterns);
        }
        if (!patterns.isEmpty()) {
            throw new WireException("record PLAN_ENV_PASS comes without a filter");
        }
        return Optional.empty();
    }

    static RecordWriter write(RecordWriter out, Confinement confinement, Set<ViewPart> view) throws WireException {
        check(confinement, view);
        RecordWriter head = out.optionalU64(Tag.PLAN_CAPABILITIES, present(confinement.capabilities()))
                .optionalU32(Tag.PLAN_USER_NAMESPACES, confinement.userNamespacesBarred())
                .optionalU32(Tag.PLAN_NETWORK, confinement.ownNetwork())
                .strings(Tag.PLAN_DEVICE, confinement.devices())
                .strings(Tag.PLAN_SECCOMP, confinement.seccomp().stream().toList())
                .optionalU64(Tag.PLAN_PIDS_MAX, confinement.pidsMax())
                .optionalU64(Tag.PLAN_MEMORY_MAX, confinement.memoryMax())
                .optionalU32(Tag.PLAN_ENV_FILTER, confinement.passedVariables().isPresent())
                .strings(Tag.PLAN_ENV_PASS, confinement.passedVariables().orElse(List.of()))
                .optionalU32(Tag.PLAN_NO_HOST_PROGRAMS, confinement.hostProgramsBarred());
        return confinement.networks().write(head, Tag.PLAN_NETWORK_NAME, Tag.PLAN_PORT);
    }

    private static OptionalLong present(long bits) {
        return bits == 0 ? OptionalLong.empty() : OptionalLong.of(bits);
    }

    private static void check(Confinement confinement, Set<ViewPart> view) throws WireException {
        if (!confinement.devices().isEmpty() && view.contains(ViewPart.DEV)) {
            throw new WireException("record PLAN_DEVICE comes with the whole /dev of the host");
        }
        if (!confinement.networks().names().isEmpty() && !confinement.ownNetwork()) {
            throw new WireException("record PLAN_NETWORK_NAME comes without a network of the step's own");
        }
        if (confinement.networks().names().stream().anyMatch(name -> name.equals("host") || name.equals("none"))) {
            throw new WireException("record PLAN_NETWORK_NAME names no network of the site");
        }
        if (confinement
                .seccomp()
                .filter(name -> !FILTER_NAME.matcher(name).matches())
                .isPresent()) {
            throw new WireException("record PLAN_SECCOMP is not a name of a filter");
        }
    }
}
