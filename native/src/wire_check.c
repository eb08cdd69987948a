/* What a value must look like, the same for what we read and what we write. */
#include <string.h>

#include "wire_table.h"

/* Bytes of the UTF-8 sequence at p, 0 when it is broken: no overlong form, surrogate or value above U+10FFFF. */
static size_t utf8_sequence(const uint8_t *p, size_t len)
{
	uint8_t lead = p[0], low = 0x80, high = 0xbf;
	size_t need, i;

	if (lead < 0x80)
		return 1;
	if (lead < 0xc2 || lead > 0xf4)
		return 0;
	need = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
	if (len < need)
		return 0;
	if (lead == 0xe0)
		low = 0xa0;
	else if (lead == 0xed)
		high = 0x9f;
	else if (lead == 0xf0)
		low = 0x90;
	else if (lead == 0xf4)
		high = 0x8f;
	if (p[1] < low || p[1] > high)
		return 0;
	for (i = 2; i < need; i++)
		if (p[i] < 0x80 || p[i] > 0xbf)
			return 0;
	return need;
}

static const char *string_fault(const uint8_t *p, size_t len, size_t max)
{
	size_t i, step;

	if (len > max)
		return "is too long";
	if (memchr(p, 0, len))
		return "holds a NUL byte";
	for (i = 0; i < len; i += step) {
		step = utf8_sequence(p + i, len - i);
		if (!step)
			return "is not UTF-8";
	}
	return NULL;
}

static const char *path_fault(const uint8_t *p, size_t len)
{
	const char *fault = string_fault(p, len, DN_WIRE_MAX_STR);

	if (!fault && (len == 0 || p[0] != '/'))
		fault = "is not an absolute path";
	return fault;
}

static bool name_char(uint8_t c, bool first)
{
	return c == '_' || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (!first && c >= '0' && c <= '9');
}

static const char *env_fault(const uint8_t *p, size_t len)
{
	size_t i = 0;

	while (i < len && name_char(p[i], i == 0))
		i++;
	if (i == 0 || i == len || p[i] != '=')
		return "is not NAME=VALUE with a name of letters, digits and _";
	return string_fault(p, len, DN_WIRE_MAX_ENV);
}

static const char *pattern_fault(const uint8_t *p, size_t len)
{
	size_t i = 0;

	while (i < len && name_char(p[i], i == 0))
		i++;
	if (i == 0 || len > DN_WIRE_MAX_STR || !(i == len || (i + 1 == len && p[i] == '*')))
		return "is not the name of a variable, or the start of names and '*'";
	return NULL;
}

static const char *command_fault(const uint8_t *p, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (!(p[i] >= 'a' && p[i] <= 'z') && (i == 0 || !((p[i] >= '0' && p[i] <= '9') || p[i] == '-' || p[i] == '_')))
			break;
	return len == 0 || len > 32 || i < len ? "is not the name of a command" : NULL;
}

bool dn_network_name(const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (!(name[i] >= 'a' && name[i] <= 'z') && !(name[i] >= '0' && name[i] <= '9') && (i == 0 || name[i] != '-'))
			return false;
	return len >= 1 && len <= DN_NETWORK_NAME_MAX;
}

static const char *network_fault(const uint8_t *p, size_t len)
{
	return dn_network_name((const char *)p, len) ? NULL : "is not the name of a network";
}

/* A port's digits from *at on. */
static bool port_number(const uint8_t *p, size_t len, size_t *at)
{
	size_t from = *at;
	unsigned long n = 0;

	while (*at < len && *at - from < 5 && p[*at] >= '0' && p[*at] <= '9')
		n = n * 10 + (p[(*at)++] - '0');
	return *at > from && p[from] != '0' && n <= 65535;
}

static const char *port_fault(const uint8_t *p, size_t len)
{
	size_t at = 0;
	bool good = port_number(p, len, &at) && at < len && p[at++] == ':' && port_number(p, len, &at) && len - at == 4 &&
		    (memcmp(p + at, "/tcp", 4) == 0 || memcmp(p + at, "/udp", 4) == 0);

	return good ? NULL : "is not HOST:CONTAINER/PROTOCOL";
}

