/* System calls without a libc, for an object that is loaded into programs of any image. */
#ifndef DUNNAGE_GUARD_SYSCALLS_H
#define DUNNAGE_GUARD_SYSCALLS_H

#include <asm/unistd.h>

#if defined(__x86_64__)
static inline long call5(long nr, long a, long b, long c, long d, long e)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	long r;

	__asm__ volatile("syscall" : "=a"(r) : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8) : "rcx", "r11", "memory");
	return r;
}
#elif defined(__aarch64__)
static inline long call5(long nr, long a, long b, long c, long d, long e)
{
	register long x8 __asm__("x8") = nr;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;
	register long x4 __asm__("x4") = e;

	__asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4) : "memory");
	return x0;
}
#else
#error "syscalls.h knows x86_64 and aarch64; add the system call convention of this machine"
#endif

/* Answers what the kernel answers: a negative number is -errno. */
#define CALL(nr, a, b, c) call5(nr, (long)(a), (long)(b), (long)(c), 0, 0)
#define CALL_4(nr, a, b, c, d) call5(nr, (long)(a), (long)(b), (long)(c), (long)(d), 0)

#endif
