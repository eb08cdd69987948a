package dev.dunnage.launcher.build;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Makes a squashfs of a tar stream, by {@code tar2sqfs}: nothing is unpacked, no root is needed, equal streams give equal files. */
final class Tar2Sqfs {
    private static final int ERROR_LIMIT = 4096;
    private static final int BUFFER = 1 << 18;

    private Tar2Sqfs() {}

    /** Writes an archive. */
    @FunctionalInterface
    interface Source<E extends Exception> {
        /** Writes all of it; errors of the sink are IOExceptions. */
        void writeTo(OutputStream tar) throws IOException, E;
    }

    /**
     * Packs with zstd on all processors, at the level that takes half the time of the usual one for 6 % more bytes.
     *
     * @param target is there afterwards only when all went well
     */
    static <E extends Exception> void pack(Source<E> source, Path target)
            throws IOException, ToolException, InterruptedException, E {
        Tool tool = Tool.require("tar2sqfs", "squashfs-tools-ng");
        Process process = tool.start(
                arguments(target),
                how -> how.redirectErrorStream(true)
                        .environment()
                        .put("SOURCE_DATE_EPOCH", "0")); // the superblock's time
        Thread end = new Thread(process::destroyForcibly); // an ended JVM would look like an ended archive
        Runtime.getRuntime().addShutdownHook(end);
        boolean isWhole = false;
        try {
            Complaints complaints = Complaints.of(process);
            boolean isTaken = feed(source, process);
            int status = process.waitFor();
            if (status != 0 || !isTaken) {
                throw new ToolException("tar2sqfs failed: " + complaints.lastLine(status));
            }
            isWhole = true;
        } finally {
            if (!isWhole) {
                process.destroyForcibly();
            }
            Runtime.getRuntime().removeShutdownHook(end);
        }
    }

    private static List<String> arguments(Path target) {
        List<String> command = new ArrayList<>();
        int jobs = Runtime.getRuntime().availableProcessors();
        Collections.addAll(command, "-q", "-s", "-f", "-c", "zstd", "-X", "level=1");
        Collections.addAll(command, "-j", Integer.toString(jobs), target.toString());
        return command;
    }

    /** False when the program stopped reading: what it said tells more than the broken pipe. */
    private static <E extends Exception> boolean feed(Source<E> source, Process process) throws E {
        try (OutputStream in = new BufferedOutputStream(process.getOutputStream(), BUFFER)) {
            source.writeTo(in);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** The end of what the program prints, read while it runs. */
    private static final class Complaints extends Thread {
        private final InputStream in;
        private String text = "";

        private Complaints(InputStream in) {
            super("tar2sqfs");
            this.in = in;
            setDaemon(true);
        }

        static Complaints of(Process process) {
            Complaints complaints = new Complaints(process.getInputStream());
            complaints.start();
            return complaints;
        }

        @Override
        public void run() {
            byte[] buffer = new byte[ERROR_LIMIT];
            try {
                for (int got = in.read(buffer); got >= 0; got = in.read(buffer)) {
                    keep(new String(buffer, 0, got, StandardCharsets.UTF_8));
                }
            } catch (IOException e) {
                keep("its output ended: " + e.getMessage());
            }
        }

        private synchronized void keep(String more) {
            text += more;
            text = text.substring(Math.max(0, text.length() - ERROR_LIMIT));
        }

        String lastLine(int status) throws InterruptedException {
            join(1000);
            synchronized (this) {
                String all = text.strip();
                return all.isEmpty() ? "exit status " + status : all.substring(all.lastIndexOf('\n') + 1);
            }
        }
    }
}
