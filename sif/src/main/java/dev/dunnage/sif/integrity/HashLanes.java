package dev.dunnage.sif.integrity;

import dev.dunnage.sif.ImageBytes;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.FutureTask;

/** Runs hash jobs side by side when there are several large ones; each lane takes the next job when it is done. */
final class HashLanes {
    private static final int MAX_LANES = 4;

    private final ImageBytes bytes;
    private final Queue<HashJob> waiting;
    private final Map<Long, Map<DigestAlgorithm, Digest>> done = new ConcurrentHashMap<>();

    private HashLanes(ImageBytes bytes, Collection<HashJob> jobs) {
        this.bytes = bytes;
        this.waiting = new ConcurrentLinkedQueue<>(HashJob.byLength(jobs));
    }

    /** Digests by object id; all jobs are over when this returns or throws. */
    static Map<Long, Map<DigestAlgorithm, Digest>> run(ImageBytes bytes, Collection<HashJob> jobs) throws IOException {
        HashLanes lanes = new HashLanes(bytes, jobs);
        long large = jobs.stream().filter(HashJob::isLarge).count();
        if (large < 2) {
            lanes.work();
        } else {
            // The common pool is one smaller than the number of processors.
            lanes.share((int) Math.min(Math.min(large, MAX_LANES), ForkJoinPool.getCommonPoolParallelism() + 1));
        }
        return lanes.done;
    }

    private void work() throws IOException {
        boolean complete = false;
        try {
            for (HashJob job = waiting.poll(); job != null; job = waiting.poll()) {
                done.put(job.object().id(), job.run(bytes));
            }
            complete = true;
        } finally {
            if (!complete) {
                waiting.clear();
            }
        }
    }

    private record Lane(Thread thread, FutureTask<Void> work) {}

    /** The calling thread is the first lane. */
    private void share(int count) throws IOException {
        List<Lane> others = new ArrayList<>();
        for (int i = 1; i < count; i++) {
            others.add(start());
        }
        try {
            work();
        } finally {
            others.forEach(lane -> Joining.join(lane.thread()));
        }
        for (Lane each : others) {
            rethrow(each.work());
        }
    }

    private Lane start() {
        FutureTask<Void> work = new FutureTask<>(() -> {
            work();
            return null;
        });
        Thread thread = new Thread(work, "sif-hash");
        thread.setDaemon(true);
        thread.start();
        return new Lane(thread, work);
    }

    /** For work that is over. */
    private static void rethrow(FutureTask<Void> work) throws IOException {
        boolean interrupted = Thread.interrupted();
        try {
            work.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException problem) {
                throw problem;
            }
            throw e.getCause() instanceof IOException problem
                    ? new IOException(String.valueOf(problem.getMessage()), problem)
                    : new IOException("hashing the image failed", e);
        } catch (InterruptedException e) {
            interrupted = true;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
