/* dunnage-seccomp: compiles a seccomp profile, as OCI runtimes, Docker and Apptainer write it in JSON, to the filter that
 * container steps get by a rule's 'seccomp: NAME'. Run by an admin once; steps only load its result. */
#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <seccomp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#define DEFAULT_DIR "/etc/dunnage/seccomp"
#define INSTRUCTION 8
#define MAX_INSTRUCTIONS 4096

static const char usage[] =
	"Usage: dunnage-seccomp PROFILE.json [OUTPUT.bpf]\n"
	"Compiles a seccomp profile (OCI, Docker, Apptainer) for rules that say 'seccomp: NAME'.\n"
	"Without OUTPUT.bpf the result is " DEFAULT_DIR "/PROFILE.bpf, for 'seccomp: PROFILE'.\n"
	"The result is for this machine's architecture; parts of a profile that need a capability are left out.\n";

static const char *profile_name;

__attribute__((format(printf, 1, 2))) static void complain(const char *format, ...)
{
	va_list ap;

	fprintf(stderr, "dunnage-seccomp: %s: ", profile_name);
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	fputc('\n', stderr);
}

#define fail(...) (complain(__VA_ARGS__), -1)

/* ---- JSON of a known shape */

static json_object *member(json_object *o, const char *key)
{
	json_object *value = NULL;

	return json_object_object_get_ex(o, key, &value) ? value : NULL;
}

/* A key that nobody reads would be a rule that nobody enforces. */
static int known_keys(json_object *o, const char *where, const char *const known[])
{
	size_t i;

	if (!json_object_is_type(o, json_type_object))
		return fail("%s is not an object", where);
	json_object_object_foreach(o, key, value) {
		(void)value;
		for (i = 0; known[i] && strcmp(known[i], key) != 0; i++)
			;
		if (!known[i])
			return fail("%s has the unknown key '%s'", where, key);
	}
	return 0;
}

static int text_of(json_object *o, const char *where, const char *key, const char **text)
{
	json_object *value = member(o, key);

	*text = NULL;
	if (value && !json_object_is_type(value, json_type_string))
		return fail("%s: '%s' is not a text", where, key);
	if (value)
		*text = json_object_get_string(value);
	return 0;
}

static int number_of(json_object *o, const char *where, const char *key, uint64_t missing, uint64_t *number)
{
	json_object *value = member(o, key);

	*number = missing;
	if (!value)
		return 0;
	if (!json_object_is_type(value, json_type_int) || json_object_get_int64(value) < 0)
		return fail("%s: '%s' is not a number from 0", where, key);
	*number = json_object_get_uint64(value);
	return 0;
}

static int list_of(json_object *o, const char *where, const char *key, json_object **list, size_t *n)
{
	*list = member(o, key);
	*n = 0;
	if (!*list || json_object_is_type(*list, json_type_null))
		return 0;
	if (!json_object_is_type(*list, json_type_array))
		return fail("%s: '%s' is not a list", where, key);
	*n = json_object_array_length(*list);
	return 0;
}

static int text_at(json_object *list, size_t i, const char *where, const char *key, const char **text)
{
	json_object *item = json_object_array_get_idx(list, i);

	if (!json_object_is_type(item, json_type_string))
		return fail("%s: item %zu of '%s' is not a text", where, i + 1, key);
	*text = json_object_get_string(item);
	return 0;
}

/* ---- names */

