/* System calls without a libc, for the programs that run inside images: static, needing nothing of the image, on any kernel
 * that the project supports. Include it in one file per program: it holds the entry point, which calls start_c. */
#ifndef DUNNAGE_NOLIBC_H
#define DUNNAGE_NOLIBC_H

#include <asm/unistd.h>
#include <stddef.h>

/* The stack at the start: argc, argv, NULL, environment, NULL. */
void start_c(char **stack) __attribute__((used, noreturn));

#if defined(__x86_64__)
__asm__(".globl _start\n_start:\n\txor %ebp,%ebp\n\tmov %rsp,%rdi\n\tand $-16,%rsp\n\tcall start_c\n");

static inline long call6(long nr, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long r;

	__asm__ volatile("syscall"
			 : "=a"(r)
			 : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return r;
}
#elif defined(__aarch64__)
__asm__(".globl _start\n_start:\n\tmov x29,#0\n\tmov x0,sp\n\tbl start_c\n");

static inline long call6(long nr, long a, long b, long c, long d, long e, long f)
{
	register long x8 __asm__("x8") = nr;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;
	register long x4 __asm__("x4") = e;
	register long x5 __asm__("x5") = f;

	__asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
	return x0;
}
#else
#error "nolibc.h knows x86_64 and aarch64; add the system call convention of this machine"
#endif

/* Answers what the kernel answers: a negative number is -errno. */
#define CALL0(nr) call6(nr, 0, 0, 0, 0, 0, 0)
#define CALL1(nr, a) call6(nr, (long)(a), 0, 0, 0, 0, 0)
#define CALL2(nr, a, b) call6(nr, (long)(a), (long)(b), 0, 0, 0, 0)
#define CALL3(nr, a, b, c) call6(nr, (long)(a), (long)(b), (long)(c), 0, 0, 0)
#define CALL4(nr, a, b, c, d) call6(nr, (long)(a), (long)(b), (long)(c), (long)(d), 0, 0)
#define CALL5(nr, a, b, c, d, e) call6(nr, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), 0)

enum { NO_EINTR = -4 };

static inline size_t text_length(const char *s)
{
	size_t n = 0;

	while (s[n])
		n++;
	return n;
}

/* 0, or a negative number when not all could be written. */
static inline long write_all(int fd, const void *data, size_t len)
{
	const char *p = data;

	while (len) {
		long n = CALL3(__NR_write, fd, p, len);

		if (n == NO_EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? n : -1;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

static inline void __attribute__((noreturn)) end(int status)
{
	for (;;)
		CALL1(__NR_exit_group, status);
}

#endif
