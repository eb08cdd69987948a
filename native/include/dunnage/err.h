/* The one error shape: functions return -1 and fill it; only the entry points print. */
#ifndef DUNNAGE_ERR_H
#define DUNNAGE_ERR_H

#include <stdbool.h>
#include <stddef.h>

/* Numbers of native/WIRE.md, "Codes". */
enum dn_code {
	DN_OK = 0,
	DN_POLICY = 1,
	DN_IMAGE_BAD = 2,
	DN_IMAGE_ABSENT = 3,
	DN_CONFIG = 4,
	DN_REQUEST = 5,
	DN_SETUP = 6,
	DN_UNAVAILABLE = 7,
	DN_INTERNAL = 8,
};

struct dn_err {
	enum dn_code code;
	bool recorded; /* the launcher refused, and has recorded that */
	char msg[4200]; /* one line, NUL ended; a refusal text of 4096 bytes fits */
};

/* Fills err (control characters become '?') and returns -1, so that callers can write `return dn_fail(...)`. */
int dn_fail(struct dn_err *err, enum dn_code code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* As dn_fail, and appends ": " and strerror(errnum). */
int dn_fail_errno(struct dn_err *err, enum dn_code code, int errnum, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

#endif
