#include <stdlib.h>
#include <string.h>

#include "wire_table.h"

struct record {
	const struct dn_field *field;
	size_t index; /* of field in its table */
	const uint8_t *p;
	uint32_t len;
};

static uint16_t get16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static uint32_t get32(const uint8_t *p)
{
	return (uint32_t)get16(p) | (uint32_t)get16(p + 2) << 16;
}

static uint64_t get64(const uint8_t *p)
{
	return (uint64_t)get32(p) | (uint64_t)get32(p + 4) << 32;
}

int dn_wire_header(const uint8_t header[DN_WIRE_HEADER], uint32_t *body_len, enum dn_kind *kind, struct dn_err *err)
{
	uint32_t len = get32(header);
	unsigned major = get16(header + 4), minor = get16(header + 6), k = get16(header + 8);

	if (major != DN_WIRE_MAJOR || minor > DN_WIRE_MINOR)
		return dn_fail(err, DN_INTERNAL,
			       "the other side speaks wire version %u.%u, this one %d.%d; install the same release of "
			       "both parts and restart the agent",
			       major, minor, DN_WIRE_MAJOR, DN_WIRE_MINOR);
	if (len > DN_WIRE_MAX_BODY)
		return dn_fail(err, DN_INTERNAL, "wire frame of %u bytes is above the limit of %u", len,
			       DN_WIRE_MAX_BODY);
	if (!dn_wire_table(k))
		return dn_fail(err, DN_INTERNAL, "wire frame has unknown kind %u", k);
	if (get16(header + 10))
		return dn_fail(err, DN_INTERNAL, "wire frame has a header whose last field is not zero");
	*body_len = len;
	*kind = (enum dn_kind)k;
	return 0;
}

/* Takes the record at *pos and moves *pos behind it. */
static int next_record(const struct dn_table *t, const uint8_t *body, size_t len, size_t *pos, struct record *r,
		       struct dn_err *err)
{
	const uint8_t *head = body + *pos;
	size_t left = len - *pos;
	unsigned tag;

	if (left < DN_WIRE_RECORD)
		return dn_fail(err, DN_INTERNAL, "wire frame %s ends inside the head of a record", t->name);
	tag = get16(head);
	r->len = get32(head + 4);
	if (get16(head + 2))
		return dn_fail(err, DN_INTERNAL, "wire record 0x%04x has a field that is not zero", tag);
	if (r->len > left - DN_WIRE_RECORD)
		return dn_fail(err, DN_INTERNAL, "wire record 0x%04x is longer than its frame", tag);
	for (r->index = 0; r->index < t->nfields; r->index++)
		if (t->fields[r->index].tag == tag)
			break;
	if (r->index == t->nfields)
		return dn_fail(err, DN_INTERNAL, "wire frame %s has unknown tag 0x%04x", t->name, tag);
	r->field = &t->fields[r->index];
	r->p = head + DN_WIRE_RECORD;
	*pos += DN_WIRE_RECORD + r->len;
	return dn_wire_check_value(r->field, r->p, r->len, DN_INTERNAL, err);
}

/* First pass: checks every record and counts them by field; nothing is allocated yet. */
static int count_records(const struct dn_table *t, const uint8_t *body, size_t len, size_t counts[], struct dn_err *err)
{
	size_t pos = 0, i;
	struct record r;

	while (pos < len) {
		if (next_record(t, body, len, &pos, &r, err))
			return -1;
		counts[r.index]++;
		if (r.field->occurs != DN_ANY && counts[r.index] > 1)
			return dn_fail(err, DN_INTERNAL, "wire record %s comes twice", r.field->name);
		if (counts[r.index] > DN_WIRE_MAX_REPEAT)
			return dn_fail(err, DN_INTERNAL, "wire record %s comes more than %u times", r.field->name,
				       DN_WIRE_MAX_REPEAT);
	}
	for (i = 0; i < t->nfields; i++)
		if (t->fields[i].occurs == DN_ONCE && counts[i] == 0)
			return dn_fail(err, DN_INTERNAL, "wire frame %s lacks the record %s", t->name,
				       t->fields[i].name);
	return 0;
}

static char *copy_string(const uint8_t *p, size_t len)
{
	char *s = malloc(len + 1);

	if (s) {
		memcpy(s, p, len);
		s[len] = 0;
	}
	return s;
}

static int store_string(char **slot, const struct record *r)
{
	*slot = copy_string(r->p, r->len);
	return *slot ? 0 : -1;
}

static int store_groups(uint32_t **slot, size_t *n, const struct record *r)
{
	size_t i;

	if (r->len == 0)
		return 0;
	*slot = malloc(r->len);
	if (!*slot)
		return -1;
	*n = r->len / 4;
	for (i = 0; i < *n; i++)
		(*slot)[i] = get32(r->p + 4 * i);
	return 0;
}

static int store_bind(struct dn_bind *bind, const struct record *r)
{
	const uint8_t *paths = r->p + 4;
	size_t source = strlen((const char *)paths); /* the check found the NUL */

	bind->flags = get32(r->p);
	bind->source = copy_string(paths, source);
	bind->target = copy_string(paths + source + 1, r->len - 4 - source - 1);
	return bind->source && bind->target ? 0 : -1;
}

