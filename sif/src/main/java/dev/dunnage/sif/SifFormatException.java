package dev.dunnage.sif;

/** An image that cannot be read, or cannot run here: which field, its value, what it should be, and where it is. */
public final class SifFormatException extends Exception {
    private static final long serialVersionUID = 1L;
    static final String DAMAGED = "the image is damaged or not a SIF file, copy or build it again";

    private final String field;
    private final String value;
    private final String limit;
    private final long offset;

    SifFormatException(String field, Object value, String limit, long offset) {
        this(field, value, limit, offset, DAMAGED);
    }

    SifFormatException(String field, Object value, String limit, long offset, String remedy) {
        super("%s is %s at byte %d, but must be %s; %s".formatted(field, value, offset, limit, remedy));
        this.field = field;
        this.value = String.valueOf(value);
        this.limit = limit;
        this.offset = offset;
    }

    /** Name of the offending field. */
    public String field() {
        return field;
    }

    /** The value found, safe to print. */
    public String value() {
        return value;
    }

    /** What the value should have been. */
    public String limit() {
        return limit;
    }

    /** Offset of the field from the start of the image, in bytes. */
    public long offset() {
        return offset;
    }
}
