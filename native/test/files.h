/* Files that tests make. */
#ifndef DUNNAGE_TEST_FILES_H
#define DUNNAGE_TEST_FILES_H

#include <cmocka.h>
#include <stdio.h>

static inline void put(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

#endif
