package dev.dunnage.policy;

/** How an image may be mounted. */
public enum MountDriver {
    /** By the kernel when the image is trusted, else by FUSE as the user. */
    AUTO,
    /** By the kernel; only images whose signatures were found good. */
    KERNEL,
    /** By FUSE as the user, trusted or not. */
    FUSE;

    /**
     * {@link #KERNEL} or {@link #FUSE} for one image. What is not trusted never gets to the kernel.
     *
     * @param trusted {@link Decision.Allow#trusted()}
     */
    public MountDriver effective(boolean trusted) {
        return this != FUSE && trusted ? KERNEL : FUSE;
    }
}
