#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cni.h"
#include "tree.h"

#define LARGEST 1048576u
#define DEEPEST 32
#define MOST_PLUGINS 16u

static const char *const versions[] = { "0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0" };

struct json_object *dn_json_object(const char *text, size_t len, const char *what, struct dn_err *err)
{
	struct json_tokener *tok = json_tokener_new_ex(DEEPEST);
	struct json_object *object = NULL;

	if (!tok) {
		dn_fail(err, DN_INTERNAL, "out of memory");
		return NULL;
	}
	json_tokener_set_flags(tok, JSON_TOKENER_STRICT);
	while (len > 0 && isspace((unsigned char)text[len - 1]))
		len--;
	if (len <= LARGEST)
		object = json_tokener_parse_ex(tok, text, (int)len);
	if (len > LARGEST)
		dn_fail(err, DN_CONFIG, "%s is larger than %u bytes", what, LARGEST);
	else if (!object || json_tokener_get_parse_end(tok) != len || !json_object_is_type(object, json_type_object))
		dn_fail(err, DN_CONFIG, "%s is no JSON object: %s near byte %zu", what,
			object || json_tokener_get_error(tok) == json_tokener_success ? "unexpected text" :
											json_tokener_error_desc(json_tokener_get_error(tok)),
			json_tokener_get_parse_end(tok));
	else
		goto out;
	json_object_put(object);
	object = NULL;
out:
	json_tokener_free(tok);
	return object;
}

static struct json_object *member(struct json_object *object, const char *key, enum json_type type)
{
	struct json_object *value = NULL;

	return json_object_object_get_ex(object, key, &value) && json_object_is_type(value, type) ? value : NULL;
}

const char *dn_json_text(struct json_object *object, const char *key)
{
	struct json_object *value = member(object, key, json_type_string);

	return value && strlen(json_object_get_string(value)) == (size_t)json_object_get_string_len(value) ? json_object_get_string(value) : NULL;
}

struct json_object *dn_json_array(struct json_object *object, const char *key)
{
	return member(object, key, json_type_array);
}

void dn_json_add_all(struct json_object *to, struct json_object *from)
{
	struct json_object_iterator at = json_object_iter_begin(from), end = json_object_iter_end(from);

	for (; !json_object_iter_equal(&at, &end); json_object_iter_next(&at))
		json_object_object_add(to, json_object_iter_peek_name(&at), json_object_get(json_object_iter_peek_value(&at)));
}

/* Root's, in production: who runs this is root. */
static int check_owner(int fd, const char *path, bool directory, struct dn_err *err)
{
	struct stat st;

	if (fstat(fd, &st))
		return dn_fail_errno(err, DN_CONFIG, errno, "cannot look at %s", path);
	if ((directory ? S_ISDIR(st.st_mode) : S_ISREG(st.st_mode)) && st.st_uid == geteuid() && !(st.st_mode & (S_IWGRP | S_IWOTH)))
		return 0;
	return dn_fail(err, DN_CONFIG, "%s must belong to root and be writable for root alone; run: chown root:root %s; chmod go-w %s", path, path,
		       path);
}

static int read_file(const char *directory, const char *name, char path[PATH_MAX], char **text, size_t *len, struct dn_err *err)
{
	int dir = open(directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), fd = -1, rc = -1;

	*text = NULL;
	if (snprintf(path, PATH_MAX, "%s/%s.conflist", directory, name) >= PATH_MAX) {
		dn_fail(err, DN_CONFIG, "the path of network '%s' is too long", name);
		goto out;
	}
	if (dir >= 0)
		fd = openat(dir, path + strlen(directory) + 1, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0) {
		dn_fail_errno(err, DN_CONFIG, errno, "this node has no network '%s': %s cannot be opened", name, path);
		goto out;
	}
	if (check_owner(dir, directory, true, err) || check_owner(fd, path, false, err))
		goto out;
	rc = dn_read_file(fd, LARGEST, text, len);
	if (rc)
		dn_fail_errno(err, DN_CONFIG, errno, "cannot read %s (at most %u bytes)", path, LARGEST);
out:
	if (fd >= 0)
		close(fd);
	if (dir >= 0)
		close(dir);
	return rc;
}

static int check_version(struct json_object *list, const char *path, struct dn_err *err)
{
	const char *version = dn_json_text(list, "cniVersion");

	for (size_t i = 0; version && i < sizeof(versions) / sizeof(versions[0]); i++)
		if (strcmp(version, versions[i]) == 0)
			return 0;
	return dn_fail(err, DN_CONFIG, "%s: cniVersion is to be one of 0.3.0, 0.3.1, 0.4.0, 1.0.0 and 1.1.0", path);
}

