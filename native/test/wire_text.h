/* Vector files and the text form of a decoded frame; see tests/contract/vectors/README.md. */
#ifndef DUNNAGE_TEST_WIRE_TEXT_H
#define DUNNAGE_TEST_WIRE_TEXT_H

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wire_table.h"

static inline char *slurp(const char *path, size_t *len)
{
	FILE *f = fopen(path, "rb");
	char *data = NULL;
	size_t used = 0, n;

	if (!f)
		return NULL;
	do {
		data = realloc(data, used + 65537);
		n = fread(data + used, 1, 65536, f);
		used += n;
	} while (n);
	data[used] = 0;
	fclose(f);
	*len = used;
	return data;
}

static inline int hex_digit(int c)
{
	return isdigit(c) ? c - '0' : tolower(c) - 'a' + 10;
}

/* In place; answers the number of bytes. */
static inline size_t unhex(char *text)
{
	size_t n = 0, digits = 0;
	char *p;

	for (p = text; *p; p++) {
		if (*p == '#')
			p += strcspn(p, "\n");
		if (!isxdigit((unsigned char)*p))
			continue;
		if (digits++ % 2 == 0)
			text[n] = (char)(hex_digit(*p) << 4);
		else
			text[n++] |= (char)hex_digit(*p);
	}
	return n;
}

static inline void text_escaped(FILE *out, const char *s)
{
	for (; *s; s++) {
		if (*s == '\\')
			fputs("\\\\", out);
		else if (*s == '\n')
			fputs("\\n", out);
		else if (*s == '\t')
			fputs("\\t", out);
		else
			fputc(*s, out);
	}
}

static inline void text_line(FILE *out, const char *name, const char *value)
{
	fprintf(out, *value ? "%s = " : "%s =", name);
	text_escaped(out, value);
	fputc('\n', out);
}

static inline void text_groups(FILE *out, const char *name, const uint32_t *v, size_t n)
{
	size_t i;

	fprintf(out, n ? "%s = " : "%s =", name);
	for (i = 0; i < n; i++)
		fprintf(out, "%s%u", i ? "," : "", v[i]);
	fputc('\n', out);
}

static inline void text_bind(FILE *out, const char *name, const struct dn_bind *b)
{
	fprintf(out, "%s = %u ", name, b->flags);
	text_escaped(out, b->source);
	fputs("\\0", out);
	text_escaped(out, b->target);
	fputc('\n', out);
}

static inline void text_repeated(FILE *out, const struct dn_field *f, const char *s)
{
	const void *slot = *(void *const *)(const void *)(s + f->value);
	size_t n = *(const size_t *)(const void *)(s + f->count), i;

	for (i = 0; i < n; i++) {
		if (f->type == DN_TYPE_BIND)
			text_bind(out, f->name, (const struct dn_bind *)slot + i);
		else
			text_line(out, f->name, ((char *const *)slot)[i]);
	}
}

static inline void text_field(FILE *out, unsigned kind, const struct dn_field *f, const char *s)
{
	const void *slot = s + f->value;
	int i;

	if (dn_wire_zero_is_absent(f) &&
	    (f->type == DN_TYPE_U32 ? *(const uint32_t *)slot : *(const uint64_t *)slot) == 0)
		return;
	if (f->occurs == DN_ANY) {
		text_repeated(out, f, s);
	} else if (f->type == DN_TYPE_U32) {
		fprintf(out, "%s = %u\n", f->name, *(const uint32_t *)slot);
	} else if (f->type == DN_TYPE_U64) {
		fprintf(out, "%s = %llu\n", f->name, (unsigned long long)*(const uint64_t *)slot);
	} else if (f->type == DN_TYPE_U32_ARRAY) {
		text_groups(out, f->name, *(uint32_t *const *)slot, *(const size_t *)(const void *)(s + f->count));
	} else if (f->type == DN_TYPE_BYTES32) {
		if (kind == DN_KIND_PLAN && ((const struct dn_plan *)(const void *)s)->source != DN_SOURCE_STORE)
			return;
		fprintf(out, "%s = ", f->name);
		for (i = 0; i < 32; i++)
			fprintf(out, "%02x", ((const uint8_t *)slot)[i]);
		fputc('\n', out);
	} else if (*(char *const *)slot) {
		text_line(out, f->name, *(char *const *)slot);
	}
}

/* malloc'ed text of a decoded struct of this kind. */
static inline char *frame_text(unsigned kind, const void *s)
{
	const struct dn_table *t = dn_wire_table(kind);
	char *text = NULL;
	size_t len, i;
	FILE *out = open_memstream(&text, &len);

	fprintf(out, "KIND = %s\n", t->name);
	for (i = 0; i < t->nfields; i++)
		text_field(out, kind, &t->fields[i], s);
	fclose(out);
	return text;
}

#endif
