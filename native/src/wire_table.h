/* The tables of native/WIRE.md as data; both directions of the codec walk them. */
#ifndef DUNNAGE_WIRE_TABLE_H
#define DUNNAGE_WIRE_TABLE_H

#include "dunnage/wire.h"

#define DN_WIRE_RECORD 8u /* bytes of a record's head: tag, zero, length */
#define DN_WIRE_MAX_STR 4096u
#define DN_WIRE_MAX_ENV 32768u

enum dn_type {
	DN_TYPE_U32,
	DN_TYPE_U64,
	DN_TYPE_STR,
	DN_TYPE_PATH,
	DN_TYPE_U32_ARRAY,
	DN_TYPE_BYTES32,
	DN_TYPE_BIND,
	DN_TYPE_ENV,
	DN_TYPE_COMMAND,
	DN_TYPE_PATTERN,
	DN_TYPE_NETWORK,
	DN_TYPE_PORT,
};

enum dn_occurs { DN_ONCE, DN_OPTIONAL, DN_ANY };

/* value: offset of the member in the kind's struct; count: offset of the number of elements (arrays and DN_ANY). */
struct dn_field {
	uint16_t tag;
	enum dn_type type;
	enum dn_occurs occurs;
	size_t value, count;
	const char *name;
};

#define DN_WIRE_MAX_FIELDS 40u

struct dn_table {
	const char *name;
	const struct dn_field *fields;
	size_t nfields, size; /* size: of the kind's struct */
};

/* NULL: no such kind. */
const struct dn_table *dn_wire_table(unsigned kind);

/* Do these bytes fit the field's type? Answers -1 with the code that the caller chose when not. */
int dn_wire_check_value(const struct dn_field *f, const uint8_t *p, size_t len, enum dn_code code, struct dn_err *err);
/* An optional number of 0 is left out on writing and refused on reading. */
bool dn_wire_zero_is_absent(const struct dn_field *f);
/* Rules between the fields of one kind, on a complete struct. has_digest: STORE_DIGEST was there. */
int dn_wire_check_struct(unsigned kind, const void *s, bool has_digest, enum dn_code code, struct dn_err *err);

/* Body of any kind into / out of the kind's (zeroed) struct. */
int dn_wire_decode_body(const struct dn_table *t, const uint8_t *body, size_t len, void *out, struct dn_err *err);
int dn_wire_encode_frame(unsigned kind, const void *in, uint8_t **out, size_t *out_len, struct dn_err *err);
void dn_wire_free_fields(const struct dn_table *t, void *s);

#endif
