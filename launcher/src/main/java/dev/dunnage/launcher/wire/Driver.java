package dev.dunnage.launcher.wire;

/** How the image becomes a file system. */
public enum Driver {
    /** The kernel's squashfs over a loop device: only for trusted images that the user cannot change. */
    KERNEL(1),
    /** squashfuse, running as the user. */
    FUSE(2),
    /** squashfuse, and in it gocryptfs, and in it squashfuse again, all running as the user: an encrypted image. */
    GOCRYPTFS(3);

    private final int number;

    Driver(int number) {
        this.number = number;
    }

    /** Number on the wire. */
    public int number() {
        return number;
    }

    static Driver of(long number) throws WireException {
        for (Driver driver : values()) {
            if (driver.number == number) {
                return driver;
            }
        }
        throw new WireException("unknown driver " + number);
    }
}