/* Room for the repeated records, their number known by now. */
static int reserve(const struct dn_table *t, const size_t counts[], void *out)
{
	size_t i;

	for (i = 0; i < t->nfields; i++) {
		const struct dn_field *f = &t->fields[i];
		void **slot = (void **)((char *)out + f->value);

		if (f->occurs != DN_ANY || counts[i] == 0)
			continue;
		*slot = calloc(counts[i], f->type == DN_TYPE_BIND ? sizeof(struct dn_bind) : sizeof(char *));
		if (!*slot)
			return -1;
	}
	return 0;
}

static int store_repeated(const struct record *r, void *out)
{
	size_t *n = (size_t *)((char *)out + r->field->count);
	void *slot = *(void **)((char *)out + r->field->value);
	size_t at = (*n)++;

	if (r->field->type == DN_TYPE_BIND)
		return store_bind((struct dn_bind *)slot + at, r);
	return store_string((char **)slot + at, r);
}

static int store_record(const struct record *r, void *out)
{
	char *slot = (char *)out + r->field->value;

	if (r->field->occurs == DN_ANY)
		return store_repeated(r, out);
	switch (r->field->type) {
	case DN_TYPE_U32:
		*(uint32_t *)(void *)slot = get32(r->p);
		return 0;
	case DN_TYPE_U64:
		*(uint64_t *)(void *)slot = get64(r->p);
		return 0;
	case DN_TYPE_BYTES32:
		memcpy(slot, r->p, 32);
		return 0;
	case DN_TYPE_U32_ARRAY:
		return store_groups((uint32_t **)(void *)slot, (size_t *)(void *)((char *)out + r->field->count), r);
	default:
		return store_string((char **)(void *)slot, r);
	}
}

int dn_wire_decode_body(const struct dn_table *t, const uint8_t *body, size_t len, void *out, struct dn_err *err)
{
	size_t counts[DN_WIRE_MAX_FIELDS] = { 0 }, pos = 0, i;
	bool has_digest = false;
	struct record r;

	if (count_records(t, body, len, counts, err))
		return -1;
	if (reserve(t, counts, out))
		goto no_memory;
	while (pos < len) {
		if (next_record(t, body, len, &pos, &r, err))
			goto failed;
		if (store_record(&r, out))
			goto no_memory;
	}
	for (i = 0; i < t->nfields; i++)
		if (t->fields[i].type == DN_TYPE_BYTES32)
			has_digest = counts[i] == 1;
	if (dn_wire_check_struct((unsigned)(t - dn_wire_table(DN_KIND_LAUNCH)) + DN_KIND_LAUNCH, out, has_digest,
				 DN_INTERNAL, err) == 0)
		return 0;
	goto failed;
no_memory:
	dn_fail(err, DN_INTERNAL, "out of memory while reading a wire frame %s", t->name);
failed:
	dn_wire_free_fields(t, out);
	return -1;
}

int dn_wire_decode_launch(const uint8_t *body, size_t len, struct dn_launch *out, struct dn_err *err)
{
	memset(out, 0, sizeof(*out));
	return dn_wire_decode_body(dn_wire_table(DN_KIND_LAUNCH), body, len, out, err);
}

int dn_wire_decode_reply(enum dn_kind kind, const uint8_t *body, size_t len, struct dn_reply *out, struct dn_err *err)
{
	memset(out, 0, sizeof(*out));
	if (kind != DN_KIND_PLAN && kind != DN_KIND_REFUSAL && kind != DN_KIND_PONG)
		return dn_fail(err, DN_INTERNAL, "wire frame of kind %u is no reply", (unsigned)kind);
	if (dn_wire_decode_body(dn_wire_table(kind), body, len, &out->u, err))
		return -1;
	out->kind = kind;
	return 0;
}

static void free_repeated(const struct dn_field *f, char *s)
{
	void **slot = (void **)(void *)(s + f->value);
	size_t n = *(size_t *)(void *)(s + f->count), i;

	for (i = 0; i < n; i++) {
		if (f->type == DN_TYPE_BIND) {
			free(((struct dn_bind *)*slot)[i].source);
			free(((struct dn_bind *)*slot)[i].target);
		} else {
			free(((char **)*slot)[i]);
		}
	}
	free(*slot);
}

void dn_wire_free_fields(const struct dn_table *t, void *s)
{
	size_t i;

	for (i = 0; i < t->nfields; i++) {
		const struct dn_field *f = &t->fields[i];

		if (f->occurs == DN_ANY)
			free_repeated(f, s);
		else if (f->type == DN_TYPE_STR || f->type == DN_TYPE_PATH || f->type == DN_TYPE_U32_ARRAY)
			free(*(void **)(void *)((char *)s + f->value));
	}
	memset(s, 0, t->size);
}

void dn_launch_free(struct dn_launch *req)
{
	dn_wire_free_fields(dn_wire_table(DN_KIND_LAUNCH), req);
}

void dn_reply_free(struct dn_reply *reply)
{
	if (dn_wire_table(reply->kind))
		dn_wire_free_fields(dn_wire_table(reply->kind), &reply->u);
	memset(reply, 0, sizeof(*reply));
}