static int action_of(const char *where, const char *name, uint64_t errno_ret, uint32_t *action)
{
	static const struct {
		const char *name;
		uint32_t action;
	} actions[] = {
		{ "SCMP_ACT_ALLOW", SCMP_ACT_ALLOW },	      { "SCMP_ACT_LOG", SCMP_ACT_LOG },
		{ "SCMP_ACT_KILL", SCMP_ACT_KILL },	      { "SCMP_ACT_KILL_THREAD", SCMP_ACT_KILL_THREAD },
		{ "SCMP_ACT_KILL_PROCESS", SCMP_ACT_KILL_PROCESS }, { "SCMP_ACT_TRAP", SCMP_ACT_TRAP },
	};
	size_t i;

	if (!name)
		return fail("%s names no action", where);
	if (errno_ret > 4095)
		return fail("%s: errnoRet %llu is no error number", where, (unsigned long long)errno_ret);
	if (strcmp(name, "SCMP_ACT_ERRNO") == 0) {
		*action = SCMP_ACT_ERRNO(errno_ret);
		return 0;
	}
	for (i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		if (strcmp(actions[i].name, name) == 0) {
			*action = actions[i].action;
			return 0;
		}
	}
	return fail("%s: the action '%s' cannot be used here (ALLOW, ERRNO, LOG, KILL, KILL_THREAD, KILL_PROCESS, TRAP can)",
		    where, name);
}

static int operator_of(const char *where, const char *name, enum scmp_compare *op)
{
	static const struct {
		const char *name;
		enum scmp_compare op;
	} operators[] = {
		{ "SCMP_CMP_NE", SCMP_CMP_NE }, { "SCMP_CMP_LT", SCMP_CMP_LT }, { "SCMP_CMP_LE", SCMP_CMP_LE },
		{ "SCMP_CMP_EQ", SCMP_CMP_EQ }, { "SCMP_CMP_GE", SCMP_CMP_GE }, { "SCMP_CMP_GT", SCMP_CMP_GT },
		{ "SCMP_CMP_MASKED_EQ", SCMP_CMP_MASKED_EQ },
	};
	size_t i;

	for (i = 0; name && i < sizeof(operators) / sizeof(operators[0]); i++) {
		if (strcmp(operators[i].name, name) == 0) {
			*op = operators[i].op;
			return 0;
		}
	}
	return fail("%s: unknown operator '%s'", where, name ? name : "");
}

/* Docker's names for architectures in 'includes' and 'excludes'. */
static bool native_arch(const char *name)
{
	switch (seccomp_arch_native()) {
	case SCMP_ARCH_X86_64:
		return strcmp(name, "amd64") == 0;
	case SCMP_ARCH_AARCH64:
		return strcmp(name, "arm64") == 0;
	case SCMP_ARCH_PPC64LE:
		return strcmp(name, "ppc64le") == 0;
	case SCMP_ARCH_RISCV64:
		return strcmp(name, "riscv64") == 0;
	case SCMP_ARCH_S390X:
		return strcmp(name, "s390x") == 0;
	default:
		return false;
	}
}

static int arch_of(const char *name, uint32_t *arch)
{
	static const char prefix[] = "SCMP_ARCH_";
	char lower[32];
	size_t i;

	if (strncmp(name, prefix, sizeof(prefix) - 1) != 0 || strlen(name) >= sizeof(lower))
		return fail("unknown architecture '%s'", name);
	name += sizeof(prefix) - 1;
	for (i = 0; name[i]; i++)
		lower[i] = (char)(name[i] >= 'A' && name[i] <= 'Z' ? name[i] + 32 : name[i]);
	lower[i] = 0;
	*arch = seccomp_arch_resolve_name(lower);
	return *arch ? 0 : fail("unknown architecture '%s%s'", prefix, name);
}

static int add_arch(scmp_filter_ctx ctx, const char *name)
{
	uint32_t arch = 0;
	int rc;

	if (arch_of(name, &arch))
		return -1;
	rc = seccomp_arch_add(ctx, arch);
	/* Another byte order than this machine's can never be called here. */
	return rc == 0 || rc == -EEXIST || rc == -EDOM ? 0 : fail("architecture '%s': %s", name, strerror(-rc));
}

/* ---- conditions of Docker's form: nothing is granted, so parts that need a capability do not hold */

