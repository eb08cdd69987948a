package dev.dunnage.launcher.web;

/** Is told how a transfer goes on; called from any thread. */
public interface Meter {
    /** Nobody watches. */
    static Meter none() {
        return new Meter() {
            @Override
            public void expect(long bytes) {}

            @Override
            public void add(long bytes) {}
        };
    }

    /** So many more bytes will come. */
    void expect(long bytes);

    /** So many bytes came. */
    void add(long bytes);
}
