#include <stdlib.h>
#include <string.h>

#include "wire_table.h"

struct buffer {
	uint8_t *p;
	size_t len, room;
};

static void put16(uint8_t *p, unsigned v)
{
	p[0] = (uint8_t)v;
	p[1] = (uint8_t)(v >> 8);
}

static void put32(uint8_t *p, uint32_t v)
{
	put16(p, v & 0xffff);
	put16(p + 2, v >> 16);
}

/* Room for n more bytes; the frame's limit bounds it. */
static uint8_t *extend(struct buffer *b, size_t n, struct dn_err *err)
{
	size_t limit = DN_WIRE_HEADER + (size_t)DN_WIRE_MAX_BODY;
	uint8_t *at;

	if (n > limit - b->len) {
		dn_fail(err, DN_REQUEST, "the request is larger than %u bytes; ask for fewer or shorter mounts",
			DN_WIRE_MAX_BODY);
		return NULL;
	}
	if (b->len + n > b->room) {
		size_t room = b->room * 2 > b->len + n ? b->room * 2 : b->len + n + 1024;

		at = realloc(b->p, room);
		if (!at) {
			dn_fail(err, DN_INTERNAL, "out of memory while writing a wire frame");
			return NULL;
		}
		b->p = at;
		b->room = room;
	}
	at = b->p + b->len;
	b->len += n;
	return at;
}

/* Head of a record and room for its value. */
static uint8_t *begin(struct buffer *b, const struct dn_field *f, size_t len, struct dn_err *err)
{
	uint8_t *head;

	if (len > DN_WIRE_MAX_BODY) {
		dn_fail(err, DN_REQUEST, "wire record %s is too long", f->name);
		return NULL;
	}
	head = extend(b, DN_WIRE_RECORD + len, err);
	if (!head)
		return NULL;
	put16(head, f->tag);
	put16(head + 2, 0);
	put32(head + 4, (uint32_t)len);
	return head + DN_WIRE_RECORD;
}

static int put_bytes(struct buffer *b, const struct dn_field *f, const void *p, size_t len, struct dn_err *err)
{
	uint8_t *at = begin(b, f, len, err);

	if (!at)
		return -1;
	memcpy(at, p, len);
	return dn_wire_check_value(f, at, len, DN_REQUEST, err);
}

static int put_string(struct buffer *b, const struct dn_field *f, const char *s, struct dn_err *err)
{
	if (!s) {
		if (f->occurs == DN_OPTIONAL)
			return 0;
		return dn_fail(err, DN_INTERNAL, "wire record %s has no value", f->name);
	}
	return put_bytes(b, f, s, strlen(s), err);
}

static int put_u64(struct buffer *b, const struct dn_field *f, uint64_t v, struct dn_err *err)
{
	uint8_t bytes[8];

	put32(bytes, (uint32_t)v);
	put32(bytes + 4, (uint32_t)(v >> 32));
	return put_bytes(b, f, bytes, f->type == DN_TYPE_U32 ? 4 : 8, err);
}

static int put_groups(struct buffer *b, const struct dn_field *f, const uint32_t *v, size_t n, struct dn_err *err)
{
	uint8_t *at = begin(b, f, n > DN_WIRE_MAX_BODY / 4 ? (size_t)DN_WIRE_MAX_BODY + 1 : n * 4, err);
	size_t i;

	if (!at)
		return -1;
	for (i = 0; i < n; i++)
		put32(at + 4 * i, v[i]);
	return 0;
}

static int put_bind(struct buffer *b, const struct dn_field *f, const struct dn_bind *bind, struct dn_err *err)
{
	size_t source, target;
	uint8_t *at;

	if (!bind->source || !bind->target)
		return dn_fail(err, DN_INTERNAL, "wire record %s has no path", f->name);
	source = strlen(bind->source);
	target = strlen(bind->target);
	at = begin(b, f, 4 + source + 1 + target, err);
	if (!at)
		return -1;
	put32(at, bind->flags);
	memcpy(at + 4, bind->source, source + 1);
	memcpy(at + 4 + source + 1, bind->target, target);
	return dn_wire_check_value(f, at, 4 + source + 1 + target, DN_REQUEST, err);
}