static bool kernel_at_least(const char *text)
{
	struct utsname u;
	int want[2] = { 0, 0 }, have[2] = { 0, 0 };

	if (uname(&u) || sscanf(u.release, "%d.%d", &have[0], &have[1]) < 1 || sscanf(text, "%d.%d", &want[0], &want[1]) < 1)
		return false;
	return have[0] > want[0] || (have[0] == want[0] && have[1] >= want[1]);
}

/* *any: is one of the conditions true; *all: are all of them. */
static int conditions(json_object *o, const char *where, bool *any, bool *all)
{
	static const char *const known[] = { "caps", "arches", "minKernel", NULL };
	json_object *caps, *arches;
	const char *kernel, *name = NULL;
	size_t ncaps, narches, i;
	bool arch = false;

	*any = false;
	*all = true;
	if (!o || json_object_is_type(o, json_type_null))
		return 0;
	if (known_keys(o, where, known) || list_of(o, where, "caps", &caps, &ncaps) ||
	    list_of(o, where, "arches", &arches, &narches) || text_of(o, where, "minKernel", &kernel))
		return -1;
	for (i = 0; i < narches; i++) {
		if (text_at(arches, i, where, "arches", &name))
			return -1;
		arch = arch || native_arch(name);
	}
	*any = (narches && arch) || (kernel && kernel_at_least(kernel));
	*all = !ncaps && (!narches || arch) && (!kernel || kernel_at_least(kernel));
	return 0;
}

static int applies(json_object *rule, const char *where, bool *yes)
{
	bool any_in, all_in, any_out, all_out;

	if (conditions(member(rule, "includes"), where, &any_in, &all_in) ||
	    conditions(member(rule, "excludes"), where, &any_out, &all_out))
		return -1;
	*yes = all_in && !any_out;
	return 0;
}

/* ---- rules */

#define MAX_ARGS 6

struct rule {
	uint32_t action;
	struct scmp_arg_cmp args[MAX_ARGS];
	unsigned nargs;
	bool one_argument_twice;
};

static int read_argument(json_object *o, const char *where, struct rule *r)
{
	static const char *const known[] = { "index", "value", "valueTwo", "op", NULL };
	uint64_t index, value, two;
	const char *name;
	enum scmp_compare op = SCMP_CMP_EQ;
	unsigned i;

	if (known_keys(o, where, known) || number_of(o, where, "index", 99, &index) || number_of(o, where, "value", 0, &value) ||
	    number_of(o, where, "valueTwo", 0, &two) || text_of(o, where, "op", &name) || operator_of(where, name, &op))
		return -1;
	if (index >= MAX_ARGS)
		return fail("%s: an argument's index is 0 to 5", where);
	for (i = 0; i < r->nargs; i++)
		r->one_argument_twice = r->one_argument_twice || r->args[i].arg == index;
	r->args[r->nargs++] = (struct scmp_arg_cmp){ .arg = (unsigned)index, .op = op, .datum_a = value, .datum_b = two };
	return 0;
}

static int read_rule(json_object *o, const char *where, struct rule *r)
{
	uint64_t errno_ret;
	const char *action;
	json_object *args;
	size_t n, i;

	if (text_of(o, where, "action", &action) || number_of(o, where, "errnoRet", EPERM, &errno_ret) ||
	    action_of(where, action, errno_ret, &r->action) || list_of(o, where, "args", &args, &n))
		return -1;
	if (n > MAX_ARGS)
		return fail("%s has more than %d conditions on arguments", where, MAX_ARGS);
	for (i = 0; i < n; i++)
		if (read_argument(json_object_array_get_idx(args, i), where, r))
			return -1;
	return 0;
}

/* Conditions on one argument twice cannot be one rule: as other runtimes do, each is a rule then. */
static int add_call(scmp_filter_ctx ctx, const char *where, int call, const char *name, const struct rule *r)
{
	unsigned i;
	int rc = 0;

	if (!r->one_argument_twice)
		rc = seccomp_rule_add_array(ctx, r->action, call, r->nargs, r->args);
	for (i = 0; rc == 0 && r->one_argument_twice && i < r->nargs; i++)
		rc = seccomp_rule_add_array(ctx, r->action, call, 1, &r->args[i]);
	return rc == 0 ? 0 : fail("%s: system call '%s': %s", where, name, strerror(-rc));
}

