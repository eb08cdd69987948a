/* Whole LAUNCH frames: header and body. What decodes must encode again, and decode to the same bytes. */
#include <stdlib.h>
#include <string.h>

#include "dunnage/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dn_launch req, again;
	struct dn_err err;
	uint8_t *once, *twice;
	size_t once_len, twice_len;

	if (size < DN_WIRE_HEADER || dn_wire_decode_launch(data + DN_WIRE_HEADER, size - DN_WIRE_HEADER, &req, &err))
		return 0;
	if (size - DN_WIRE_HEADER > DN_WIRE_MAX_BODY) {
		dn_launch_free(&req);
		return 0;
	}
	if (dn_wire_encode_launch(&req, &once, &once_len, &err) ||
	    dn_wire_decode_launch(once + DN_WIRE_HEADER, once_len - DN_WIRE_HEADER, &again, &err) ||
	    dn_wire_encode_launch(&again, &twice, &twice_len, &err))
		abort();
	if (once_len != twice_len || memcmp(once, twice, once_len))
		abort();
	free(once);
	free(twice);
	dn_launch_free(&req);
	dn_launch_free(&again);
	return 0;
}
