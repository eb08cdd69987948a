#include "wire_table.h"

#define FIELD(no, nm, ty, oc, st, member) { no, ty, oc, offsetof(struct st, member), 0, nm }
#define ARRAY(no, nm, ty, oc, st, member, n) { no, ty, oc, offsetof(struct st, member), offsetof(struct st, n), nm }

static const struct dn_field launch_fields[] = {
	FIELD(0x0101, "JOB_ID", DN_TYPE_U32, DN_ONCE, dn_launch, job_id),
	FIELD(0x0102, "STEP_ID", DN_TYPE_U32, DN_ONCE, dn_launch, step_id),
	FIELD(0x0103, "RESTART", DN_TYPE_U32, DN_ONCE, dn_launch, restart),
	FIELD(0x0104, "UID", DN_TYPE_U32, DN_ONCE, dn_launch, uid),
	FIELD(0x0105, "GID", DN_TYPE_U32, DN_ONCE, dn_launch, gid),
	ARRAY(0x0106, "GROUPS", DN_TYPE_U32_ARRAY, DN_ONCE, dn_launch, groups, ngroups),
	FIELD(0x0107, "USER", DN_TYPE_STR, DN_ONCE, dn_launch, user),
	FIELD(0x0108, "HOME", DN_TYPE_PATH, DN_ONCE, dn_launch, home),
	FIELD(0x0109, "CWD", DN_TYPE_PATH, DN_ONCE, dn_launch, cwd),
	FIELD(0x010a, "NODE", DN_TYPE_STR, DN_ONCE, dn_launch, node),
	FIELD(0x010b, "IMAGE_REF", DN_TYPE_STR, DN_ONCE, dn_launch, image_ref),
	FIELD(0x010c, "IMAGE_PATH", DN_TYPE_PATH, DN_ONCE, dn_launch, image_path),
	ARRAY(0x010d, "MOUNT", DN_TYPE_STR, DN_ANY, dn_launch, mounts.v, mounts.n),
	FIELD(0x010e, "WORKDIR", DN_TYPE_STR, DN_OPTIONAL, dn_launch, workdir),
	FIELD(0x010f, "MOUNT_HOME", DN_TYPE_U32, DN_ONCE, dn_launch, mount_home),
	FIELD(0x0110, "MPI_TYPE", DN_TYPE_STR, DN_OPTIONAL, dn_launch, mpi_type),
	FIELD(0x0111, "STEP_TASKS", DN_TYPE_U32, DN_ONCE, dn_launch, step_tasks),
	FIELD(0x0112, "LOCAL_TASKS", DN_TYPE_U32, DN_ONCE, dn_launch, local_tasks),
	FIELD(0x0113, "ACCOUNT", DN_TYPE_STR, DN_OPTIONAL, dn_launch, account),
	FIELD(0x0114, "PARTITION", DN_TYPE_STR, DN_OPTIONAL, dn_launch, partition),
	FIELD(0x0115, "MPI", DN_TYPE_STR, DN_OPTIONAL, dn_launch, mpi),
	FIELD(0x0130, "ROOTLESS", DN_TYPE_U32, DN_OPTIONAL, dn_launch, rootless),
	FIELD(0x0131, "OVERLAY", DN_TYPE_U32, DN_OPTIONAL, dn_launch, overlay),
	FIELD(0x0140, "GPU", DN_TYPE_U32, DN_OPTIONAL, dn_launch, gpu),
	ARRAY(0x0141, "GPU_DEVICE", DN_TYPE_PATH, DN_ANY, dn_launch, gpu_devices.v, gpu_devices.n),
	ARRAY(0x0142, "TRANSPORT", DN_TYPE_STR, DN_ANY, dn_launch, transports.v, transports.n),
	ARRAY(0x0143, "NETWORK", DN_TYPE_NETWORK, DN_ANY, dn_launch, networks.v, networks.n),
	ARRAY(0x0144, "PORT", DN_TYPE_PORT, DN_ANY, dn_launch, ports.v, ports.n),
};

