package dev.dunnage.launcher.web;

import dev.dunnage.launcher.reference.Digest;
import dev.dunnage.launcher.stream.WatchedStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;

/** Hashes what passes, and fails at the end when it is not the content that was asked for. */
final class CheckedStream extends WatchedStream {
    private final MessageDigest hash;
    private final Optional<Digest> wanted;
    private final Meter meter;
    private boolean checked;

    /**
     * Prepares.
     *
     * @param hash that has seen what came earlier; its result is taken when there is a digest to compare with
     */
    CheckedStream(InputStream in, MessageDigest hash, Optional<Digest> wanted, Meter meter) {
        super(in);
        this.hash = hash;
        this.wanted = wanted;
        this.meter = meter;
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public int read(byte[] target, int from, int length) throws IOException {
        int count = in.read(target, from, length);
        if (count > 0) {
            hash.update(target, from, count);
            meter.add(count);
        } else if (count < 0) {
            check();
        }
        return count;
    }

    private void check() throws WebException {
        if (checked || wanted.isEmpty()) {
            return;
        }
        String found = HexFormat.of().formatHex(hash.digest());
        checked = true;
        if (!found.equals(wanted.get().hex())) {
            throw new DigestMismatchException(
                    "the content has the digest sha256:" + found + " instead of " + wanted.get()
                            + "; the image there is damaged, or somebody on the way changes it: tell who runs the server");
        }
    }
}