static int put_repeated(struct buffer *b, const struct dn_field *f, const char *in, struct dn_err *err)
{
	const void *slot = *(void *const *)(const void *)(in + f->value);
	size_t n = *(const size_t *)(const void *)(in + f->count), i;

	if (n > DN_WIRE_MAX_REPEAT)
		return dn_fail(err, DN_REQUEST, "wire record %s comes more than %u times", f->name, DN_WIRE_MAX_REPEAT);
	for (i = 0; i < n; i++) {
		int rc = f->type == DN_TYPE_BIND ? put_bind(b, f, (const struct dn_bind *)slot + i, err)
						 : put_string(b, f, ((char *const *)slot)[i], err);
		if (rc)
			return -1;
	}
	return 0;
}

static int put_field(struct buffer *b, const struct dn_field *f, const char *in, struct dn_err *err)
{
	const void *slot = in + f->value;

	if (f->occurs == DN_ANY)
		return put_repeated(b, f, in, err);
	switch (f->type) {
	case DN_TYPE_U32:
		return put_u64(b, f, *(const uint32_t *)slot, err);
	case DN_TYPE_U64:
		return put_u64(b, f, *(const uint64_t *)slot, err);
	case DN_TYPE_BYTES32:
		return put_bytes(b, f, slot, 32, err);
	case DN_TYPE_U32_ARRAY:
		return put_groups(b, f, *(uint32_t *const *)slot, *(const size_t *)(const void *)(in + f->count), err);
	default:
		return put_string(b, f, *(char *const *)slot, err);
	}
}

static bool is_zero(const struct dn_field *f, const char *in)
{
	const void *slot = in + f->value;

	return f->type == DN_TYPE_U32 ? *(const uint32_t *)slot == 0 : *(const uint64_t *)slot == 0;
}

/* A digest belongs to a plan of the store alone: the struct has no "absent" for it. */
static bool left_out(unsigned kind, const struct dn_field *f, const void *in)
{
	if (dn_wire_zero_is_absent(f))
		return is_zero(f, in);
	return kind == DN_KIND_PLAN && f->type == DN_TYPE_BYTES32 &&
	       ((const struct dn_plan *)in)->source != DN_SOURCE_STORE;
}

int dn_wire_encode_frame(unsigned kind, const void *in, uint8_t **out, size_t *out_len, struct dn_err *err)
{
	const struct dn_table *t = dn_wire_table(kind);
	struct buffer b = { 0 };
	uint8_t *header;
	size_t i;

	if (!t)
		return dn_fail(err, DN_INTERNAL, "no wire frame of kind %u", kind);
	header = extend(&b, DN_WIRE_HEADER, err);
	if (!header)
		return -1;
	for (i = 0; i < t->nfields; i++)
		if (!left_out(kind, &t->fields[i], in) && put_field(&b, &t->fields[i], in, err))
			goto failed;
	if (dn_wire_check_struct(kind, in, kind == DN_KIND_PLAN && ((const struct dn_plan *)in)->source == DN_SOURCE_STORE,
				 DN_INTERNAL, err))
		goto failed;
	put32(b.p, (uint32_t)(b.len - DN_WIRE_HEADER));
	put16(b.p + 4, DN_WIRE_MAJOR);
	put16(b.p + 6, DN_WIRE_MINOR);
	put16(b.p + 8, kind);
	put16(b.p + 10, 0);
	*out = b.p;
	*out_len = b.len;
	return 0;
failed:
	free(b.p);
	return -1;
}

int dn_wire_encode_launch(const struct dn_launch *req, uint8_t **out, size_t *out_len, struct dn_err *err)
{
	return dn_wire_encode_frame(DN_KIND_LAUNCH, req, out, out_len, err);
}

int dn_wire_encode_ping(uint8_t **out, size_t *out_len, struct dn_err *err)
{
	const char no_fields = 0;

	return dn_wire_encode_frame(DN_KIND_PING, &no_fields, out, out_len, err);
}

int dn_wire_encode_reply(const struct dn_reply *reply, uint8_t **out, size_t *out_len, struct dn_err *err)
{
	if (reply->kind != DN_KIND_PLAN && reply->kind != DN_KIND_REFUSAL && reply->kind != DN_KIND_PONG)
		return dn_fail(err, DN_INTERNAL, "wire frame of kind %u is no reply", (unsigned)reply->kind);
	return dn_wire_encode_frame(reply->kind, &reply->u, out, out_len, err);
}
