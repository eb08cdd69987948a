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
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
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
        try {
            OciConverter.checkTools();
            List<Descriptor> blobs = new ArrayList<>();
            blobs.add(image.manifest().config());
            blobs.addAll(image.manifest().layers());
            List<Path> files = fetch(parts, blobs);
            OciImage whole = OciImage.of(
                    image.manifest().self().digest().toString(), files.get(0), files.subList(1, files.size()));
            Path target = parts.file(image.manifest().self().digest().hex() + ".sif");
            notices.accept("converting " + image.reference());
            OciConverter.usual(bytes -> {}).convert(whole, target).forEach(notices);
            for (Path file : files) {
                Files.deleteIfExists(file);
            }
            return new Fetched(target, CacheCare.hash(target));
        } catch (OciException | ToolException | SifWriteException e) {
            throw new PullException(image.reference(), "converting the image: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while converting " + image.reference());
        }
    }

    private List<Path> fetch(Parts parts, List<Descriptor> blobs) throws IOException, InterruptedException {
        ExecutorService workers = Executors.newFixedThreadPool(AT_ONCE);
        try {
            List<Future<Path>> coming = new ArrayList<>();
            for (Descriptor blob : blobs) {
                coming.add(workers.submit(() -> parts.fetch(blob.digest(), client.blob(image, blob))));
            }
            List<Path> files = new ArrayList<>();
            for (Future<Path> one : coming) {
                files.add(one.get());
            }
            return files;
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException failure ? failure : new IOException(e.getCause());
        } finally {
            workers.shutdownNow();
        }
    }
}
