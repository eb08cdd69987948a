/* Whole reply frames, of the kind that the header names. What decodes must encode again to the same bytes or a permutation
 * of the records, and that must be stable. */
#include <stdlib.h>
#include <string.h>

#include "dunnage/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dn_reply reply, again;
	struct dn_err err;
	uint8_t *once, *twice;
	size_t once_len, twice_len;
	enum dn_kind kind;
	uint32_t len;

	if (size < DN_WIRE_HEADER || dn_wire_header(data, &len, &kind, &err) || len != size - DN_WIRE_HEADER)
		return 0;
	if (dn_wire_decode_reply(kind, data + DN_WIRE_HEADER, len, &reply, &err))
		return 0;
	if (dn_wire_encode_reply(&reply, &once, &once_len, &err) || once_len != size ||
	    dn_wire_decode_reply(kind, once + DN_WIRE_HEADER, once_len - DN_WIRE_HEADER, &again, &err) ||
	    dn_wire_encode_reply(&again, &twice, &twice_len, &err))
		abort();
	if (once_len != twice_len || memcmp(once, twice, once_len))
		abort();
	free(once);
	free(twice);
	dn_reply_free(&reply);
	dn_reply_free(&again);
	return 0;
}