/* The name of a program in the directory of plugins, and of nothing else. */
static bool is_type(const char *type)
{
	size_t len = type ? strlen(type) : 0;

	return len > 0 && len <= 64 && type[0] != '.' &&
	       strspn(type, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") == len;
}

static int check_list(struct json_object *list, const char *name, const char *path, struct dn_err *err)
{
	struct json_object *plugins = dn_json_array(list, "plugins");
	const char *own = dn_json_text(list, "name");
	size_t n = plugins ? json_object_array_length(plugins) : 0;

	if (!own || strcmp(own, name) != 0)
		return dn_fail(err, DN_CONFIG, "%s: name is to be \"%s\", as the file's", path, name);
	if (check_version(list, path, err))
		return -1;
	if (n < 1 || n > MOST_PLUGINS)
		return dn_fail(err, DN_CONFIG, "%s: plugins is to be a list of 1 to %u plugins", path, MOST_PLUGINS);
	for (size_t i = 0; i < n; i++) {
		struct json_object *plugin = json_object_array_get_idx(plugins, i);

		if (!json_object_is_type(plugin, json_type_object) || !is_type(dn_json_text(plugin, "type")))
			return dn_fail(err, DN_CONFIG, "%s: plugin %zu has no type that names a program in the directory of plugins", path, i + 1);
	}
	return 0;
}

int dn_conflist_read(const char *directory, const char *name, struct json_object **list, struct dn_err *err)
{
	char path[PATH_MAX], *text = NULL;
	size_t len = 0;
	int rc = -1;

	*list = NULL;
	if (read_file(directory, name, path, &text, &len, err) == 0)
		*list = dn_json_object(text, len, path, err);
	if (*list)
		rc = check_list(*list, name, path, err);
	free(text);
	if (rc && *list) {
		json_object_put(*list);
		*list = NULL;
	}
	return rc;
}

size_t dn_conflist_plugins(struct json_object *list)
{
	return json_object_array_length(dn_json_array(list, "plugins"));
}

static bool maps_ports(struct json_object *plugin)
{
	struct json_object *capabilities = member(plugin, "capabilities", json_type_object);

	return capabilities && json_object_get_boolean(member(capabilities, "portMappings", json_type_boolean));
}

bool dn_conflist_maps_ports(struct json_object *list)
{
	struct json_object *plugins = dn_json_array(list, "plugins");

	for (size_t i = 0; i < json_object_array_length(plugins); i++)
		if (maps_ports(json_object_array_get_idx(plugins, i)))
			return true;
	return false;
}

struct json_object *dn_conflist_plugin(struct json_object *list, size_t i, struct json_object *previous, struct json_object *mappings)
{
	struct json_object *plugin = json_object_array_get_idx(dn_json_array(list, "plugins"), i), *config = json_object_new_object();

	dn_json_add_all(config, plugin);
	json_object_object_add(config, "name", json_object_new_string(dn_json_text(list, "name")));
	json_object_object_add(config, "cniVersion", json_object_new_string(dn_json_text(list, "cniVersion")));
	/* for us, and never the file's: whoever runs plugins says these */
	json_object_object_del(config, "capabilities");
	json_object_object_del(config, "prevResult");
	json_object_object_del(config, "runtimeConfig");
	if (previous)
		json_object_object_add(config, "prevResult", json_object_get(previous));
	if (mappings && json_object_array_length(mappings) && maps_ports(plugin)) {
		struct json_object *runtime = json_object_new_object();

		json_object_object_add(runtime, "portMappings", json_object_get(mappings));
		json_object_object_add(config, "runtimeConfig", runtime);
	}
	return config;
}

struct json_object *dn_port_mappings(const struct dn_strings *ports)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < ports->n; i++) {
		struct json_object *one = json_object_new_object();
		char *end = NULL;

		json_object_object_add(one, "hostPort", json_object_new_int((int)strtol(ports->v[i], &end, 10)));
		json_object_object_add(one, "containerPort", json_object_new_int((int)strtol(end + 1, &end, 10)));
		json_object_object_add(one, "protocol", json_object_new_string(end + 1));
		json_object_array_add(list, one);
	}
	return list;
}

/* One word of a line in a resolver's file. */
static bool is_word(const char *text)
{
	for (const char *p = text; p && *p; p++)
		if (!isgraph((unsigned char)*p))
			return false;
	return text && *text && strlen(text) <= 253;
}

static void put_words(struct json_object *dns, const char *key, const char *line, FILE *out)
{
	struct json_object *words = dn_json_array(dns, key);
	bool any = false;

	for (size_t i = 0; words && i < json_object_array_length(words); i++) {
		struct json_object *word = json_object_array_get_idx(words, i);

		if (!json_object_is_type(word, json_type_string) || !is_word(json_object_get_string(word)))
			continue;
		fprintf(out, "%s%s %s", any && *line == 'n' ? "\n" : "", any && *line != 'n' ? "" : line, json_object_get_string(word));
		any = true;
	}
	if (any)
		fputc('\n', out);
}

void dn_resolver_lines(struct json_object *result, FILE *out)
{
	struct json_object *dns = member(result, "dns", json_type_object);
	struct json_object *servers = dns ? dn_json_array(dns, "nameservers") : NULL;

	if (!servers || json_object_array_length(servers) == 0)
		return;
	put_words(dns, "nameservers", "nameserver", out);
	if (is_word(dn_json_text(dns, "domain")))
		fprintf(out, "domain %s\n", dn_json_text(dns, "domain"));
	put_words(dns, "search", "search", out);
	put_words(dns, "options", "options", out);
}
