package dev.dunnage.launcher.wire;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Messages to frames and back. Records are written in the order of the document's table. */
public final class Codec {
    private Codec() {}

    /**
     * Answers the message in a frame.
     *
     * @throws WireException if anything in the body breaks a rule; nothing of it is used then
     */
    public static Message decode(Frame frame) throws WireException {
        RecordReader in = new RecordReader(frame.kind(), frame.body());
        return switch (frame.kind()) {
            case LAUNCH -> launch(in);
            case PLAN -> plan(in);
            case REFUSAL -> new Refusal(Code.of(in.u32(Tag.REFUSAL_CODE)), in.string(Tag.REFUSAL_MESSAGE));
            case PING -> new Ping();
            case PONG -> new Pong(in.string(Tag.PONG_VERSION), in.string(Tag.PONG_POLICY));
        };
    }

    /**
     * Answers the whole frame, header included, of a message.
     *
     * @throws WireException if the message does not fit a frame, for example by a string above the limit
     */
    public static byte[] encode(Message message) throws WireException {
        return frame(message).bytes();
    }

    private static Frame frame(Message message) throws WireException {
        if (message instanceof LaunchRequest launch) {
            return launch(launch);
        } else if (message instanceof LaunchPlan plan) {
            return plan(plan);
        } else if (message instanceof Refusal refusal) {
            return new RecordWriter(Kind.REFUSAL)
                    .u32(Tag.REFUSAL_CODE, refusal.code().number())
                    .string(Tag.REFUSAL_MESSAGE, refusal.message())
                    .frame();
        } else if (message instanceof Pong pong) {
            return new RecordWriter(Kind.PONG)
                    .string(Tag.PONG_VERSION, pong.version())
                    .string(Tag.PONG_POLICY, pong.policy())
                    .frame();
        }
        return new RecordWriter(Kind.PING).frame();
    }

    private static LaunchRequest launch(RecordReader in) throws WireException {
        return new LaunchRequest(
                in.u32(Tag.LAUNCH_JOB_ID),
                in.u32(Tag.LAUNCH_STEP_ID),
                in.u32(Tag.LAUNCH_RESTART),
                in.u32(Tag.LAUNCH_UID),
                in.u32(Tag.LAUNCH_GID),
                in.u32List(Tag.LAUNCH_GROUPS),
                in.string(Tag.LAUNCH_USER),
                in.string(Tag.LAUNCH_HOME),
                in.string(Tag.LAUNCH_CWD),
                in.string(Tag.LAUNCH_NODE),
                in.string(Tag.LAUNCH_IMAGE_REF),
                in.string(Tag.LAUNCH_IMAGE_PATH),
                in.strings(Tag.LAUNCH_MOUNT),
                in.optionalString(Tag.LAUNCH_WORKDIR),
                HomeChoice.of(in.u32(Tag.LAUNCH_MOUNT_HOME)),
                in.optionalString(Tag.LAUNCH_MPI_TYPE),
                in.u32(Tag.LAUNCH_STEP_TASKS),
                in.u32(Tag.LAUNCH_LOCAL_TASKS),
                in.optionalString(Tag.LAUNCH_ACCOUNT),
                in.optionalString(Tag.LAUNCH_PARTITION),
                in.optionalString(Tag.LAUNCH_MPI),
                in.isOne(Tag.LAUNCH_ROOTLESS),
                in.isOne(Tag.LAUNCH_OVERLAY),
                HardwareWish.read(in),
                Networks.read(in, Tag.LAUNCH_NETWORK, Tag.LAUNCH_PORT));
    }

    private static Frame launch(LaunchRequest launch) throws WireException {
        RecordWriter out = new RecordWriter(Kind.LAUNCH)
                .u32(Tag.LAUNCH_JOB_ID, launch.jobId())
                .u32(Tag.LAUNCH_STEP_ID, launch.stepId())
                .u32(Tag.LAUNCH_RESTART, launch.restart())
                .u32(Tag.LAUNCH_UID, launch.uid())
                .u32(Tag.LAUNCH_GID, launch.gid())
                .u32List(Tag.LAUNCH_GROUPS, launch.groups())
                .string(Tag.LAUNCH_USER, launch.user())
                .string(Tag.LAUNCH_HOME, launch.home())
                .string(Tag.LAUNCH_CWD, launch.cwd())
                .string(Tag.LAUNCH_NODE, launch.node())
                .string(Tag.LAUNCH_IMAGE_REF, launch.imageRef())
                .string(Tag.LAUNCH_IMAGE_PATH, launch.imagePath())
                .strings(Tag.LAUNCH_MOUNT, launch.mounts())
                .strings(Tag.LAUNCH_WORKDIR, launch.workdir().stream().toList())
                .u32(Tag.LAUNCH_MOUNT_HOME, launch.mountHome().number())
                .strings(Tag.LAUNCH_MPI_TYPE, launch.mpiType().stream().toList())
                .u32(Tag.LAUNCH_STEP_TASKS, launch.stepTasks())
                .u32(Tag.LAUNCH_LOCAL_TASKS, launch.localTasks())
                .strings(Tag.LAUNCH_ACCOUNT, launch.account().stream().toList())
                .strings(Tag.LAUNCH_PARTITION, launch.partition().stream().toList())
                .strings(Tag.LAUNCH_MPI, launch.mpi().stream().toList())
                .optionalU32(Tag.LAUNCH_ROOTLESS, launch.rootless())
                .optionalU32(Tag.LAUNCH_OVERLAY, launch.overlay());
        return launch.networks()
                .write(launch.hardware().write(out), Tag.LAUNCH_NETWORK, Tag.LAUNCH_PORT)
                .frame();
    }