static int add_calls(scmp_filter_ctx ctx, json_object *o, const char *where, const struct rule *r, unsigned *unknown)
{
	json_object *names;
	const char *name;
	size_t n, i;

	if (list_of(o, where, "names", &names, &n) || text_of(o, where, "name", &name))
		return -1;
	if ((n == 0) == (name == NULL))
		return fail("%s needs 'names' (or 'name', as old profiles have it)", where);
	for (i = 0; i < (name ? 1 : n); i++) {
		int call;

		if (n && text_at(names, i, where, "names", &name))
			return -1;
		call = seccomp_syscall_resolve_name(name);
		if (call == __NR_SCMP_ERROR) {
			(*unknown)++;
			fprintf(stderr, "dunnage-seccomp: %s: %s: system call '%s' is unknown here, left out\n", profile_name,
				where, name);
		} else if (add_call(ctx, where, call, name, r)) {
			return -1;
		}
		if (n)
			name = NULL;
	}
	return 0;
}

static int add_rule(scmp_filter_ctx ctx, json_object *o, size_t number, uint32_t by_default, unsigned *unknown)
{
	static const char *const known[] = { "names", "name",	 "action",   "errnoRet", "args",
					     "comment", "includes", "excludes", NULL };
	struct rule r = { 0 };
	char where[32];
	bool yes;

	(void)snprintf(where, sizeof(where), "syscalls %zu", number);
	if (known_keys(o, where, known) || applies(o, where, &yes) || read_rule(o, where, &r))
		return -1;
	/* libseccomp refuses rules that say what holds anyway. */
	return !yes || r.action == by_default ? 0 : add_calls(ctx, o, where, &r, unknown);
}

static int add_arches(scmp_filter_ctx ctx, json_object *profile)
{
	static const char *const known[] = { "architecture", "subArchitectures", NULL };
	json_object *list, *subs;
	size_t n, nsubs, i, j;
	const char *name;
	uint32_t arch = 0;

	if (list_of(profile, "the profile", "architectures", &list, &n))
		return -1;
	for (i = 0; i < n; i++)
		if (text_at(list, i, "the profile", "architectures", &name) || add_arch(ctx, name))
			return -1;
	if (list_of(profile, "the profile", "archMap", &list, &n))
		return -1;
	for (i = 0; i < n; i++) {
		json_object *entry = json_object_array_get_idx(list, i);

		if (known_keys(entry, "archMap", known) || text_of(entry, "archMap", "architecture", &name) ||
		    list_of(entry, "archMap", "subArchitectures", &subs, &nsubs))
			return -1;
		if (!name || arch_of(name, &arch))
			return name ? -1 : fail("archMap names no architecture");
		for (j = 0; arch == seccomp_arch_native() && j < nsubs; j++)
			if (text_at(subs, j, "archMap", "subArchitectures", &name) || add_arch(ctx, name))
				return -1;
	}
	return 0;
}

static scmp_filter_ctx compile(json_object *profile, unsigned *unknown)
{
	static const char *const known[] = { "defaultAction", "defaultErrnoRet", "architectures", "archMap", "syscalls",
					     "comment", NULL };
	scmp_filter_ctx ctx = NULL;
	json_object *rules;
	uint64_t errno_ret;
	const char *name;
	uint32_t action = SCMP_ACT_KILL_PROCESS;
	size_t n, i;

	if (known_keys(profile, "the profile", known) || text_of(profile, "the profile", "defaultAction", &name) ||
	    number_of(profile, "the profile", "defaultErrnoRet", EPERM, &errno_ret) ||
	    action_of("defaultAction", name, errno_ret, &action) || list_of(profile, "the profile", "syscalls", &rules, &n))
		return NULL;
	ctx = seccomp_init(action);
	if (!ctx) {
		complain("libseccomp gives no filter");
		return NULL;
	}
	if (add_arches(ctx, profile))
		goto failed;
	for (i = 0; i < n; i++)
		if (add_rule(ctx, json_object_array_get_idx(rules, i), i + 1, action, unknown))
			goto failed;
	return ctx;
failed:
	seccomp_release(ctx);
	return NULL;
}

