package dev.dunnage.launcher.pull;

import dev.dunnage.launcher.build.OciConverter;
import dev.dunnage.launcher.build.ToolException;
import dev.dunnage.launcher.cache.CacheCare;
import dev.dunnage.launcher.oci.OciException;
import dev.dunnage.launcher.oci.OciImage;
import dev.dunnage.launcher.reference.Digest;
import dev.dunnage.launcher.reference.ImageReference;
import dev.dunnage.launcher.registry.Descriptor;
import dev.dunnage.launcher.registry.MediaTypes;
import dev.dunnage.launcher.registry.RegistryClient;
import dev.dunnage.launcher.registry.ResolvedImage;
import dev.dunnage.sif.write.SifWriteException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** An image of layers in a registry, which is converted once they are here. */
record DockerImage(RegistryClient client, ResolvedImage image, Consumer<String> notices) implements RemoteImage {
    private static final int AT_ONCE = 3;

    static DockerImage of(RegistryClient client, ResolvedImage image, Consumer<String> notices) throws PullException {
        for (Descriptor layer : image.manifest().layers()) {
            if (MediaTypes.isSif(layer.mediaType())) {
                throw new PullException(
                        image.reference(), "the image there is a SIF file; write oras:// instead of docker://");
            } else if (layer.mediaType().contains("encrypted")) {
                throw new PullException(
                        image.reference(), "a layer of the image is encrypted; decrypt the image first");
            }
        }
        return new DockerImage(client, image, notices);
    }

    @Override
    public Optional<Digest> content() {
        return Optional.empty(); // it follows from the conversion
    }

    @Override
    public ImageReference pinned(Digest content) {
        return image.reference().pinned(image.named());
    }

    @Override
    public Fetched fetch(Parts parts) throws IOException {
        ThreadPoolExecutor workers =
                new ThreadPoolExecutor(AT_ONCE, AT_ONCE, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>());
        List<Future<Path>> coming = new ArrayList<>();
        try {
            OciConverter.checkTools();
            Path config = parts.fetch(
                    image.manifest().config().digest(),
                    client.blob(image, image.manifest().config()));
            List<OciImage.Blob> layers = new ArrayList<>();
            for (Descriptor layer : image.manifest().layers()) {
                Arriving arriving = new Arriving();
                coming.add(workers.submit(
                        () -> arriving.run(() -> parts.fetch(layer.digest(), client.blob(image, layer), arriving))));
                layers.add(new OciImage.Blob(arriving::open, layer.size()));
            }
            Path target = convert(parts, config, layers);
            for (Path file : finished(coming)) {
                Files.deleteIfExists(file);
            }
            Files.deleteIfExists(config);
            return new Fetched(target, CacheCare.hash(target));
        } catch (OciException | ToolException | SifWriteException e) {
            List<Runnable> never = new ArrayList<>();
            workers.getQueue().drainTo(never);
            coming.removeIf(one -> one instanceof Runnable task && never.contains(task));
            finished(coming); // a layer that does not come as it should is the better reason
            throw new PullException(image.reference(), "converting the image: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while converting " + image.reference());
        } finally {
            workers.shutdownNow();
        }
    }

    /** Layers are looked at while they come. */
    private Path convert(Parts parts, Path config, List<OciImage.Blob> layers)
            throws IOException, OciException, ToolException, SifWriteException, InterruptedException {
        String manifest = image.manifest().self().digest().toString();
        Path target = parts.file(image.manifest().self().digest().hex() + ".sif");
        notices.accept("converting " + image.reference());
        OciConverter.usual(bytes -> {})
                .convert(OciImage.ofBlobs(manifest, config, layers), target)
                .forEach(notices);
        return target;
    }

    private static List<Path> finished(List<Future<Path>> coming) throws IOException {
        List<Path> files = new ArrayList<>();
        try {
            for (Future<Path> one : coming) {
                files.add(one.get());
            }
            return files;
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException failure ? failure : new IOException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while layers were coming");
        }
    }
}