    private static LaunchPlan plan(RecordReader in) throws WireException {
        List<EnvironmentVariable> environment = new ArrayList<>();
        for (byte[] value : in.values(Tag.PLAN_ENV)) {
            environment.add(FieldType.env(value));
        }
        Set<ViewPart> view = ViewPart.fromBits(in.u32(Tag.PLAN_VIEW));
        Confinement confinement = ConfinementRecords.read(in, view);
        List<String> commands = in.strings(Tag.PLAN_SLURM_COMMAND);
        checkCommands(confinement, commands);
        return new LaunchPlan(
                Driver.of(in.u32(Tag.PLAN_DRIVER)),
                storeCopy(in),
                in.u64(Tag.PLAN_FS_OFFSET),
                in.u64(Tag.PLAN_FS_SIZE),
                view,
                in.binds(Tag.PLAN_BIND),
                in.string(Tag.PLAN_WORKDIR),
                environment,
                flag(in.u32(Tag.PLAN_ENV_SCRIPTS)),
                in.string(Tag.PLAN_DECISION),
                in.strings(Tag.PLAN_NOTICE),
                confinement,
                commands,
                in.isOne(Tag.PLAN_MPI_GUARD),
                HostFiles.read(in));
    }

    private static void checkCommands(Confinement confinement, List<String> commands) throws WireException {
        if (confinement.hostProgramsBarred() && !commands.isEmpty()) {
            throw new WireException("record PLAN_SLURM_COMMAND comes though nothing may run on the host");
        }
    }

    private static Optional<ContentDigest> storeCopy(RecordReader in) throws WireException {
        long source = in.u32(Tag.PLAN_SOURCE);
        Optional<ContentDigest> digest =
                in.values(Tag.PLAN_STORE_DIGEST).stream().findFirst().map(ContentDigest::of);
        if (source != 1 && source != 2) {
            throw new WireException("unknown source " + source);
        }
        if (digest.isPresent() != (source == 2)) {
            throw new WireException("a store digest belongs to source 2 and to no other");
        }
        return digest;
    }

    private static boolean flag(long value) throws WireException {
        if (value > 1) {
            throw new WireException("environment scripts is " + value + ", allowed are 0 and 1");
        }
        return value == 1;
    }

    private static Frame plan(LaunchPlan plan) throws WireException {
        checkCommands(plan.confinement(), plan.slurmCommands());
        RecordWriter out = new RecordWriter(Kind.PLAN)
                .u32(Tag.PLAN_DRIVER, plan.driver().number())
                .u32(Tag.PLAN_SOURCE, plan.storeCopy().isPresent() ? 2 : 1);
        if (plan.storeCopy().isPresent()) {
            out.bytes(Tag.PLAN_STORE_DIGEST, plan.storeCopy().get().bytes());
        }
        out.u64(Tag.PLAN_FS_OFFSET, plan.fsOffset()).u64(Tag.PLAN_FS_SIZE, plan.fsSize());
        out.u32(Tag.PLAN_VIEW, ViewPart.toBits(plan.view()));
        out.binds(Tag.PLAN_BIND, plan.binds()).string(Tag.PLAN_WORKDIR, plan.workdir());
        for (EnvironmentVariable variable : plan.environment()) {
            out.string(Tag.PLAN_ENV, variable.name() + "=" + variable.value());
        }
        out.u32(Tag.PLAN_ENV_SCRIPTS, plan.environmentScripts() ? 1 : 0)
                .string(Tag.PLAN_DECISION, plan.decision())
                .strings(Tag.PLAN_NOTICE, plan.notices());
        ConfinementRecords.write(out, plan.confinement(), plan.view())
                .strings(Tag.PLAN_SLURM_COMMAND, plan.slurmCommands())
                .optionalU32(Tag.PLAN_MPI_GUARD, plan.mpiGuard());
        return plan.hostFiles().write(out).frame();
    }
}