/* ---- output */

static int check_size(int fd)
{
	off_t size = lseek(fd, 0, SEEK_END);

	if (size <= 0 || size % INSTRUCTION || size / INSTRUCTION > MAX_INSTRUCTIONS)
		return fail("the filter has %lld instructions, the kernel takes %d; leave system calls out",
			    (long long)size / INSTRUCTION, MAX_INSTRUCTIONS);
	return 0;
}

/* A step never sees half of it. */
static int write_filter(scmp_filter_ctx ctx, const char *output)
{
	char *fresh = NULL;
	int fd, rc;

	if (asprintf(&fresh, "%s.new", output) < 0)
		return fail("out of memory");
	fd = open(fresh, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0) {
		rc = fail("cannot write %s: %s", fresh, strerror(errno));
		goto out;
	}
	rc = seccomp_export_bpf(ctx, fd);
	rc = rc ? fail("libseccomp cannot write the filter: %s", strerror(-rc)) : check_size(fd);
	if (rc == 0 && (fsync(fd) || fchmod(fd, 0644) || rename(fresh, output)))
		rc = fail("cannot write %s: %s", output, strerror(errno));
	if (rc)
		(void)unlink(fresh);
	(void)close(fd);
out:
	free(fresh);
	return rc;
}

static char *default_output(const char *profile)
{
	const char *base = strrchr(profile, '/');
	char *path = NULL, *dot;

	if (asprintf(&path, DEFAULT_DIR "/%s", base ? base + 1 : profile) < 0)
		return NULL;
	dot = strrchr(path, '.');
	if (dot && strcmp(dot, ".json") == 0)
		*dot = 0;
	profile = path;
	if (asprintf(&path, "%s.bpf", profile) < 0)
		path = NULL;
	free((char *)(uintptr_t)profile);
	return path;
}

/* The name of a rule: what the plugin takes. */
static int check_name(const char *output)
{
	const char *base = strrchr(output, '/');
	size_t len;

	base = base ? base + 1 : output;
	len = strlen(base);
	if (len > 4 && len <= 68 && strcmp(base + len - 4, ".bpf") == 0 && base[0] != '.' &&
	    strspn(base, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") == len)
		return 0;
	return fail("the output '%s' is not NAME.bpf with a name of at most 64 letters, digits, '.', '_', '-'", output);
}

static int run(const char *output)
{
	json_object *profile = json_object_from_file(profile_name);
	unsigned unknown = 0;
	scmp_filter_ctx ctx;
	int rc = -1;

	if (!profile)
		return fail("%s", json_util_get_last_err());
	ctx = compile(profile, &unknown);
	if (ctx) {
		rc = write_filter(ctx, output);
		seccomp_release(ctx);
	}
	json_object_put(profile);
	if (rc == 0)
		printf("%s\n", output);
	return rc;
}

int main(int argc, char **argv)
{
	char *output;
	int rc;

	if (argc == 2 && strcmp(argv[1], "--help") == 0) {
		fputs(usage, stdout);
		return 0;
	}
	if (argc < 2 || argc > 3 || argv[1][0] == '-') {
		fputs(usage, stderr);
		return 2;
	}
	profile_name = argv[1];
	output = argc == 3 ? strdup(argv[2]) : default_output(argv[1]);
	if (!output)
		return 1;
	rc = check_name(output) || run(output) ? 1 : 0;
	free(output);
	return rc;
}
