/* Codec of native/WIRE.md. Decoding copies; every string is NUL ended and free of inner NULs. */
#ifndef DUNNAGE_WIRE_H
#define DUNNAGE_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dunnage/err.h"

#define DN_WIRE_MAJOR 1
#define DN_WIRE_MINOR 1
#define DN_WIRE_HEADER 12u
#define DN_WIRE_MAX_BODY 1048576u
#define DN_WIRE_MAX_REPEAT 1024u
#define DN_NETWORKS_MAX 4u
#define DN_NETWORK_NAME_MAX 31u

enum dn_kind { DN_KIND_LAUNCH = 1, DN_KIND_PLAN = 2, DN_KIND_REFUSAL = 3, DN_KIND_PING = 4, DN_KIND_PONG = 5 };

struct dn_strings {
	char **v;
	size_t n;
};

struct dn_launch {
	uint32_t job_id, step_id, restart, uid, gid, mount_home, step_tasks, local_tasks;
	uint32_t *groups;
	size_t ngroups;
	char *user, *home, *cwd, *node, *image_ref, *image_path;
	char *workdir;  /* NULL: not asked */
	char *mpi_type; /* NULL: unknown */
	char *account, *partition; /* NULL: unknown */
	char *mpi;		   /* --container-mpi; NULL: not given */
	uint32_t rootless;	   /* 1: the asker has no more rights than the user; absent: 0 */
	uint32_t overlay;	   /* 1: the user wants a layer over the image's files; absent: 0 */
	struct dn_strings mounts;
	uint32_t gpu;			/* enum dn_gpu; absent: nothing said */
	struct dn_strings gpu_devices;	/* those that the step may open */
	struct dn_strings transports;	/* --container-require-transport */
	struct dn_strings networks;	/* --container-network, checked */
	struct dn_strings ports;	/* HOST:CONTAINER/PROTOCOL of --container-network-args */
};

enum dn_driver { DN_DRIVER_KERNEL = 1, DN_DRIVER_FUSE = 2, DN_DRIVER_GOCRYPTFS = 3 };
enum dn_source { DN_SOURCE_REQUEST = 1, DN_SOURCE_STORE = 2 };
enum dn_view {
	DN_VIEW_PROC = 1,
	DN_VIEW_SYS = 2,
	DN_VIEW_DEV = 4,
	DN_VIEW_TMP = 8,
	DN_VIEW_HOME = 16,
	DN_VIEW_CWD = 32,
	DN_VIEW_ETC = 64,
	DN_VIEW_PMIX = 128,
	DN_VIEW_SCRIPT = 256,
	DN_VIEW_ALL = 511,
};
enum dn_gpu { DN_GPU_NVIDIA = 1, DN_GPU_AMD = 2, DN_GPU_INTEL = 4, DN_GPU_NONE = 8, DN_GPU_ALL = 15 };
enum dn_network { DN_NETWORK_HOST = 0, DN_NETWORK_OWN = 1 };
enum dn_bind_flag { DN_BIND_READ_ONLY = 1, DN_BIND_OPTIONAL = 2, DN_BIND_AS_NAMED = 4, DN_BIND_ALL = 7 };

struct dn_bind {
	uint32_t flags;
	char *source, *target;
};

struct dn_plan {
	uint32_t driver, source, view, env_scripts;
	uint8_t store_digest[32];
	uint64_t fs_offset, fs_size;
	struct dn_bind *binds;
	size_t nbinds;
	char *workdir, *decision;
	struct dn_strings env, notices;
	uint64_t capabilities;	      /* bit set by the kernel's numbers */
	uint32_t no_user_namespaces;  /* 1: barred */
	uint32_t network;
	struct dn_strings devices;
	char *seccomp; /* NULL: no filter */
	uint64_t pids_max, memory_max; /* 0: none beside the allocation's */
	uint32_t env_filter;	   /* 1: variables of the user's reach the step only as env_pass says */
	struct dn_strings env_pass; /* names, or starts of names and '*' */
	uint32_t no_host_programs;  /* 1: nothing runs on the node's side for the step */
	struct dn_strings networks, ports; /* of the site; those of the node that lead there */
	struct dn_strings slurm_commands;
	uint32_t mpi_guard; /* 1: MPI programs that find fewer ranks than were started are stopped */
	struct dn_bind *host_files; /* of root's, shown read-only */
	size_t nhost_files;
	struct dn_bind *host_shims; /* source: place in the container; target: library that is loaded by it */
	size_t nhost_shims;
};

struct dn_refusal {
	uint32_t code;
	char *message;
};

struct dn_pong {
	char *version, *policy;
};

/* A reply is a plan or a refusal. */
struct dn_reply {
	enum dn_kind kind;
	union {
		struct dn_plan plan;
		struct dn_refusal refusal;
		struct dn_pong pong;
	} u;
};

/* Whether these bytes can name a network of the site. */
bool dn_network_name(const char *name, size_t len);

/* Header: answers the body length and kind, or -1 on a wrong version, kind or length. */
int dn_wire_header(const uint8_t header[DN_WIRE_HEADER], uint32_t *body_len, enum dn_kind *kind, struct dn_err *err);

/* Whole frames, header included; *out is malloc'ed. */
int dn_wire_encode_launch(const struct dn_launch *req, uint8_t **out, size_t *out_len, struct dn_err *err);
int dn_wire_encode_ping(uint8_t **out, size_t *out_len, struct dn_err *err);
int dn_wire_encode_reply(const struct dn_reply *reply, uint8_t **out, size_t *out_len, struct dn_err *err);

/* Bodies, without the header. On -1 nothing is left allocated. */
int dn_wire_decode_launch(const uint8_t *body, size_t len, struct dn_launch *out, struct dn_err *err);
int dn_wire_decode_reply(enum dn_kind kind, const uint8_t *body, size_t len, struct dn_reply *out, struct dn_err *err);

void dn_launch_free(struct dn_launch *req);
void dn_reply_free(struct dn_reply *reply);

#endif
