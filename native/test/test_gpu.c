/* Devices of GPUs in a fake /dev, the words of --container-require-transport, the driver's place in LD_LIBRARY_PATH. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "dunnage/gpudevices.h"
#include "dunnage/rankenv.h"
#include "dunnage/transportwish.h"

static char dev[] = "/tmp/dunnage-test-dev.XXXXXX";

static int make(const char *name, unsigned number)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", dev, name);
	return mknod(path, S_IFCHR | 0600, makedev(1, number));
}

static void test_devices_are_told_by_their_names(void **state)
{
	static const char *const names[] = { "nvidia0", "nvidia10", "nvidiactl", "dri/renderD128", "nvidia-caps/nvidia-cap21", "null",
					     "nvidiax", "nvidia", "dri/by-path", "kfd", "sda" };
	static const char *const expected[] = { "/dev/kfd", "/dev/nvidia0", "/dev/nvidia10", "/dev/nvidiactl", "/dev/nvidia-caps/nvidia-cap21",
						"/dev/dri/renderD128" };
	struct dn_strings found = { 0 };
	struct dn_err err = { 0 };
	char path[128];
	size_t i;

	(void)state;
	assert_non_null(mkdtemp(dev));
	snprintf(path, sizeof(path), "%s/dri", dev);
	assert_int_equal(mkdir(path, 0755), 0);
	snprintf(path, sizeof(path), "%s/nvidia-caps", dev);
	assert_int_equal(mkdir(path, 0755), 0);
	assert_false(dn_gpu_has_devices(dev));
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (make(names[i], 3)) {
			print_message("SKIPPED: no right to make devices here (%s)\n", strerror(errno));
			skip();
		}
	assert_int_equal(dn_gpu_devices(dev, false, &found, &err), 0);
	assert_int_equal(found.n, sizeof(expected) / sizeof(expected[0]));
	for (i = 0; i < found.n; i++)
		assert_string_equal(found.v[i], expected[i]);
	dn_strings_free(&found);
	/* links and plain files are no devices of the kernel's */
	snprintf(path, sizeof(path), "%s/nvidia7", dev);
	assert_int_equal(symlink("nvidia0", path), 0);
	assert_int_equal(dn_gpu_devices(dev, false, &found, &err), 0);
	assert_int_equal(found.n, sizeof(expected) / sizeof(expected[0]));
	dn_strings_free(&found);
	snprintf(path, sizeof(path), "rm -rf %s", dev);
	assert_int_equal(system(path), 0);
}

static void test_words_of_transports(void **state)
{
	struct dn_strings words = { 0 };
	struct dn_err err = { 0 };

	(void)state;
	assert_int_equal(dn_transport_split(NULL, &words, &err), 0);
	assert_int_equal(words.n, 0);
	assert_int_equal(dn_transport_split("verbs,ucx:rc", &words, &err), 0);
	assert_int_equal(words.n, 2);
	assert_string_equal(words.v[1], "ucx:rc");
	dn_strings_free(&words);
	assert_int_equal(dn_transport_split("verbs,", &words, &err), -1);
	assert_int_equal(dn_transport_split("shm,warp", &words, &err), -1);
	assert_non_null(strstr(err.msg, "'warp'"));
	assert_non_null(strstr(err.msg, "allowed are shm"));
	assert_int_equal(words.n, 0);
	assert_int_equal(dn_transport_split("shm,shm,shm,shm,shm,shm,shm,shm,shm,shm,shm,shm,shm,shm,shm,shm,shm", &words, &err), -1);
}

static void test_the_drivers_directory_comes_last(void **state)
{
	char *env[] = { (char *)(uintptr_t) "A=b", (char *)(uintptr_t) "DUNNAGE_GPU_LIBRARY_PATH=/x:/y" };
	struct dn_plan with = { .env = { .v = env, .n = 2 } }, without = { .env = { .v = env, .n = 1 } };
	char *path;

	(void)state;
	assert_null(dn_env_library_path(&without, "/lib"));
	path = dn_env_library_path(&with, NULL);
	assert_string_equal(path, "/x:/y");
	assert_null(dn_env_library_path(&with, path));
	free(path);
	path = dn_env_library_path(&with, "/a:/b");
	assert_string_equal(path, "/a:/b:/x:/y");
	assert_null(dn_env_library_path(&with, path));
	free(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_devices_are_told_by_their_names),
		cmocka_unit_test(test_words_of_transports),
		cmocka_unit_test(test_the_drivers_directory_comes_last),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
