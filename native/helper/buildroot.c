/* dunnage-buildroot: runs one program as the root of a user namespace, on the host or in the tree of an image that is being built.
 * When it ends, whatever ends it, every process that the program has started is gone: they live in a pid namespace. Root gets no user namespace. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mountapi.h"

#define FAILED 125 /* exit status when the program was not started */

struct wish {
	const char *subuid, *subgid; /* START:COUNT; NULL: no ranges */
	const char *root;	     /* NULL: the host's */
	char **program;
};

static volatile sig_atomic_t init_pid;

static void die(const char *fmt, ...) __attribute__((noreturn, format(printf, 1, 2)));
static void die(const char *fmt, ...)
{
	int errnum = errno;
	va_list ap;

	fputs("dunnage: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, ": %s\n", strerror(errnum));
	_exit(FAILED);
}

static void usage(void)
{
	fputs("use: dunnage-buildroot [--subuid START:COUNT --subgid START:COUNT] [--root TREE] -- PROGRAM [ARGUMENT...]\n", stderr);
	exit(FAILED);
}

static void read_wish(int argc, char **argv, struct wish *w)
{
	int i;

	for (i = 1; i + 1 < argc && strcmp(argv[i], "--") != 0; i += 2) {
		if (strcmp(argv[i], "--subuid") == 0)
			w->subuid = argv[i + 1];
		else if (strcmp(argv[i], "--subgid") == 0)
			w->subgid = argv[i + 1];
		else if (strcmp(argv[i], "--root") == 0)
			w->root = argv[i + 1];
		else
			usage();
	}
	if (i + 1 >= argc || strcmp(argv[i], "--") != 0 || !w->subuid != !w->subgid)
		usage();
	w->program = argv + i + 1;
}

static void write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		die("cannot write %s; this machine does not let users use user namespaces (AppArmor or SELinux may forbid it)", path);
	close(fd);
}

static void map_one(uid_t uid, gid_t gid)
{
	char text[64];

	(void)snprintf(text, sizeof(text), "0 %u 1", uid);
	write_text("/proc/self/uid_map", text);
	write_text("/proc/self/setgroups", "deny");
	(void)snprintf(text, sizeof(text), "0 %u 1", gid);
	write_text("/proc/self/gid_map", text);
}

static void run_mapper(const char *tool, pid_t target, unsigned own, const char *range)
{
	char pid[16], id[16], start[32];
	const char *colon = strchr(range, ':');
	pid_t child;
	int status;

	if (!colon || colon - range >= (int)sizeof(start))
		usage();
	(void)snprintf(pid, sizeof(pid), "%d", (int)target);
	(void)snprintf(id, sizeof(id), "%u", own);
	(void)snprintf(start, sizeof(start), "%.*s", (int)(colon - range), range);
	child = fork();
	if (child < 0)
		die("cannot start %s", tool);
	if (child == 0) {
		execlp(tool, tool, pid, "0", id, "1", "1", start, colon + 1, (char *)NULL);
		die("cannot start %s", tool);
	}
	if (waitpid(child, &status, 0) < 0 || status != 0) {
		fprintf(stderr, "dunnage: %s did not map the subordinate ids\n", tool);
		_exit(FAILED);
	}
}

/* newuidmap is setuid, so it cannot be run from within the namespace: a child that stayed outside does it. */
static void map_ranges(const struct wish *w, int go, int done)
{
	pid_t target = getppid();
	uid_t uid = getuid();
	gid_t gid = getgid();
	char c;

	if (read(go, &c, 1) != 1)
		_exit(FAILED);
	run_mapper("newuidmap", target, uid, w->subuid);
	run_mapper("newgidmap", target, gid, w->subgid);
	_exit(write(done, "m", 1) == 1 ? 0 : FAILED);
}

static void unshare_all(int flags)
{
	if (unshare(flags) == 0)
		return;
	if (flags & CLONE_NEWUSER)
		die("user namespaces are closed to users on this machine; build as root, or ask the site to allow them (sysctl user.max_user_namespaces)");
	die("cannot make namespaces; root without CAP_SYS_ADMIN cannot build, start the container that you are in with it");
}

