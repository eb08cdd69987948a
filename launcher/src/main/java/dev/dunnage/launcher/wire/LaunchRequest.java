package dev.dunnage.launcher.wire;

import java.util.List;
import java.util.Optional;

/**
 * Asks for the plan of one step on one node. Numbers are unsigned 32-bit values.
 *
 * @param jobId Slurm job, 0 outside Slurm
 * @param stepId Slurm step, with Slurm's own numbers for batch and interactive steps
 * @param restart restart count of the job
 * @param uid user that the step runs as
 * @param gid primary group
 * @param groups supplementary groups
 * @param user login name
 * @param home home directory, absolute
 * @param cwd working directory, absolute
 * @param node node name
 * @param imageRef what the user typed
 * @param imagePath the kernel's name of the open image, absolute
 * @param mounts mounts as the user typed them
 * @param workdir wished working directory in the container
 * @param mountHome whether the home directory is bound
 * @param mpiType Slurm's MPI plugin of the step
 * @param stepTasks tasks of the step
 * @param localTasks tasks on this node
 * @param account account of the job, as its prolog recorded it
 * @param partition partition of the job, as its prolog recorded it
 * @param mpi how MPI is wired, as the user typed it
 * @param rootless whether the asker sets the container up with the user's own rights
 * @param overlay whether the user wants to write over the image's files, or brings layers to lie on them
 * @param hardware what the user says about the node's GPUs, and about transports of messages
 * @param networks the networks that the user wants to be in; none named: nothing said
 */
public record LaunchRequest(
        long jobId,
        long stepId,
        long restart,
        long uid,
        long gid,
        List<Long> groups,
        String user,
        String home,
        String cwd,
        String node,
        String imageRef,
        String imagePath,
        List<String> mounts,
        Optional<String> workdir,
        HomeChoice mountHome,
        Optional<String> mpiType,
        long stepTasks,
        long localTasks,
        Optional<String> account,
        Optional<String> partition,
        Optional<String> mpi,
        boolean rootless,
        boolean overlay,
        HardwareWish hardware,
        Networks networks)
        implements Request {

    /** Copies the lists. */
    public LaunchRequest {
        groups = List.copyOf(groups);
        mounts = List.copyOf(mounts);
    }
}