static const struct dn_field plan_fields[] = {
	FIELD(0x0201, "DRIVER", DN_TYPE_U32, DN_ONCE, dn_plan, driver),
	FIELD(0x0202, "SOURCE", DN_TYPE_U32, DN_ONCE, dn_plan, source),
	FIELD(0x0203, "STORE_DIGEST", DN_TYPE_BYTES32, DN_OPTIONAL, dn_plan, store_digest),
	FIELD(0x0204, "FS_OFFSET", DN_TYPE_U64, DN_ONCE, dn_plan, fs_offset),
	FIELD(0x0205, "FS_SIZE", DN_TYPE_U64, DN_ONCE, dn_plan, fs_size),
	FIELD(0x0206, "VIEW", DN_TYPE_U32, DN_ONCE, dn_plan, view),
	ARRAY(0x0207, "BIND", DN_TYPE_BIND, DN_ANY, dn_plan, binds, nbinds),
	FIELD(0x0208, "WORKDIR", DN_TYPE_PATH, DN_ONCE, dn_plan, workdir),
	ARRAY(0x0209, "ENV", DN_TYPE_ENV, DN_ANY, dn_plan, env.v, env.n),
	FIELD(0x020a, "ENV_SCRIPTS", DN_TYPE_U32, DN_ONCE, dn_plan, env_scripts),
	FIELD(0x020b, "DECISION", DN_TYPE_STR, DN_ONCE, dn_plan, decision),
	ARRAY(0x020c, "NOTICE", DN_TYPE_STR, DN_ANY, dn_plan, notices.v, notices.n),
	FIELD(0x020d, "CAPABILITIES", DN_TYPE_U64, DN_OPTIONAL, dn_plan, capabilities),
	FIELD(0x020e, "USER_NAMESPACES", DN_TYPE_U32, DN_OPTIONAL, dn_plan, no_user_namespaces),
	FIELD(0x020f, "NETWORK", DN_TYPE_U32, DN_OPTIONAL, dn_plan, network),
	ARRAY(0x0210, "DEVICE", DN_TYPE_PATH, DN_ANY, dn_plan, devices.v, devices.n),
	FIELD(0x0211, "SECCOMP", DN_TYPE_STR, DN_OPTIONAL, dn_plan, seccomp),
	FIELD(0x0212, "PIDS_MAX", DN_TYPE_U64, DN_OPTIONAL, dn_plan, pids_max),
	FIELD(0x0213, "MEMORY_MAX", DN_TYPE_U64, DN_OPTIONAL, dn_plan, memory_max),
	FIELD(0x0214, "ENV_FILTER", DN_TYPE_U32, DN_OPTIONAL, dn_plan, env_filter),
	ARRAY(0x0215, "ENV_PASS", DN_TYPE_PATTERN, DN_ANY, dn_plan, env_pass.v, env_pass.n),
	FIELD(0x0216, "NO_HOST_PROGRAMS", DN_TYPE_U32, DN_OPTIONAL, dn_plan, no_host_programs),
	ARRAY(0x0217, "NETWORK_NAME", DN_TYPE_NETWORK, DN_ANY, dn_plan, networks.v, networks.n),
	ARRAY(0x0218, "PORT", DN_TYPE_PORT, DN_ANY, dn_plan, ports.v, ports.n),
	ARRAY(0x0240, "SLURM_COMMAND", DN_TYPE_COMMAND, DN_ANY, dn_plan, slurm_commands.v, slurm_commands.n),
	FIELD(0x0250, "MPI_GUARD", DN_TYPE_U32, DN_OPTIONAL, dn_plan, mpi_guard),
	ARRAY(0x0251, "HOST_FILE", DN_TYPE_BIND, DN_ANY, dn_plan, host_files, nhost_files),
	ARRAY(0x0252, "HOST_SHIM", DN_TYPE_BIND, DN_ANY, dn_plan, host_shims, nhost_shims),
};

static const struct dn_field refusal_fields[] = {
	FIELD(0x0301, "CODE", DN_TYPE_U32, DN_ONCE, dn_refusal, code),
	FIELD(0x0302, "MESSAGE", DN_TYPE_STR, DN_ONCE, dn_refusal, message),
};

static const struct dn_field pong_fields[] = {
	FIELD(0x0501, "VERSION", DN_TYPE_STR, DN_ONCE, dn_pong, version),
	FIELD(0x0502, "POLICY", DN_TYPE_STR, DN_ONCE, dn_pong, policy),
};

#define TABLE(nm, array, st) { nm, array, sizeof(array) / sizeof((array)[0]), sizeof(struct st) }

static const struct dn_table tables[] = {
	[DN_KIND_LAUNCH] = TABLE("LAUNCH", launch_fields, dn_launch),
	[DN_KIND_PLAN] = TABLE("PLAN", plan_fields, dn_plan),
	[DN_KIND_REFUSAL] = TABLE("REFUSAL", refusal_fields, dn_refusal),
	[DN_KIND_PING] = { "PING", NULL, 0, 0 },
	[DN_KIND_PONG] = TABLE("PONG", pong_fields, dn_pong),
};

#define FITS(array) _Static_assert(sizeof(array) / sizeof((array)[0]) <= DN_WIRE_MAX_FIELDS, "raise DN_WIRE_MAX_FIELDS")

FITS(launch_fields);
FITS(plan_fields);

const struct dn_table *dn_wire_table(unsigned kind)
{
	if (kind < DN_KIND_LAUNCH || kind > DN_KIND_PONG)
		return NULL;
	return &tables[kind];
}
