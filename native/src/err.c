#include "dunnage/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* By way of a buffer of its own: a caller may quote the old err->msg in the new text. */
static void store(struct dn_err *err, enum dn_code code, const char *text)
{
	size_t i;

	err->code = code;
	err->recorded = false;
	for (i = 0; i < sizeof(err->msg) - 1 && text[i]; i++) {
		unsigned char c = (unsigned char)text[i];

		err->msg[i] = (c < 0x20 || c == 0x7f) ? '?' : (char)c;
	}
	err->msg[i] = 0;
}

int dn_fail(struct dn_err *err, enum dn_code code, const char *fmt, ...)
{
	char text[sizeof(err->msg)];
	va_list ap;

	va_start(ap, fmt);
	if (vsnprintf(text, sizeof(text), fmt, ap) < 0)
		text[0] = 0;
	va_end(ap);
	store(err, code, text);
	return -1;
}

int dn_fail_errno(struct dn_err *err, enum dn_code code, int errnum, const char *fmt, ...)
{
	char text[sizeof(err->msg)], why_buf[128];
	const char *why = strerror_r(errnum, why_buf, sizeof(why_buf));
	size_t used;
	va_list ap;

	va_start(ap, fmt);
	if (vsnprintf(text, sizeof(text), fmt, ap) < 0)
		text[0] = 0;
	va_end(ap);
	used = strlen(text);
	(void)snprintf(text + used, sizeof(text) - used, ": %s", why);
	store(err, code, text);
	return -1;
}
