package dev.dunnage.launcher.build;

import dev.dunnage.launcher.oci.ConversionLimits;
import dev.dunnage.launcher.oci.MergedLayers;
import dev.dunnage.launcher.oci.OciConfig;
import dev.dunnage.launcher.oci.OciException;
import dev.dunnage.launcher.oci.OciImage;
import dev.dunnage.launcher.oci.OciLayer;
import dev.dunnage.launcher.oci.Owners;
import dev.dunnage.launcher.oci.Scratch;
import dev.dunnage.sif.Architecture;
import dev.dunnage.sif.SifLayout;
import dev.dunnage.sif.write.ObjectSpec;
import dev.dunnage.sif.write.SifWriteException;
import dev.dunnage.sif.write.SifWriter;
import dev.dunnage.sif.write.WriteOptions;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.LongConsumer;

/**
 * Turns an OCI image into a SIF image. Layers are merged on the way into the squashfs, never as a tree on disk, and no root is needed. The result
 * depends on the manifest and the owners alone: equal images give equal files.
 */
public final class OciConverter {
    static final List<String> DIRECTORIES =
            List.of("bin", "dev", "etc", "home", "proc", "root", "sys", "tmp", "var", "var/tmp");
    static final List<String> FILES = List.of("etc/hosts", "etc/resolv.conf");
    private static final String MANIFEST_LABEL = "dev.dunnage.oci.manifest";
    private static final int SHARED = 01777;
    private static final int PRIVATE = 0700;

    private final ConversionLimits limits;
    private final Owners owners;
    private final LongConsumer progress;

    /**
     * Prepares.
     *
     * @param progress is told about each piece that was unpacked, in bytes, from several threads; all content passes twice
     */
    public OciConverter(ConversionLimits limits, Owners owners, LongConsumer progress) {
        this.limits = limits;
        this.owners = owners;
        this.progress = progress;
    }

    /**
     * To be called before anything is fetched for a conversion.
     *
     * @throws ToolException when the program that it needs is not installed
     */
    public static void checkTools() throws ToolException {
        Tool.require("tar2sqfs", "squashfs-tools-ng");
    }

    /** With the usual limits; root owns all files. */
    public static OciConverter usual(LongConsumer progress) {
        return new OciConverter(ConversionLimits.usual(), Owners.ROOT, progress);
    }

    /**
     * Converts.
     *
     * @param target replaced as a whole once the image is complete
     * @return what was left out of the image, a line each
     * @throws OciException when the image is damaged, hostile or of another kind
     * @throws ToolException when tar2sqfs is missing or fails
     */
    public List<String> convert(OciImage image, Path target)
            throws IOException, OciException, ToolException, SifWriteException, InterruptedException {
        try (WorkDirectory work = WorkDirectory.beside(target);
                MergedLayers merged = MergedLayers.of(
                        image.layers(), limits, progress, Scratch.in(work.path()), Igzip.ifInstalled())) {
            TreeFiles files = files(image, merged);
            merged.add(layer(files));
            Path packed = work.path().resolve("root.squashfs");
            Tar2Sqfs.<OciException>pack(out -> merged.writeTo(out, owners), packed);
            SifWriter.create(target, options(image), objects(image, files, packed));
            return merged.devices() == 0
                    ? List.of()
                    : List.of(merged.devices() + " device files of the image were left out; the host's /dev is used");
        }
    }

    private static OciLayer layer(TreeFiles files) {
        byte[] tar = files.toTar();
        return new OciLayer("the metadata", () -> new ByteArrayInputStream(tar), tar.length);
    }

    private static TreeFiles files(OciImage image, MergedLayers merged) throws OciException, IOException {
        TreeFiles files = new TreeFiles();
        missing(merged, files);
        Skeleton.into(files);
        files.script(Skeleton.DIRECTORY + "/env/10-docker2singularity.sh", OciScripts.environment(image.config()));
        files.script(Skeleton.DIRECTORY + "/runscript", OciScripts.runscript(image.config()));
        return files.file(Skeleton.DIRECTORY + "/labels.json", Skeleton.labels(labels(image)));
    }

    /** Mount points that runtimes want. */
    private static void missing(MergedLayers merged, TreeFiles files) throws OciException {
        for (String name : DIRECTORIES) {
            if (!merged.has(name)) {
                files.directory(name, name.endsWith("tmp") ? SHARED : name.equals("root") ? PRIVATE : 0755);
            }
        }
        for (String name : FILES) {
            if (!merged.has(name)) {
                files.file(name, new byte[0]);
            }
        }
    }

    private static Map<String, String> labels(OciImage image) {
        Map<String, String> labels = new TreeMap<>(image.config().labels());
        labels.put("org.label-schema.schema-version", "1.0");
        labels.put("org.label-schema.build-arch", image.config().architecture().label());
        labels.put(MANIFEST_LABEL, image.manifestDigest());
        return labels;
    }

    /** Id and time follow from the image, so that they tell images apart and are still the same each time. */
    private static WriteOptions options(OciImage image) {
        UUID id = UUID.nameUUIDFromBytes(image.manifestDigest().getBytes(StandardCharsets.US_ASCII));
        return new WriteOptions(id, image.config().created().orElse(SifLayout.NO_TIME));
    }

    private static List<ObjectSpec> objects(OciImage image, TreeFiles files, Path packed)
            throws IOException, ToolException {
        List<ObjectSpec> objects = new ArrayList<>();
        byte[] json = MetadataFiles.assemble(files.contents()).toJson();
        objects.add(new ObjectSpec.GenericJson(InspectMetadata.NAME, json));
        objects.add(new ObjectSpec.GenericJson("oci-config.json", OciConfig.imageConfig(image.configContent())));
        objects.add(new ObjectSpec.PrimaryPartition(packed, architecture(image)));
        return objects;
    }

    private static Architecture architecture(OciImage image) throws ToolException {
        Architecture architecture = image.config().architecture();
        if (architecture == Architecture.UNKNOWN) {
            throw new ToolException(
                    "the image does not say for which architecture it is; build it anew with a current tool");
        }
        return architecture;
    }
}
