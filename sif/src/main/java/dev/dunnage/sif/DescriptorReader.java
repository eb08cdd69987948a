package dev.dunnage.sif;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** Reads the descriptor table, a bounded piece at a time, and checks what one descriptor alone can tell. */
final class DescriptorReader {
    private static final int SLOTS_PER_READ = 1024;
    private static final int NUMBER_MASK = 0x0FFFFFFF;

    private final ImageBytes bytes;
    private final SifHeader header;
    private final long fileSize;

    DescriptorReader(ImageBytes bytes, SifHeader header) throws IOException {
        this.bytes = bytes;
        this.header = header;
        this.fileSize = bytes.size();
    }

    List<SifObject> read() throws IOException, SifFormatException {
        List<SifObject> objects = new ArrayList<>();
        for (int first = 0; first < header.totalDescriptors(); first += SLOTS_PER_READ) {
            int count = Math.min(SLOTS_PER_READ, header.totalDescriptors() - first);
            byte[] piece = bytes.bytes(position(first), count * SifLayout.DESCRIPTOR_SIZE);
            for (int slot = 0; slot < count; slot++) {
                readSlot(piece, slot * SifLayout.DESCRIPTOR_SIZE, first + slot, objects);
            }
        }
        return objects;
    }

    private long position(int slot) {
        return header.tableOffset() + (long) slot * SifLayout.DESCRIPTOR_SIZE;
    }

    private void readSlot(byte[] piece, int start, int slot, List<SifObject> objects) throws SifFormatException {
        int used = piece[start + SifLayout.USED_FLAG] & 0xff;
        if (used == 0) {
            return;
        }
        long at = position(slot);
        if (used != 1) {
            throw new SifFormatException("used flag of slot " + slot, used, "0 or 1", at + 4);
        }
        ByteBuffer numbers = ByteBuffer.wrap(piece).order(ByteOrder.LITTLE_ENDIAN);
        int type = numbers.getInt(start);
        if (type == 0) {
            throw new SifFormatException("data type of slot " + slot, 0, "a type code", at);
        }
        long id = Integer.toUnsignedLong(numbers.getInt(start + 5));
        if (id == 0) {
            throw new SifFormatException("object id of slot " + slot, 0, "1 or more", at + 5);
        }
        RawDescriptor raw = RawDescriptor.copyOf(piece, start);
        SifObject object = new SifObject(
                slot,
                id,
                group(id, numbers.getInt(start + 9), at + 9),
                link(id, numbers.getInt(start + 13), at + 13),
                DataType.ofCode(type),
                type,
                numbers.getLong(start + 17),
                numbers.getLong(start + 25),
                Printable.ofPadded(raw.name()),
                numbers.getLong(start + 41),
                numbers.getLong(start + 49),
                numbers.getLong(start + 57),
                numbers.getLong(start + 65),
                at,
                raw);
        checkPlace(object, at);
        objects.add(object);
    }

    private static long group(long id, int raw, long at) throws SifFormatException {
        if ((raw & SifLayout.GROUP_MASK) != SifLayout.GROUP_MASK) {
            throw new SifFormatException("group of object " + id, hex(raw), "0xf....... with the group's number", at);
        }
        return raw & NUMBER_MASK;
    }

    private static Link link(long id, int raw, long at) throws SifFormatException {
        if (raw == 0) {
            return new Link.None();
        }
        return switch (raw >>> 28) {
            case 0 -> new Link.ToObject(raw);
            case 0xF -> new Link.ToGroup(raw & NUMBER_MASK);
            default -> throw new SifFormatException("link of object " + id, hex(raw), "0x0....... or 0xf.......", at);
        };
    }

    private void checkPlace(SifObject object, long at) throws SifFormatException {
        if (object.offset() < 0 || object.offset() > fileSize) {
            throw new SifFormatException(
                    "offset of object " + object.id(), object.offset(), "0 to the file size " + fileSize, at + 17);
        }
        if (object.size() < 0 || object.size() > fileSize - object.offset()) {
            throw new SifFormatException(
                    "size of object " + object.id(),
                    object.size(),
                    "0 to %d, where the file ends".formatted(fileSize - object.offset()),
                    at + 25);
        }
        long tableEnd = header.tableOffset() + header.tableSize();
        boolean overTable = object.offset() < tableEnd && object.end() > header.tableOffset();
        if (object.size() > 0 && (object.offset() < SifLayout.HEADER_SIZE || overTable)) {
            throw new SifFormatException(
                    "offset of object " + object.id(), object.offset(), "outside header and descriptor table", at + 17);
        }
    }

    private static String hex(int value) {
        return "0x%08x".formatted(value);
    }
}
