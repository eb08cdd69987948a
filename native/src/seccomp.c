/* Filters of system calls: the one that bars user namespaces is ours, any other is a compiled file of the site's. */
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "dunnage/container.h"

#define OTHERS_WRITE (S_IWGRP | S_IWOTH)
#define DIRECTORY "seccomp"

/* Numbers of the calls in each way of calling that a process may use on this machine. */
struct calls {
	unsigned arch, clone, clone3, unshare, setns;
};

#if defined(__x86_64__)
#define CLONE_FLAGS_ARG 0
static const struct calls abis[] = {
	{ AUDIT_ARCH_X86_64, 56, 435, 272, 308 },
	{ AUDIT_ARCH_I386, 120, 435, 310, 346 },
};
#define X32_BIT 0x40000000u
#elif defined(__aarch64__)
#define CLONE_FLAGS_ARG 0
static const struct calls abis[] = {
	{ AUDIT_ARCH_AARCH64, 220, 435, 97, 268 },
	{ AUDIT_ARCH_ARM, 120, 435, 337, 375 },
};
#elif defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)
#define CLONE_FLAGS_ARG 0
static const struct calls abis[] = { { AUDIT_ARCH_PPC64LE, 120, 435, 282, 350 } };
#elif defined(__riscv) && __riscv_xlen == 64
#define CLONE_FLAGS_ARG 0
static const struct calls abis[] = { { AUDIT_ARCH_RISCV64, 220, 435, 97, 268 } };
#else
#error "name the system calls of this machine, or its containers could not bar user namespaces"
#endif

#define ABIS (sizeof(abis) / sizeof(abis[0]))
#define LOAD(field) ((struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (unsigned)offsetof(struct seccomp_data, field)))
/* Low half of an argument; the kernel looks at no more of flags. */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define LOAD_ARG(n) LOAD(args[n])
#else
#error "the low half of an argument is elsewhere"
#endif
#define EQUALS(k, yes, no) ((struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, k, yes, no))
#define HAS_BIT(k, yes, no) ((struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, k, yes, no))
#define ANSWER(k) ((struct sock_filter)BPF_STMT(BPF_RET | BPF_K, k))
#define DENY(e) ANSWER(SECCOMP_RET_ERRNO | (e))
#define ALLOW ANSWER(SECCOMP_RET_ALLOW)

/* clone3 hides its flags behind a pointer: it is denied as unknown, and C libraries go back to clone. setns without a
 * type could join a user namespace that a process outside the step has made for it. */
static size_t filter_of(const struct calls *c, struct sock_filter *f)
{
	const struct sock_filter code[] = {
		LOAD(nr),
		EQUALS(c->clone3, 0, 1),
		DENY(ENOSYS),
		EQUALS(c->clone, 3, 0),
		EQUALS(c->unshare, 5, 0),
		EQUALS(c->setns, 7, 0),
		ALLOW,
		LOAD_ARG(CLONE_FLAGS_ARG),
		HAS_BIT(CLONE_NEWUSER, 7, 0),
		ALLOW,
		LOAD_ARG(0),
		HAS_BIT(CLONE_NEWUSER, 4, 0),
		ALLOW,
		LOAD_ARG(1),
		EQUALS(0, 1, 0),
		HAS_BIT(CLONE_NEWUSER, 0, 1),
		DENY(EPERM),
		ALLOW,
	};

	memcpy(f, code, sizeof(code));
	return sizeof(code) / sizeof(code[0]);
}

/* One part for each way of calling; a way that we do not know may not call at all. */
static size_t userns_filter(struct sock_filter f[64])
{
	size_t n = 0, i;

	for (i = 0; i < ABIS; i++) {
		size_t jump;

		f[n++] = LOAD(arch);
		jump = n++;
#ifdef X32_BIT
		if (abis[i].arch == AUDIT_ARCH_X86_64) {
			f[n++] = LOAD(nr);
			f[n++] = HAS_BIT(X32_BIT, 0, 1);
			f[n++] = DENY(ENOSYS);
		}
#endif
		n += filter_of(&abis[i], f + n);
		f[jump] = EQUALS(abis[i].arch, 0, (uint8_t)(n - jump - 1));
	}
	f[n++] = DENY(ENOSYS);
	return n;
}