static void enter_namespaces(const struct wish *w)
{
	int go[2], done[2];
	uid_t uid = getuid();
	gid_t gid = getgid();
	pid_t mapper;
	char c;

	if (uid == 0) {
		unshare_all(CLONE_NEWNS | CLONE_NEWPID);
		return;
	}
	if (!w->subuid) {
		unshare_all(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID);
		map_one(uid, gid);
		return;
	}
	if (pipe2(go, O_CLOEXEC) || pipe2(done, O_CLOEXEC))
		die("cannot make a pipe");
	mapper = fork();
	if (mapper < 0)
		die("cannot fork");
	if (mapper == 0) {
		close(go[1]);
		map_ranges(w, go[0], done[1]);
	}
	close(done[1]);
	unshare_all(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID);
	if (write(go[1], "g", 1) != 1 || read(done[0], &c, 1) != 1)
		_exit(FAILED); /* the mapper has told why */
	(void)waitpid(mapper, NULL, 0);
	close(go[0]);
	close(go[1]);
	close(done[0]);
	if (setgroups(0, NULL) || setresgid(0, 0, 0) || setresuid(0, 0, 0))
		die("cannot become root of the user namespace");
}

static void attach(int root, const char *what, const char *from, bool needed)
{
	char target[64];
	int fd = dn_openat2(root, what, O_PATH | O_CLOEXEC, DN_RESOLVE_IN_ROOT | DN_RESOLVE_NO_MAGICLINKS);

	if (fd < 0 && !needed)
		return;
	if (fd < 0)
		die("the tree has no /%s to mount on", what);
	(void)snprintf(target, sizeof(target), "/proc/self/fd/%d", fd);
	if (strcmp(what, "proc") == 0 && mount("proc", target, "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) == 0) {
		close(fd);
		return;
	}
	/* where parts of the host's /proc are covered no fresh one may be mounted */
	if (mount(from, target, NULL, MS_BIND | MS_REC, NULL) && (needed || errno != ENOENT))
		die("cannot show %s of the host in the tree", from);
	close(fd);
}

static void enter_tree(const char *path)
{
	int root;

	if (mount(path, path, NULL, MS_BIND | MS_REC, NULL))
		die("cannot use the tree %s", path);
	root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		die("cannot open the tree %s", path);
	attach(root, "proc", "/proc", true);
	attach(root, "sys", "/sys", true);
	attach(root, "dev", "/dev", true);
	attach(root, "etc/resolv.conf", "/etc/resolv.conf", false);
	attach(root, "etc/hosts", "/etc/hosts", false);
	if (fchdir(root) || syscall(SYS_pivot_root, ".", ".") || umount2(".", MNT_DETACH) || chdir("/"))
		die("cannot enter the tree %s", path);
	close(root);
}

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#elif defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)
#define ARCH AUDIT_ARCH_PPC64LE
#elif defined(__riscv) && __riscv_xlen == 64
#define ARCH AUDIT_ARCH_RISCV64
#else
#error "name the way of calling of this machine"
#endif

/* Calls that a namespace with one id cannot carry out, and that packages make only to give files to accounts. */
static const unsigned owners[] = {
#ifdef SYS_chown
	SYS_chown, SYS_lchown,
#endif
	SYS_fchown, SYS_fchownat, SYS_setuid, SYS_setgid, SYS_setreuid, SYS_setregid, SYS_setresuid, SYS_setresgid, SYS_setgroups,
	SYS_setfsuid, SYS_setfsgid,
};

#define LOAD(field) ((struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (unsigned)offsetof(struct seccomp_data, field)))
#define EQUALS(k, yes, no) ((struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, k, yes, no))
#define ANSWER(k) ((struct sock_filter)BPF_STMT(BPF_RET | BPF_K, k))
#define DONE ANSWER(SECCOMP_RET_ERRNO | 0)
#define ALLOW ANSWER(SECCOMP_RET_ALLOW)

/* One call whose mode argument tells whether a device is wanted. */
static size_t devices(struct sock_filter *f, unsigned nr, unsigned mode_arg)
{
	const struct sock_filter code[] = {
		EQUALS(nr, 0, 6),
		mode_arg == 1 ? LOAD(args[1]) : LOAD(args[2]),
		BPF_STMT(BPF_ALU | BPF_AND | BPF_K, S_IFMT),
		EQUALS(S_IFCHR, 2, 0),
		EQUALS(S_IFBLK, 1, 0),
		ALLOW,
		DONE,
	};

	memcpy(f, code, sizeof(code));
	return sizeof(code) / sizeof(code[0]);
}

/* Some calls succeed without doing anything, so that packages install: devices are never made, and without ranges of ids owners not changed. */
static void pretend(bool owners_too)
{
	struct sock_filter f[64];
	struct sock_fprog program = { .filter = f };
	size_t n = 0, i;

	f[n++] = LOAD(arch);
	f[n++] = EQUALS(ARCH, 1, 0);
	f[n++] = ALLOW;
	f[n++] = LOAD(nr);
	for (i = 0; owners_too && i < sizeof(owners) / sizeof(owners[0]); i++) {
		f[n++] = EQUALS(owners[i], 0, 1);
		f[n++] = DONE;
	}
#ifdef SYS_mknod
	n += devices(f + n, SYS_mknod, 1);
#endif
	n += devices(f + n, SYS_mknodat, 2);
	f[n++] = ALLOW;
	program.len = (unsigned short)n;
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program))
		die("the kernel takes no filter of system calls");
}

