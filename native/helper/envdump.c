/* Writes its environment to descriptor 4, each variable ended by a NUL. Started by an image's shell through
 * /proc/self/fd, so it is static and uses no libc: the image may hold any libc, or none that fits. */

enum { OUT = 4 };

static long write_out(const char *p, unsigned long len);
void start_c(char **stack) __attribute__((used, noreturn));

#if defined(__x86_64__)
enum { NR_WRITE = 1, NR_EXIT = 231 };
__asm__(".globl _start\n_start:\n\txor %ebp,%ebp\n\tmov %rsp,%rdi\n\tand $-16,%rsp\n\tcall start_c\n");

static long call3(long nr, long a, long b, long c)
{
	long r;

	__asm__ volatile("syscall" : "=a"(r) : "a"(nr), "D"(a), "S"(b), "d"(c) : "rcx", "r11", "memory");
	return r;
}
#elif defined(__aarch64__)
enum { NR_WRITE = 64, NR_EXIT = 94 };
__asm__(".globl _start\n_start:\n\tmov x29,#0\n\tmov x0,sp\n\tbl start_c\n");

static long call3(long nr, long a, long b, long c)
{
	register long x8 __asm__("x8") = nr;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;

	__asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2) : "memory");
	return x0;
}
#else
#error "envdump knows x86_64 and aarch64; add the system call convention of this machine"
#endif

static long write_out(const char *p, unsigned long len)
{
	while (len) {
		long n = call3(NR_WRITE, OUT, (long)p, (long)len);

		if (n == -4) /* EINTR */
			continue;
		if (n <= 0)
			return -1;
		p += n;
		len -= (unsigned long)n;
	}
	return 0;
}

static unsigned long length(const char *s)
{
	unsigned long n = 0;

	while (s[n])
		n++;
	return n;
}

/* The stack at the start: argc, argv, NULL, environment, NULL. */
void start_c(char **stack)
{
	char **env = stack + 1 + (long)stack[0] + 1;
	long failed = 0;

	for (; *env && !failed; env++)
		failed = write_out(*env, length(*env) + 1);
	for (;;)
		call3(NR_EXIT, failed ? 1 : 0, 0, 0);
}
