/* Records of jobs, as they lie on disk: the first byte of the input says whose they should be. What is taken is what would be written. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "jobrecord.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[DN_JOB_RECORD_LIMIT], *given;
	struct dn_job_record r;
	uid_t uid;

	if (size < 1 || size > sizeof(text))
		return 0;
	uid = data[0] == 255 ? (uid_t)-2 : data[0];
	/* of its exact size, so that a byte too far is seen */
	given = malloc(size > 1 ? size - 1 : 1);
	if (!given)
		return 0;
	memcpy(given, data + 1, size - 1);
	if (dn_job_record_parse(given, size - 1, uid, &r) == 0 &&
	    (dn_job_record_text(uid, &r, text) != size - 1 || memcmp(text, given, size - 1) != 0))
		abort();
	free(given);
	dn_job_record_free(&r);
	return 0;
}