static int install(const struct sock_filter *code, size_t n, const char *what, struct dn_err *err)
{
	struct sock_fprog program = { .len = (unsigned short)n, .filter = (struct sock_filter *)(uintptr_t)code };

	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0)
		return 0;
	return dn_fail_errno(err, DN_SETUP, errno, "the kernel does not take the filter of system calls '%s'", what);
}

static int bar_user_namespaces(struct dn_err *err)
{
	struct sock_filter code[64];

	return install(code, userns_filter(code), "user namespaces", err);
}

int dn_filter_install(const struct dn_plan *plan, const struct dn_filter *filter, struct dn_err *err)
{
	/* Ours first: the site's may deny the very call that installs another. */
	if (plan->no_user_namespaces && bar_user_namespaces(err))
		return -1;
	return plan->seccomp ? install(filter->code, filter->n, plan->seccomp, err) : 0;
}

static int not_roots(const char *path, struct dn_err *err)
{
	return dn_fail(err, DN_CONFIG,
		       "%s must belong to root and be writable for root alone; run: chown root:root %s; chmod go-w %s", path,
		       path, path);
}

/* SITE/seccomp/NAME.bpf, beside the policy. */
static int open_filter(const struct dn_site *site, const char *name, char path[4200], int *fd, struct dn_err *err)
{
	const char *slash = strrchr(site->policy, '/');
	struct stat dir, file;
	int n = snprintf(path, 4096, "%.*s/" DIRECTORY, (int)(slash - site->policy), site->policy);

	if (lstat(path, &dir))
		return dn_fail_errno(err, DN_CONFIG, errno,
				     "the policy names the filter '%s', but %s/%s.bpf cannot be opened; compile it there with "
				     "'dunnage-seccomp'",
				     name, path, name);
	if (!S_ISDIR(dir.st_mode) || dir.st_uid != 0 || (dir.st_mode & OTHERS_WRITE))
		return not_roots(path, err);
	(void)snprintf(path + n, 100, "/%s.bpf", name);
	*fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (*fd < 0)
		return dn_fail_errno(err, DN_CONFIG, errno,
				     "the policy names the filter '%s', but %s cannot be opened; compile it with "
				     "'dunnage-seccomp PROFILE.json %s'",
				     name, path, path);
	if (fstat(*fd, &file) == 0 && S_ISREG(file.st_mode) && file.st_uid == 0 && !(file.st_mode & OTHERS_WRITE))
		return 0;
	close(*fd);
	return not_roots(path, err);
}

int dn_filter_load(const struct dn_site *site, const struct dn_plan *plan, struct dn_filter *filter, struct dn_err *err)
{
	char path[4200];
	ssize_t got;
	int fd = -1;

	filter->code = NULL;
	filter->n = 0;
	if (!plan->seccomp)
		return 0;
	if (open_filter(site, plan->seccomp, path, &fd, err))
		return -1;
	filter->code = calloc(BPF_MAXINSNS + 1, sizeof(*filter->code));
	got = filter->code ? read(fd, filter->code, (BPF_MAXINSNS + 1) * sizeof(*filter->code)) : -1;
	close(fd);
	if (got > 0 && (size_t)got % sizeof(*filter->code) == 0 && (size_t)got / sizeof(*filter->code) <= BPF_MAXINSNS) {
		filter->n = (size_t)got / sizeof(*filter->code);
		return 0;
	}
	dn_filter_free(filter);
	return dn_fail(err, DN_CONFIG, "%s is no compiled filter of 1 to %d instructions; compile it anew with 'dunnage-seccomp'",
		       path, BPF_MAXINSNS);
}

void dn_filter_free(struct dn_filter *filter)
{
	free(filter->code);
	filter->code = NULL;
	filter->n = 0;
}
