package dev.dunnage.sif.odd;

import dev.dunnage.sif.Architecture;
import dev.dunnage.sif.DataType;
import dev.dunnage.sif.FileSystemKind;
import dev.dunnage.sif.Link;
import dev.dunnage.sif.PartitionKind;
import dev.dunnage.sif.SifEncoder;
import dev.dunnage.sif.SifHeader;
import dev.dunnage.sif.SifImage;
import dev.dunnage.sif.SifLayout;
import dev.dunnage.sif.TestImages;
import dev.dunnage.sif.armor.ClearText;
import dev.dunnage.sif.integrity.MessageBuilder;
import dev.dunnage.sif.integrity.ObjectGroup;
import dev.dunnage.sif.integrity.ObjectHasher;
import dev.dunnage.sif.key.PgpSecretKey;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;

/** An image of any shape: descriptors in any slots, data in any order, every byte to be changed. */
final class OddImage {
    /** Offsets in a descriptor. */
    static final int ID = 5;

    static final int GROUP = 9;
    static final int LINK = 13;
    static final int OFFSET = 17;
    static final int SIZE = 25;
    static final int PADDED = 33;
    static final int CREATED = 41;
    static final int MODIFIED = 49;
    static final int UID = 57;
    static final int NAME = 73;
    static final int EXTRA = 201;

    private static final int SLOT = SifLayout.DESCRIPTOR_SIZE;
    private static final long TIME = TestImages.CLOCK.getEpochSecond() - 1000;

    private final List<Part> parts = new ArrayList<>();
    private UUID id = new UUID(0x1234, 0x5678);
    private int table = 4096;
    private int slots = 16;
    private int gap;
    private boolean backwards;

    /** A slot of the table with what it describes; the descriptor has no offset yet. */
    @SuppressWarnings("ArrayRecordComponent") // a carrier of bytes, never compared
    private record Part(ByteBuffer descriptor, byte[] content) {}

    /** Definition file, labels and a root file system, in group 1. */
    static OddImage usual() {
        OddImage image = new OddImage();
        image.add(DataType.DEFINITION_FILE, 1, 1, "bootstrap: scratch\n");
        image.add(DataType.GENERIC_JSON, 2, 1, "{\"labels\":{}}");
        byte[] unsigned = TestImages.resource("images/unsigned.sif");
        return image.add(
                DataType.PARTITION,
                3,
                1,
                new Link.None(),
                Arrays.copyOfRange(unsigned, 36864, 40960),
                SifEncoder.partition(FileSystemKind.SQUASHFS, PartitionKind.PRIMARY_SYSTEM, Architecture.AMD64));
    }

    static OddImage empty() {
        return new OddImage();
    }

    OddImage add(DataType type, long number, long group, String content) {
        return add(type, number, group, new Link.None(), content.getBytes(StandardCharsets.UTF_8), new byte[0]);
    }

    OddImage add(DataType type, long number, long group, Link link, byte[] content, byte[] extra) {
        byte[] descriptor = SifEncoder.descriptor(new SifEncoder.Fields(
                type, number, group, link, 0, content.length, content.length, TIME, "object " + number, extra));
        parts.add(new Part(ByteBuffer.wrap(descriptor).order(ByteOrder.LITTLE_ENDIAN), content));
        return this;
    }

    /** An unused slot with remains of something in it. */
    OddImage hole() {
        byte[] remains = new byte[SLOT];
        Arrays.fill(remains, (byte) 0x5a);
        remains[4] = 0;
        parts.add(new Part(ByteBuffer.wrap(remains).order(ByteOrder.LITTLE_ENDIAN), new byte[0]));
        return this;
    }

    OddImage id(UUID other) {
        id = other;
        return this;
    }

    OddImage tableAt(int offset) {
        table = offset;
        return this;
    }

    OddImage slots(int count) {
        slots = count;
        return this;
    }

    /** Bytes in front of each object. */
    OddImage gap(int size) {
        gap = size;
        return this;
    }

    /** The data of the last slot comes first in the file. */
    OddImage backwards() {
        backwards = true;
        return this;
    }

    OddImage reorderSlots() {
        Collections.reverse(parts);
        return this;
    }

    OddImage remove(int slot) {
        parts.remove(slot);
        return hole();
    }

    OddImage repeat(int slot) {
        Part part = parts.get(slot);
        parts.add(new Part(
                ByteBuffer.wrap(part.descriptor().array().clone()).order(ByteOrder.LITTLE_ENDIAN), part.content()));
        return this;
    }

    /** Changes a descriptor; its offset is set later. */
    OddImage descriptor(int slot, Consumer<ByteBuffer> change) {
        change.accept(parts.get(slot).descriptor());
        return this;
    }

    OddImage everyDescriptor(Consumer<ByteBuffer> change) {
        parts.forEach(part -> change.accept(part.descriptor()));
        return this;
    }

    /** A good signature over all objects of a group, behind all others, with the next id. */
    OddImage sign(PgpSecretKey key, long group) throws Exception {
        return sign(key, group, TestImages.CLOCK.minusSeconds(60));
    }

    OddImage sign(PgpSecretKey key, long group, Instant at) throws Exception {
        return signature(statement(key, group, at), group, key.facts().fingerprint());
    }

    OddImage signature(byte[] content, long group, String fingerprint) {
        return add(
                DataType.SIGNATURE,
                parts.size() + 1L,
                0,
                new Link.ToGroup(group),
                content,
                SifEncoder.signature(fingerprint));
    }

    byte[] statement(PgpSecretKey key, long number, Instant at) throws Exception {
        byte[] content = bytes();
        SifImage image = SifImage.read(TestImages.of(content));
        ObjectGroup group = ObjectGroup.of(image).stream()
                .filter(each -> each.number() == number)
                .findFirst()
                .orElseThrow();
        String json = MessageBuilder.build(image, group, new ObjectHasher(TestImages.of(content)))
                .toJson();
        return ClearText.format(json, key.hashName(), key.sign(json.getBytes(StandardCharsets.UTF_8), new char[0], at));
    }

    byte[] bytes() {
        int data = table + slots * SLOT;
        int end = data
                + parts.stream().mapToInt(part -> part.content().length + gap).sum();
        ByteBuffer out = ByteBuffer.allocate(end).order(ByteOrder.LITTLE_ENDIAN);
        long used = parts.stream().filter(part -> part.descriptor().get(4) != 0).count();
        out.put(SifEncoder.header(new SifHeader(
                "",
                Architecture.AMD64,
                id,
                TIME,
                TIME,
                slots - used,
                slots,
                table,
                (long) slots * SLOT,
                data,
                end - data)));
        int at = data;
        for (int i = 0; i < parts.size(); i++) {
            int slot = backwards ? parts.size() - 1 - i : i;
            Part part = parts.get(slot);
            byte[] descriptor = part.descriptor().array().clone();
            if (descriptor[4] != 0) {
                at += gap;
                ByteBuffer.wrap(descriptor).order(ByteOrder.LITTLE_ENDIAN).putLong(OFFSET, at);
            }
            out.put(at, part.content());
            at += part.content().length;
            out.put(table + slot * SLOT, descriptor);
        }
        return out.array();
    }

    /** The finished image, with other changes: to {@code header} bytes and the descriptors behind them. */
    byte[] bytes(Consumer<ByteBuffer> change) {
        byte[] content = bytes();
        change.accept(ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN));
        return content;
    }

    /** Where the descriptor of a slot starts. */
    int at(int slot) {
        return table + slot * SLOT;
    }
}