static int status_of(int status)
{
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* The first process of the pid namespace; with its end the kernel ends all others. */
static void init(const struct wish *w, bool is_root)
{
	int status;
	pid_t pid, ended;

	if (prctl(PR_SET_PDEATHSIG, SIGKILL))
		die("cannot ask for the signal of my parent's end");
	if (mount(NULL, "/", NULL, MS_REC | (is_root ? MS_SLAVE : MS_PRIVATE), NULL))
		die("cannot make the mounts private");
	if (w->root)
		enter_tree(w->root);
	pid = fork();
	if (pid < 0)
		die("cannot fork");
	if (pid == 0) {
		signal(SIGINT, SIG_DFL);
		signal(SIGQUIT, SIG_DFL);
		signal(SIGTERM, SIG_DFL);
		if (!is_root)
			pretend(!w->subuid);
		execvp(w->program[0], w->program);
		die("cannot start %s", w->program[0]);
	}
	while ((ended = wait(&status)) != pid)
		if (ended < 0 && errno != EINTR)
			die("cannot wait for the program");
	_exit(status_of(status));
}

static void end_init(int number)
{
	(void)number;
	if (init_pid > 0)
		kill(init_pid, SIGKILL);
}

static void heed(int number, void (*handler)(int))
{
	struct sigaction action = { .sa_handler = handler };

	if (sigaction(number, &action, NULL))
		die("cannot handle signal %d", number);
}

int main(int argc, char **argv)
{
	struct wish w = { 0 };
	bool is_root = getuid() == 0;
	sigset_t term;
	int status;
	pid_t pid;

	read_wish(argc, argv, &w);
	sigemptyset(&term);
	sigaddset(&term, SIGTERM);
	sigprocmask(SIG_BLOCK, &term, NULL);
	enter_namespaces(&w);
	/* not before: changed rights forget it */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL))
		die("cannot ask for the signal of my parent's end");
	heed(SIGINT, SIG_IGN); /* of a terminal: the program gets it too */
	heed(SIGQUIT, SIG_IGN);
	heed(SIGTERM, end_init);
	pid = fork();
	if (pid < 0)
		die("cannot fork");
	if (pid == 0) {
		sigprocmask(SIG_UNBLOCK, &term, NULL);
		init(&w, is_root);
	}
	init_pid = pid;
	sigprocmask(SIG_UNBLOCK, &term, NULL);
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			die("cannot wait");
	return status_of(status);
}
