#include "dunnage/transportwish.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dunnage/gpudevices.h"

#define MOST_WORDS 16

static const char *const known[] = { "shm", "cma", "xpmem", "verbs", "ucx", "ucx:rc", "ucx:dc", "ucx:ud", "ofi", "cxi", "opa", "gpu" };

static int add(const char *word, size_t len, struct dn_strings *words, struct dn_err *err)
{
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strlen(known[i]) == len && strncmp(known[i], word, len) == 0)
			break;
	if (i == sizeof(known) / sizeof(known[0]) || words->n >= MOST_WORDS)
		return dn_fail(err, DN_REQUEST, "--container-require-transport: '%.*s' is not known; allowed are shm, cma, xpmem, verbs, ucx, ucx:rc, "
						"ucx:dc, ucx:ud, ofi, cxi, opa and gpu, with commas between several",
			       (int)(len < 64 ? len : 64), word);
	/* the table's own words: nothing of the user's is kept */
	if (asprintf(&words->v[words->n], "%s", known[i]) < 0)
		return dn_fail(err, DN_INTERNAL, "out of memory");
	words->n++;
	return 0;
}

int dn_transport_split(const char *list, struct dn_strings *words, struct dn_err *err)
{
	if (list && !words->v)
		words->v = calloc(MOST_WORDS, sizeof(char *));
	if (list && !words->v)
		return dn_fail(err, DN_INTERNAL, "out of memory");
	while (list) {
		size_t len = strcspn(list, ",");

		if (add(list, len, words, err)) {
			dn_strings_free(words);
			return -1;
		}
		list = list[len] ? list + len + 1 : NULL;
	}
	return 0;
}
