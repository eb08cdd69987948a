package dev.dunnage.launcher.wire;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * What the user says about the node's hardware, and what of it the kernel lets the step use.
 *
 * @param gpus makers whose GPUs the user wants
 * @param withoutGpu whether the user wants none, whatever the site's default is
 * @param gpuDevices devices of the node's GPUs that the step can open; without root, all that are there
 * @param transports those that messages between ranks must be able to take, as the user typed them
 */
public record HardwareWish(Set<Gpu> gpus, boolean withoutGpu, List<String> gpuDevices, List<String> transports) {
    /** Nothing is said. */
    public static final HardwareWish NONE = new HardwareWish(Set.of(), false, List.of(), List.of());

    private static final int WITHOUT = 8;

    /** Copies the collections. */
    public HardwareWish {
        gpus = Set.copyOf(gpus);
        gpuDevices = List.copyOf(gpuDevices);
        transports = List.copyOf(transports);
    }

    /** Makers of GPUs. */
    public enum Gpu {
        NVIDIA(1),
        AMD(2),
        INTEL(4);

        private final int bit;

        Gpu(int bit) {
            this.bit = bit;
        }
    }

    static HardwareWish read(RecordReader in) throws WireException {
        long bits = in.optionalU32(Tag.LAUNCH_GPU).orElse(0);
        Set<Gpu> gpus = EnumSet.noneOf(Gpu.class);
        long left = bits;
        for (Gpu gpu : Gpu.values()) {
            if ((bits & gpu.bit) != 0) {
                gpus.add(gpu);
                left &= ~gpu.bit;
            }
        }
        if (left != 0 && bits != WITHOUT) {
            throw new WireException("record LAUNCH_GPU has unknown value " + bits);
        }
        return new HardwareWish(
                gpus, bits == WITHOUT, in.strings(Tag.LAUNCH_GPU_DEVICE), in.strings(Tag.LAUNCH_TRANSPORT));
    }

    RecordWriter write(RecordWriter out) throws WireException {
        long bits = withoutGpu ? WITHOUT : 0;
        for (Gpu gpu : gpus) {
            bits |= gpu.bit;
        }
        if (withoutGpu && !gpus.isEmpty()) {
            throw new WireException("record LAUNCH_GPU cannot say both some and none");
        }
        if (bits != 0) {
            out.u32(Tag.LAUNCH_GPU, bits);
        }
        return out.strings(Tag.LAUNCH_GPU_DEVICE, gpuDevices).strings(Tag.LAUNCH_TRANSPORT, transports);
    }
}