static uint32_t get32(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static const char *bind_fault(const uint8_t *p, size_t len)
{
	const uint8_t *nul;
	const char *fault;

	if (len < 4)
		return "is shorter than its flags";
	if (get32(p) & ~(uint32_t)DN_BIND_ALL)
		return "has unknown flags";
	nul = memchr(p + 4, 0, len - 4);
	if (!nul)
		return "has no NUL between its paths";
	fault = path_fault(p + 4, (size_t)(nul - (p + 4)));
	return fault ? fault : path_fault(nul + 1, (size_t)(p + len - (nul + 1)));
}

bool dn_wire_zero_is_absent(const struct dn_field *f)
{
	return f->occurs == DN_OPTIONAL && (f->type == DN_TYPE_U32 || f->type == DN_TYPE_U64);
}

static const char *number_fault(const struct dn_field *f, const uint8_t *p, size_t len)
{
	static const uint8_t zero[8];

	if (f->type == DN_TYPE_U32 && len != 4)
		return "is not 4 bytes long";
	if (f->type == DN_TYPE_U64 && len != 8)
		return "is not 8 bytes long";
	return dn_wire_zero_is_absent(f) && memcmp(p, zero, len) == 0 ? "is 0 instead of left out" : NULL;
}

static const char *fault_of(const struct dn_field *f, const uint8_t *p, size_t len)
{
	switch (f->type) {
	case DN_TYPE_U32:
	case DN_TYPE_U64:
		return number_fault(f, p, len);
	case DN_TYPE_BYTES32:
		return len == 32 ? NULL : "is not 32 bytes long";
	case DN_TYPE_U32_ARRAY:
		return len % 4 == 0 ? NULL : "is not a multiple of 4 bytes long";
	case DN_TYPE_STR:
		return string_fault(p, len, DN_WIRE_MAX_STR);
	case DN_TYPE_COMMAND:
		return command_fault(p, len);
	case DN_TYPE_NETWORK:
		return network_fault(p, len);
	case DN_TYPE_PORT:
		return port_fault(p, len);
	case DN_TYPE_PATTERN:
		return pattern_fault(p, len);
	case DN_TYPE_PATH:
		return path_fault(p, len);
	case DN_TYPE_BIND:
		return bind_fault(p, len);
	case DN_TYPE_ENV:
		return env_fault(p, len);
	}
	return "is of an unknown type";
}

int dn_wire_check_value(const struct dn_field *f, const uint8_t *p, size_t len, enum dn_code code, struct dn_err *err)
{
	const char *fault = fault_of(f, p, len);

	return fault ? dn_fail(err, code, "wire record %s %s", f->name, fault) : 0;
}

static bool filter_name(const char *name)
{
	size_t len = strlen(name);

	return len > 0 && len <= 64 && name[0] != '.' &&
	       strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") == len;
}

static int check_networks(const struct dn_strings *names, const struct dn_strings *ports, enum dn_code code, struct dn_err *err)
{
	if (names->n > DN_NETWORKS_MAX)
		return dn_fail(err, code, "wire records name more than %u networks", DN_NETWORKS_MAX);
	if (ports->n && !names->n)
		return dn_fail(err, code, "wire record PORT comes without a network");
	return 0;
}

static int check_own_network(const struct dn_plan *p, enum dn_code code, struct dn_err *err)
{
	size_t i;

	if (p->network > DN_NETWORK_OWN)
		return dn_fail(err, code, "wire record NETWORK has unknown value %u", p->network);
	if (p->networks.n && p->network != DN_NETWORK_OWN)
		return dn_fail(err, code, "wire record NETWORK_NAME comes without NETWORK");
	for (i = 0; i < p->networks.n; i++)
		if (strcmp(p->networks.v[i], "host") == 0 || strcmp(p->networks.v[i], "none") == 0)
			return dn_fail(err, code, "wire record NETWORK_NAME names no network of the site");
	return check_networks(&p->networks, &p->ports, code, err);
}

static int check_confinement(const struct dn_plan *p, enum dn_code code, struct dn_err *err)
{
	if (p->no_user_namespaces > 1)
		return dn_fail(err, code, "wire record USER_NAMESPACES has unknown value %u", p->no_user_namespaces);
	if (check_own_network(p, code, err))
		return -1;
	if (p->devices.n && (p->view & DN_VIEW_DEV))
		return dn_fail(err, code, "wire record DEVICE comes with the whole /dev of the host");
	if (p->seccomp && !filter_name(p->seccomp))
		return dn_fail(err, code, "wire record SECCOMP is not a name of a filter");
	if (p->env_filter > 1)
		return dn_fail(err, code, "wire record ENV_FILTER has unknown value %u", p->env_filter);
	if (p->env_pass.n && !p->env_filter)
		return dn_fail(err, code, "wire record ENV_PASS comes without ENV_FILTER");
	if (p->no_host_programs > 1)
		return dn_fail(err, code, "wire record NO_HOST_PROGRAMS has unknown value %u", p->no_host_programs);
	if (p->no_host_programs && p->slurm_commands.n)
		return dn_fail(err, code, "wire record SLURM_COMMAND comes with NO_HOST_PROGRAMS");
	return 0;
}

/* Read-only, whatever a plan may say; a shim is no mount and has no flags. */
static int check_host_files(const struct dn_plan *p, enum dn_code code, struct dn_err *err)
{
	size_t i;

	for (i = 0; i < p->nhost_files; i++)
		if (p->host_files[i].flags != DN_BIND_READ_ONLY)
			return dn_fail(err, code, "wire record HOST_FILE has flags 0x%x", p->host_files[i].flags);
	for (i = 0; i < p->nhost_shims; i++)
		if (p->host_shims[i].flags)
			return dn_fail(err, code, "wire record HOST_SHIM has flags 0x%x", p->host_shims[i].flags);
	return 0;
}

static int check_plan(const struct dn_plan *p, bool has_digest, enum dn_code code, struct dn_err *err)
{
	if (p->driver < DN_DRIVER_KERNEL || p->driver > DN_DRIVER_GOCRYPTFS)
		return dn_fail(err, code, "wire record DRIVER has unknown value %u", p->driver);
	if (p->source != DN_SOURCE_REQUEST && p->source != DN_SOURCE_STORE)
		return dn_fail(err, code, "wire record SOURCE has unknown value %u", p->source);
	if (has_digest != (p->source == DN_SOURCE_STORE))
		return dn_fail(err, code, "wire record STORE_DIGEST must be there exactly when SOURCE is 2");
	if (p->view & ~(uint32_t)DN_VIEW_ALL)
		return dn_fail(err, code, "wire record VIEW has unknown bits 0x%x", p->view & ~(uint32_t)DN_VIEW_ALL);
	if (p->mpi_guard > 1)
		return dn_fail(err, code, "wire record MPI_GUARD has unknown value %u", p->mpi_guard);
	if (p->env_scripts > 1)
		return dn_fail(err, code, "wire record ENV_SCRIPTS has unknown value %u", p->env_scripts);
	return check_host_files(p, code, err) ? -1 : check_confinement(p, code, err);
}

int dn_wire_check_struct(unsigned kind, const void *s, bool has_digest, enum dn_code code, struct dn_err *err)
{
	const struct dn_launch *launch = s;
	const struct dn_refusal *refusal = s;

	switch (kind) {
	case DN_KIND_LAUNCH:
		if (launch->mount_home > 2)
			return dn_fail(err, code, "wire record MOUNT_HOME has unknown value %u", launch->mount_home);
		if (launch->rootless > 1)
			return dn_fail(err, code, "wire record ROOTLESS has unknown value %u", launch->rootless);
		if (launch->overlay > 1)
			return dn_fail(err, code, "wire record OVERLAY has unknown value %u", launch->overlay);
		if ((launch->gpu & ~(uint32_t)DN_GPU_ALL) || ((launch->gpu & DN_GPU_NONE) && launch->gpu != DN_GPU_NONE))
			return dn_fail(err, code, "wire record GPU has unknown value %u", launch->gpu);
		return check_networks(&launch->networks, &launch->ports, code, err);
	case DN_KIND_PLAN:
		return check_plan(s, has_digest, code, err);
	case DN_KIND_REFUSAL:
		if (refusal->code < DN_POLICY || refusal->code > DN_INTERNAL)
			return dn_fail(err, code, "wire record CODE has unknown value %u", refusal->code);
		return 0;
	default:
		return 0;
	}
}
