package dev.dunnage.launcher.keyserver;

/** Is told how an exchange with a server goes on; called from other threads. */
public interface Progress {
    /** Nobody watches. */
    static Progress none() {
        return (host, bytes) -> {};
    }

    /**
     * A request went out, or a part of the answer came in.
     *
     * @param host who is asked
     * @param bytes that came so far
     */
    void at(String host, long bytes);
}
