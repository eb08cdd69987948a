package dev.dunnage.sif;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The structure of one SIF image: every number in it has been checked against the file and the other objects. */
public final class SifImage {
    private final SifHeader header;
    private final byte[] signedHeader;
    private final List<SifObject> objects;
    private final List<String> warnings;

    private SifImage(SifHeader header, byte[] signedHeader, List<SifObject> objects, List<String> warnings) {
        this.header = header;
        this.signedHeader = signedHeader;
        this.objects = List.copyOf(objects);
        this.warnings = List.copyOf(warnings);
    }

    /**
     * Reads header and descriptors. The content of objects is not looked at.
     *
     * @throws SifFormatException when a field is out of its range, names the field
     */
    public static SifImage read(ImageBytes bytes) throws IOException, SifFormatException {
        List<String> warnings = new ArrayList<>();
        HeaderReader reader = HeaderReader.of(bytes);
        SifHeader header = reader.read(warnings);
        List<SifObject> objects = new DescriptorReader(bytes, header).read();
        new ImageChecks(header, objects, warnings).run();
        return new SifImage(header, reader.signedPart(), objects, warnings);
    }

    public SifHeader header() {
        return header;
    }

    /** Objects in the order of their slots. */
    public List<SifObject> objects() {
        return objects;
    }

    /** Oddities that harm nobody, one line each. */
    public List<String> warnings() {
        return warnings;
    }

    /** Unused descriptors, counted. */
    public int freeSlots() {
        return header.totalDescriptors() - objects.size();
    }

    /** The 61 bytes of the header that signatures cover. */
    public byte[] signedHeader() {
        return signedHeader.clone();
    }

    /** The object with this id. */
    public Optional<SifObject> object(long id) {
        return objects.stream().filter(object -> object.id() == id).findFirst();
    }

    /** Whether this is an OCI-SIF: a container image in OCI form, whose root file system is in layers. */
    public boolean isOci() {
        return objects.stream().anyMatch(object -> object.type() == DataType.OCI_ROOT_INDEX);
    }

    /** How the root file system is encrypted; empty when it is not, or when there is none. */
    public Optional<Encryption> encryption() {
        return objects.stream()
                .filter(SifObject::isPrimarySystem)
                .findFirst()
                .flatMap(root -> Encryption.of(this, root));
    }

    /**
     * The one primary system partition, which is the root file system of the container.
     *
     * @throws SifFormatException when there is none
     */
    public SifObject primarySystem() throws SifFormatException {
        List<SifObject> found =
                objects.stream().filter(SifObject::isPrimarySystem).toList();
        if (found.size() != 1) {
            throw new SifFormatException(
                    "number of primary system partitions",
                    found.size(),
                    "exactly 1",
                    header.tableOffset(),
                    isOci()
                            ? "the image is an OCI-SIF, whose layers are not supported; build it as a plain SIF"
                            : "the image has no root file system to run, build it as a container image");
        }
        return found.get(0);
    }

    /**
     * Refuses an image that this host cannot run: no root file system, one of a kind that is not supported, for another
     * architecture, or with a superblock that does not fit what the descriptor declares.
     */
    public void checkRunnable(Architecture host, ImageBytes bytes) throws IOException, SifFormatException {
        new RunnableCheck(primarySystem()).run(host, bytes, Set.of(FileSystemKind.SQUASHFS));
    }

    /** The same for a user who can open what gocryptfs encrypted; its superblock is that of the encrypted files. */
    public void checkOpenable(Architecture host, ImageBytes bytes) throws IOException, SifFormatException {
        new RunnableCheck(primarySystem())
                .run(host, bytes, Set.of(FileSystemKind.SQUASHFS, FileSystemKind.GOCRYPTFS_SQUASHFS));
    }

    /**
     * Content of a small object.
     *
     * @throws SifFormatException when the object has more than {@link SifLayout#MAX_METADATA} bytes
     */
    public byte[] metadata(ImageBytes bytes, SifObject object) throws IOException, SifFormatException {
        if (object.size() > SifLayout.MAX_METADATA) {
            throw new SifFormatException(
                    "size of metadata object " + object.id(),
                    object.size(),
                    "at most " + SifLayout.MAX_METADATA,
                    object.offset());
        }
        return bytes.bytes(object.offset(), (int) object.size());
    }
}
