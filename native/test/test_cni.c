/* Lists of plugins as root reads them, what a plugin is told, and how it is run. Plugins are scripts of this test's own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cni.h"
#include "dunnage/gpudevices.h"
#include "dunnage/networkwish.h"
#include "record.h"

static char home[] = "/tmp/dunnage-cni-XXXXXX";

static void put(const char *name, const char *text, mode_t mode)
{
	char path[256];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/%s", home, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static int make_home(void **state)
{
	(void)state;
	return mkdtemp(home) ? 0 : -1;
}

static int remove_home(void **state)
{
	char command[300];

	(void)state;
	(void)snprintf(command, sizeof(command), "rm -r %s", home);
	return system(command); /* NOLINT(cert-env33-c): a directory of ours */
}

static void refused(const char *says)
{
	struct json_object *list = NULL;
	struct dn_err err = { 0 };

	assert_int_equal(dn_conflist_read(home, "lab", &list, &err), -1);
	assert_null(list);
	if (!strstr(err.msg, says))
		fail_msg("'%s' lacks '%s'", err.msg, says);
}

#define HEAD "{\"cniVersion\":\"1.0.0\",\"name\":\"lab\",\"plugins\":"

static void lists(void **state)
{
	static const struct {
		const char *text, *says;
	} bad[] = {
		{ "", "no JSON object" },
		{ "[]", "no JSON object" },
		{ HEAD "[{\"type\":\"a\"}]} x", "no JSON object" },
		{ HEAD "[{\"type\":\"a\"}", "no JSON object" },
		{ "{\"cniVersion\":\"1.0.0\",\"name\":\"other\",\"plugins\":[{\"type\":\"a\"}]}", "name is to be \"lab\"" },
		{ "{\"cniVersion\":\"9\",\"name\":\"lab\",\"plugins\":[{\"type\":\"a\"}]}", "cniVersion" },
		{ "{\"name\":\"lab\",\"plugins\":[{\"type\":\"a\"}]}", "cniVersion" },
		{ HEAD "[]}", "1 to 16 plugins" },
		{ HEAD "{}}", "1 to 16 plugins" },
		{ HEAD "[{\"type\":\"a\"},{\"type\":\"../b\"}]}", "plugin 2" },
		{ HEAD "[{\"type\":\".a\"}]}", "plugin 1" },
		{ HEAD "[{\"type\":7}]}", "plugin 1" },
		{ HEAD "[{\"type\":\"a\\u0000b\"}]}", "plugin 1" },
		{ HEAD "[7]}", "plugin 1" },
	};
	struct json_object *list;
	struct dn_err err = { 0 };

	(void)state;
	refused("this node has no network 'lab'");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		put("lab.conflist", bad[i].text, 0644);
		refused(bad[i].says);
	}
	put("lab.conflist", HEAD "[{\"type\":\"a\"}]}", 0664);
	refused("writable for root alone");
	put("lab.conflist", HEAD "[{\"type\":\"a\"}]}\n", 0644);
	assert_int_equal(chmod(home, 0777), 0);
	refused("writable for root alone");
	assert_int_equal(chmod(home, 0700), 0);
	assert_int_equal(dn_conflist_read(home, "lab", &list, &err), 0);
	assert_int_equal(dn_conflist_plugins(list), 1);
	json_object_put(list);
}

static void what_a_plugin_is_told(void **state)
{
	struct dn_strings ports = { 0 };
	struct dn_err err = { 0 };
	struct json_object *list, *mappings, *config, *previous = json_tokener_parse("{\"ips\":[]}");

	(void)state;
	put("lab.conflist",
	    HEAD "[{\"type\":\"a\",\"x\":1,\"prevResult\":{},\"runtimeConfig\":{}},{\"type\":\"b\",\"capabilities\":{\"portMappings\":true,\"bandwidth\":true}}]}", 0644);
	assert_int_equal(dn_network_args_read("portmap=8080:80;portmap=53:5353/udp", &ports, &err), 0);
	mappings = dn_port_mappings(&ports);
	assert_int_equal(dn_conflist_read(home, "lab", &list, &err), 0);
	assert_true(dn_conflist_maps_ports(list));
	config = dn_conflist_plugin(list, 0, NULL, mappings);
	assert_string_equal(json_object_to_json_string_ext(config, JSON_C_TO_STRING_PLAIN), "{\"type\":\"a\",\"x\":1,\"name\":\"lab\",\"cniVersion\":\"1.0.0\"}");
	json_object_put(config);
	config = dn_conflist_plugin(list, 1, previous, mappings);
	assert_string_equal(json_object_to_json_string_ext(config, JSON_C_TO_STRING_PLAIN),
			    "{\"type\":\"b\",\"name\":\"lab\",\"cniVersion\":\"1.0.0\",\"prevResult\":{\"ips\":[]},\"runtimeConfig\":{\"portMappings\":["
			    "{\"hostPort\":8080,\"containerPort\":80,\"protocol\":\"tcp\"},{\"hostPort\":53,\"containerPort\":5353,\"protocol\":\"udp\"}]}}");
	json_object_put(config);
	json_object_put(previous);
	json_object_put(mappings);
	json_object_put(list);
	dn_strings_free(&ports);
}

