package dev.dunnage.launcher.wire;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Pattern;

/** Types of records, {@code native/WIRE.md} "Frame"; each checks the bytes of one record. */
enum FieldType {
    U32("u32") {
        @Override
        void check(byte[] value) throws WireException {
            exactly(4, value);
        }
    },
    U64("u64") {
        @Override
        void check(byte[] value) throws WireException {
            exactly(8, value);
        }
    },
    STR("str") {
        @Override
        void check(byte[] value) throws WireException {
            text(value, STRING_LIMIT);
        }
    },
    PATH("path") {
        @Override
        void check(byte[] value) throws WireException {
            path(value);
        }
    },
    U32_LIST("u32[]") {
        @Override
        void check(byte[] value) throws WireException {
            if (value.length % 4 != 0) {
                throw new WireException("length " + value.length + " is not a multiple of 4");
            }
        }
    },
    BYTES32("bytes32") {
        @Override
        void check(byte[] value) throws WireException {
            exactly(32, value);
        }
    },
    BIND("bind") {
        @Override
        void check(byte[] value) throws WireException {
            bind(value);
        }
    },
    ENV("env") {
        @Override
        void check(byte[] value) throws WireException {
            env(value);
        }
    },
    PATTERN("pattern") {
        @Override
        void check(byte[] value) throws WireException {
            if (!ENV_PATTERN.matcher(text(value, STRING_LIMIT)).matches()) {
                throw new WireException("is not the name of a variable, or the start of names and '*'");
            }
        }
    },
    NETWORK("network") {
        @Override
        void check(byte[] value) throws WireException {
            if (!NETWORK_NAME.matcher(text(value, STRING_LIMIT)).matches()) {
                throw new WireException("is not the name of a network");
            }
        }
    },
    PORT("port") {
        @Override
        void check(byte[] value) throws WireException {
            PortMapping.of(text(value, STRING_LIMIT));
        }
    },
    COMMAND("command") {
        @Override
        void check(byte[] value) throws WireException {
            if (!COMMAND_NAME.matcher(text(value, STRING_LIMIT)).matches()) {
                throw new WireException("is not the name of a command");
            }
        }
    };

    static final int STRING_LIMIT = 4096;
    static final int ENV_LIMIT = 32768;
    private static final Pattern ENV_NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

    private static final Pattern ENV_PATTERN = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*\\*?");
    private static final Pattern NETWORK_NAME = Pattern.compile("[a-z0-9][a-z0-9-]{0,30}");
    private static final Pattern COMMAND_NAME = Pattern.compile("[a-z][a-z0-9_-]{0,31}");

    private final String documentName;

    FieldType(String documentName) {
        this.documentName = documentName;
    }

    String documentName() {
        return documentName;
    }

    /** Refuses bytes that are no value of this type. */
    abstract void check(byte[] value) throws WireException;

    private static void exactly(int length, byte[] value) throws WireException {
        if (value.length != length) {
            throw new WireException("length " + value.length + " instead of " + length);
        }
    }

    static String text(byte[] value, int limit) throws WireException {
        if (value.length > limit) {
            throw new WireException("string of " + value.length + " bytes is longer than " + limit);
        }
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(value))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new WireException("string is not UTF-8");
        }
        if (text.indexOf('\0') >= 0) {
            throw new WireException("string holds a NUL byte");
        }
        return text;
    }

    private static String path(byte[] value) throws WireException {
        String path = text(value, STRING_LIMIT);
        if (!path.startsWith("/")) {
            throw new WireException("path does not start with /");
        }
        return path;
    }

    static Bind bind(byte[] value) throws WireException {
        int nul = 4;
        while (nul < value.length && value[nul] != 0) {
            nul++;
        }
        if (nul >= value.length) {
            throw new WireException("bind is not flags, source, NUL, target");
        }
        int flags = ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN).getInt();
        if ((flags & ~Bind.ALL_FLAGS) != 0) {
            throw new WireException(String.format("bind has unknown flags 0x%x", flags));
        }
        String source = path(Arrays.copyOfRange(value, 4, nul));
        String target = path(Arrays.copyOfRange(value, nul + 1, value.length));
        return new Bind(
                source,
                target,
                (flags & Bind.READ_ONLY) != 0,
                (flags & Bind.OPTIONAL) != 0,
                (flags & Bind.AS_NAMED) != 0);
    }

    static EnvironmentVariable env(byte[] value) throws WireException {
        String text = text(value, ENV_LIMIT);
        int equals = text.indexOf('=');
        if (equals < 0 || !ENV_NAME.matcher(text.substring(0, equals)).matches()) {
            throw new WireException("environment record is not NAME=VALUE");
        }
        return new EnvironmentVariable(text.substring(0, equals), text.substring(equals + 1));
    }
}
