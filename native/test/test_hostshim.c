/* The library without code: the loader takes it, and finds by it what it leads to. */
#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "hostfiles.h"

#define LIBRARY DN_TARGET "/dunnage-guard.so" /* one of ours that needs nothing, and has MPI_Init */

static void *load(const char *const needed[], size_t n)
{
	char path[] = "/tmp/dn-shim-XXXXXX", *data = NULL;
	int fd = mkstemp(path);
	struct dn_err err;
	void *handle;
	size_t len;

	assert_true(fd >= 0);
	assert_int_equal(dn_host_shim_make(needed, n, &data, &len, &err), 0);
	assert_int_equal(write(fd, data, len), (ssize_t)len);
	free(data);
	close(fd);
	handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	unlink(path);
	return handle;
}

static void leads_to_the_library(void **state)
{
	void *handle = load((const char *const[]){ LIBRARY }, 1);

	(void)state;
	if (!handle)
		fail_msg("%s", dlerror());
	assert_non_null(dlsym(handle, "MPI_Init"));
	assert_null(dlsym(handle, "no_such_function"));
	dlclose(handle);
}

static void needs_nothing(void **state)
{
	void *handle = load(NULL, 0);

	(void)state;
	assert_non_null(handle);
	assert_null(dlsym(handle, "MPI_Init"));
	dlclose(handle);
}

static void names_what_is_missing(void **state)
{
	(void)state;
	assert_null(load((const char *const[]){ LIBRARY, DN_HOST_DIR "/lib/libmpi.so.40" }, 2));
	assert_non_null(strstr(dlerror(), DN_HOST_DIR "/lib/libmpi.so.40"));
}

static void has_a_limit(void **state)
{
	const char *needed[257];
	char *data;
	struct dn_err err;
	size_t len, i;

	(void)state;
	for (i = 0; i < 257; i++)
		needed[i] = LIBRARY;
	assert_int_equal(dn_host_shim_make(needed, 257, &data, &len, &err), -1);
	assert_int_equal(dn_host_shim_make(needed, 256, &data, &len, &err), 0);
	free(data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(leads_to_the_library),
		cmocka_unit_test(needs_nothing),
		cmocka_unit_test(names_what_is_missing),
		cmocka_unit_test(has_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