static void resolver(void **state)
{
	static const struct {
		const char *result, *lines;
	} cases[] = {
		{ "{}", "" },
		{ "{\"dns\":{}}", "" },
		{ "{\"dns\":{\"domain\":\"d\"}}", "" },
		{ "{\"dns\":{\"nameservers\":[\"10.0.0.1\",\"10.0.0.2\"],\"domain\":\"d.e\",\"search\":[\"a\",\"b\"],\"options\":[\"ndots:2\"]}}",
		  "nameserver 10.0.0.1\nnameserver 10.0.0.2\ndomain d.e\nsearch a b\noptions ndots:2\n" },
		{ "{\"dns\":{\"nameservers\":[\"1\\nsearch x\",7,\"10.0.0.1\"],\"search\":[\"a b\"]}}", "nameserver 10.0.0.1\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct json_object *result = json_tokener_parse(cases[i].result);
		char *text = NULL;
		size_t len;
		FILE *out = open_memstream(&text, &len);

		dn_resolver_lines(result, out);
		(void)fclose(out);
		assert_string_equal(text, cases[i].lines);
		free(text);
		json_object_put(result);
	}
}

/* A network of scripts: run as root's plugins are, with their own account in root's place. */
static int run(struct json_object **result, struct dn_err *err)
{
	const struct dn_cni c = { .directory = home, .id = "dunnage-n-1-0", .netns = "/n", .interface = "eth0", .network = "lab", .seconds = 1,
				  .lock = STDERR_FILENO };
	struct json_object *list;
	int rc = dn_conflist_read(home, "lab", &list, err);

	assert_int_equal(rc, 0);
	rc = result ? dn_cni_add(&c, list, NULL, result, err) : dn_cni_del(&c, list, NULL, NULL, err);
	json_object_put(list);
	return rc;
}

static void plugins(void **state)
{
	struct json_object *result = NULL;
	struct dn_err err = { 0 };

	(void)state;
	put("lab.conflist", HEAD "[{\"type\":\"one\"},{\"type\":\"two\"}]}", 0644);
	put("one", "#!/bin/sh\necho \"{\\\"was\\\": \\\"$CNI_COMMAND $CNI_CONTAINERID $CNI_NETNS $CNI_IFNAME $(env | wc -l)\\\"}\"\n", 0755);
	put("two", "#!/bin/sh\ncat\n", 0755);
	assert_int_equal(run(&result, &err), 0);
	/* the shell adds PWD */
	assert_string_equal(dn_json_text(json_object_object_get(result, "prevResult"), "was"), "ADD dunnage-n-1-0 /n eth0 9");
	json_object_put(result);
	assert_int_equal(run(NULL, &err), 0);

	put("two", "#!/bin/sh\necho '{\"code\":7,\"msg\":\"no cable\",\"details\":\"in the wall\"}'; exit 1\n", 0755);
	assert_int_equal(run(&result, &err), -1);
	assert_non_null(strstr(err.msg, "network 'lab': plugin two failed (ADD): no cable: in the wall"));
	put("two", "#!/bin/sh\necho first >&2; echo last >&2; exit 1\n", 0755);
	assert_int_equal(run(NULL, &err), -1);
	assert_non_null(strstr(err.msg, "plugin two failed (DEL): last"));
	put("two", "#!/bin/sh\nexec sleep 100\n", 0755);
	assert_int_equal(run(&result, &err), -1);
	assert_non_null(strstr(err.msg, "plugin two did not end within 1 seconds"));
	put("two", "#!/bin/sh\necho no JSON\n", 0755);
	assert_int_equal(run(&result, &err), -1);
	assert_non_null(strstr(err.msg, "plugin two: what it answered is no JSON object"));
	put("two", "#!/bin/sh\n", 0775);
	assert_int_equal(run(&result, &err), -1);
	assert_non_null(strstr(err.msg, "writable for root alone"));
	put("lab.conflist", HEAD "[{\"type\":\"three\"}]}", 0644);
	assert_int_equal(run(&result, &err), -1);
	assert_non_null(strstr(err.msg, "containernetworking-plugins"));
}

static struct json_object *head_with_port(int port)
{
	char text[200];

	(void)snprintf(text, sizeof(text), "{\"networks\":[],\"ports\":[{\"hostPort\":%d,\"protocol\":\"tcp\"}]}", port);
	return json_tokener_parse(text);
}

static void records(void **state)
{
	struct dn_record first = DN_NO_RECORD, second = DN_NO_RECORD;
	struct json_object *result = json_tokener_parse("{\"ips\":[1]}");
	struct dn_err err = { 0 };
	char dir[300];

	(void)state;
	(void)snprintf(dir, sizeof(dir), "%s/records", home);
	assert_int_equal(dn_record_open(&first, dir, "1.0", &err), 0);
	dn_record_close(&first);
	assert_int_equal(dn_record_make(&first, dir, "1.0", head_with_port(80), &err), 0);
	assert_int_equal(dn_record_make(&second, dir, "2.0", head_with_port(80), &err), -1);
	assert_non_null(strstr(err.msg, "port 80 of this node leads to step 1.0 already"));
	dn_record_close(&second);
	assert_int_equal(dn_record_make(&second, dir, "2.0", head_with_port(81), &err), 0);
	assert_int_equal(dn_record_result(&first, 1, result, &err), 0);
	/* a writer that was killed in the middle */
	assert_int_equal(write(first.file, "{\"2\":", 5), 5);
	dn_record_close(&first);
	dn_record_close(&second);
	assert_int_equal(dn_record_open(&first, dir, "1.0", &err), 1);
	assert_non_null(json_object_object_get(first.results, "1"));
	assert_null(json_object_object_get(first.results, "2"));
	assert_false(dn_record_is_pinned(&first));
	assert_int_equal(dn_record_remove(&first, &err), 0);
	dn_record_close(&first);
	assert_int_equal(dn_record_open(&first, dir, "1.0", &err), 0);
	dn_record_close(&first);
	json_object_put(result);
}

static void wishes(void **state)
{
	static const char *const bad_names[] = { "", ",", "a,", "A", "a b", "../a", "host,lab", "none,lab", "a,a", "a,b,c,d,e", "x234567890123456789012345678901x" };
	static const char *const bad_args[] = { "", "portmap=", "8080:80", "portmap=80", "portmap=0:1", "portmap=1:65536", "portmap=1:1/sctp", "portmap=1:2;",
						"portmap=1:2;portmap=1:2/tcp", "IP=10.0.0.1", "portmap=1:2;IP=10.0.0.1", "portmap=-1:2", "portmap=01:2" };
	struct dn_strings words;
	struct dn_err err = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(bad_names) / sizeof(bad_names[0]); i++) {
		assert_int_equal(dn_network_read(bad_names[i], &words, &err), -1);
		assert_non_null(strstr(err.msg, "--container-network="));
	}
	for (size_t i = 0; i < sizeof(bad_args) / sizeof(bad_args[0]); i++) {
		assert_int_equal(dn_network_args_read(bad_args[i], &words, &err), -1);
		assert_non_null(strstr(err.msg, "portmap=8080:80/tcp"));
	}
	assert_int_equal(dn_network_read("lab,dmz-2", &words, &err), 0);
	assert_int_equal(words.n, 2);
	assert_string_equal(words.v[1], "dmz-2");
	dn_strings_free(&words);
	assert_int_equal(dn_network_args_read("portmap=8080:80,portmap=8080:80/udp", &words, &err), 0);
	assert_string_equal(words.v[0], "8080:80/tcp");
	assert_string_equal(words.v[1], "8080:80/udp");
	dn_strings_free(&words);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists),   cmocka_unit_test(what_a_plugin_is_told), cmocka_unit_test(resolver),
		cmocka_unit_test(plugins), cmocka_unit_test(records),		    cmocka_unit_test(wishes),
	};

	return cmocka_run_group_tests(tests, make_home, remove_home);
}
