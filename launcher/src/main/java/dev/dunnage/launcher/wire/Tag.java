package dev.dunnage.launcher.wire;

/** Records of every kind, {@code native/WIRE.md} "Tags"; constants are named KIND_TAG and stand in the table's order. */
enum Tag {
    LAUNCH_JOB_ID(Kind.LAUNCH, 0x0101, FieldType.U32, Occurs.ONCE),
    LAUNCH_STEP_ID(Kind.LAUNCH, 0x0102, FieldType.U32, Occurs.ONCE),
    LAUNCH_RESTART(Kind.LAUNCH, 0x0103, FieldType.U32, Occurs.ONCE),
    LAUNCH_UID(Kind.LAUNCH, 0x0104, FieldType.U32, Occurs.ONCE),
    LAUNCH_GID(Kind.LAUNCH, 0x0105, FieldType.U32, Occurs.ONCE),
    LAUNCH_GROUPS(Kind.LAUNCH, 0x0106, FieldType.U32_LIST, Occurs.ONCE),
    LAUNCH_USER(Kind.LAUNCH, 0x0107, FieldType.STR, Occurs.ONCE),
    LAUNCH_HOME(Kind.LAUNCH, 0x0108, FieldType.PATH, Occurs.ONCE),
    LAUNCH_CWD(Kind.LAUNCH, 0x0109, FieldType.PATH, Occurs.ONCE),
    LAUNCH_NODE(Kind.LAUNCH, 0x010a, FieldType.STR, Occurs.ONCE),
    LAUNCH_IMAGE_REF(Kind.LAUNCH, 0x010b, FieldType.STR, Occurs.ONCE),
    LAUNCH_IMAGE_PATH(Kind.LAUNCH, 0x010c, FieldType.PATH, Occurs.ONCE),
    LAUNCH_MOUNT(Kind.LAUNCH, 0x010d, FieldType.STR, Occurs.MANY),
    LAUNCH_WORKDIR(Kind.LAUNCH, 0x010e, FieldType.STR, Occurs.OPTIONAL),
    LAUNCH_MOUNT_HOME(Kind.LAUNCH, 0x010f, FieldType.U32, Occurs.ONCE),
    LAUNCH_MPI_TYPE(Kind.LAUNCH, 0x0110, FieldType.STR, Occurs.OPTIONAL),
    LAUNCH_STEP_TASKS(Kind.LAUNCH, 0x0111, FieldType.U32, Occurs.ONCE),
    LAUNCH_LOCAL_TASKS(Kind.LAUNCH, 0x0112, FieldType.U32, Occurs.ONCE),
    LAUNCH_ACCOUNT(Kind.LAUNCH, 0x0113, FieldType.STR, Occurs.OPTIONAL),
    LAUNCH_PARTITION(Kind.LAUNCH, 0x0114, FieldType.STR, Occurs.OPTIONAL),
    LAUNCH_MPI(Kind.LAUNCH, 0x0115, FieldType.STR, Occurs.OPTIONAL),
    LAUNCH_ROOTLESS(Kind.LAUNCH, 0x0130, FieldType.U32, Occurs.OPTIONAL),
    LAUNCH_OVERLAY(Kind.LAUNCH, 0x0131, FieldType.U32, Occurs.OPTIONAL),
    LAUNCH_GPU(Kind.LAUNCH, 0x0140, FieldType.U32, Occurs.OPTIONAL),
    LAUNCH_GPU_DEVICE(Kind.LAUNCH, 0x0141, FieldType.PATH, Occurs.MANY),
    LAUNCH_TRANSPORT(Kind.LAUNCH, 0x0142, FieldType.STR, Occurs.MANY),
    LAUNCH_NETWORK(Kind.LAUNCH, 0x0143, FieldType.NETWORK, Occurs.MANY),
    LAUNCH_PORT(Kind.LAUNCH, 0x0144, FieldType.PORT, Occurs.MANY),
    PLAN_DRIVER(Kind.PLAN, 0x0201, FieldType.U32, Occurs.ONCE),
    PLAN_SOURCE(Kind.PLAN, 0x0202, FieldType.U32, Occurs.ONCE),
    PLAN_STORE_DIGEST(Kind.PLAN, 0x0203, FieldType.BYTES32, Occurs.OPTIONAL),
    PLAN_FS_OFFSET(Kind.PLAN, 0x0204, FieldType.U64, Occurs.ONCE),
    PLAN_FS_SIZE(Kind.PLAN, 0x0205, FieldType.U64, Occurs.ONCE),
    PLAN_VIEW(Kind.PLAN, 0x0206, FieldType.U32, Occurs.ONCE),
    PLAN_BIND(Kind.PLAN, 0x0207, FieldType.BIND, Occurs.MANY),
    PLAN_WORKDIR(Kind.PLAN, 0x0208, FieldType.PATH, Occurs.ONCE),
    PLAN_ENV(Kind.PLAN, 0x0209, FieldType.ENV, Occurs.MANY),
    PLAN_ENV_SCRIPTS(Kind.PLAN, 0x020a, FieldType.U32, Occurs.ONCE),
    PLAN_DECISION(Kind.PLAN, 0x020b, FieldType.STR, Occurs.ONCE),
    PLAN_NOTICE(Kind.PLAN, 0x020c, FieldType.STR, Occurs.MANY),
    PLAN_CAPABILITIES(Kind.PLAN, 0x020d, FieldType.U64, Occurs.OPTIONAL),
    PLAN_USER_NAMESPACES(Kind.PLAN, 0x020e, FieldType.U32, Occurs.OPTIONAL),
    PLAN_NETWORK(Kind.PLAN, 0x020f, FieldType.U32, Occurs.OPTIONAL),
    PLAN_DEVICE(Kind.PLAN, 0x0210, FieldType.PATH, Occurs.MANY),
    PLAN_SECCOMP(Kind.PLAN, 0x0211, FieldType.STR, Occurs.OPTIONAL),
    PLAN_PIDS_MAX(Kind.PLAN, 0x0212, FieldType.U64, Occurs.OPTIONAL),
    PLAN_MEMORY_MAX(Kind.PLAN, 0x0213, FieldType.U64, Occurs.OPTIONAL),
    PLAN_ENV_FILTER(Kind.PLAN, 0x0214, FieldType.U32, Occurs.OPTIONAL),
    PLAN_ENV_PASS(Kind.PLAN, 0x0215, FieldType.PATTERN, Occurs.MANY),
    PLAN_NO_HOST_PROGRAMS(Kind.PLAN, 0x0216, FieldType.U32, Occurs.OPTIONAL),
    PLAN_NETWORK_NAME(Kind.PLAN, 0x0217, FieldType.NETWORK, Occurs.MANY),
    PLAN_PORT(Kind.PLAN, 0x0218, FieldType.PORT, Occurs.MANY),
    PLAN_SLURM_COMMAND(Kind.PLAN, 0x0240, FieldType.COMMAND, Occurs.MANY),
    PLAN_MPI_GUARD(Kind.PLAN, 0x0250, FieldType.U32, Occurs.OPTIONAL),
    PLAN_HOST_FILE(Kind.PLAN, 0x0251, FieldType.BIND, Occurs.MANY),
    PLAN_HOST_SHIM(Kind.PLAN, 0x0252, FieldType.BIND, Occurs.MANY),
    REFUSAL_CODE(Kind.REFUSAL, 0x0301, FieldType.U32, Occurs.ONCE),
    REFUSAL_MESSAGE(Kind.REFUSAL, 0x0302, FieldType.STR, Occurs.ONCE),
    PONG_VERSION(Kind.PONG, 0x0501, FieldType.STR, Occurs.ONCE),
    PONG_POLICY(Kind.PONG, 0x0502, FieldType.STR, Occurs.ONCE);

    private final Kind kind;
    private final int number;
    private final FieldType type;
    private final Occurs occurs;

    Tag(Kind kind, int number, FieldType type, Occurs occurs) {
        this.kind = kind;
        this.number = number;
        this.type = type;
        this.occurs = occurs;
    }

    Kind kind() {
        return kind;
    }

    int number() {
        return number;
    }

    FieldType type() {
        return type;
    }

    Occurs occurs() {
        return occurs;
    }

    /** Name in the document's table, where it stands beside its kind. */
    String documentName() {
        return name().substring(kind.name().length() + 1);
    }

    static Tag of(Kind kind, int number) throws WireException {
        for (Tag tag : values()) {
            if (tag.kind == kind && tag.number == number) {
                return tag;
            }
        }
        throw new WireException(String.format("kind %s has no tag 0x%04x", kind, number));
    }
}
