/* The numbers in the C headers against the tables of native/WIRE.md, in both directions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "wire_text.h"

#define MAX_CELLS 8

struct row {
	char *cell[MAX_CELLS];
	size_t n;
};

struct document {
	char *text;
	char *line;
};

static struct document open_contract(void)
{
	struct document d;
	size_t len;

	d.text = slurp(DN_WIRE_MD, &len);
	if (!d.text)
		fail_msg("cannot read %s", DN_WIRE_MD);
	d.line = d.text;
	return d;
}

static char *trim(char *s)
{
	char *end;

	while (*s == ' ')
		s++;
	end = s + strlen(s);
	while (end > s && end[-1] == ' ')
		*--end = 0;
	return s;
}

/* The next line; false at the end. Cells are filled when it is a row of a table. */
static bool next_line(struct document *d, struct row *r)
{
	char *line = strsep(&d->line, "\n"), *cell;

	if (!line)
		return false;
	r->n = 0;
	if (*line != '|')
		return true;
	line++;
	while (r->n < MAX_CELLS && (cell = strsep(&line, "|")) && line)
		r->cell[r->n++] = trim(cell);
	return true;
}

static const struct {
	const char *name;
	unsigned number;
} kinds[] = {
	{ "LAUNCH", DN_KIND_LAUNCH }, { "PLAN", DN_KIND_PLAN }, { "REFUSAL", DN_KIND_REFUSAL },
	{ "PING", DN_KIND_PING },     { "PONG", DN_KIND_PONG },
}, codes[] = {
	{ "POLICY", DN_POLICY },     { "IMAGE_BAD", DN_IMAGE_BAD }, { "IMAGE_ABSENT", DN_IMAGE_ABSENT },
	{ "CONFIG", DN_CONFIG },     { "REQUEST", DN_REQUEST },	    { "SETUP", DN_SETUP },
	{ "UNAVAILABLE", DN_UNAVAILABLE }, { "INTERNAL", DN_INTERNAL },
}, views[] = {
	{ "PROC", DN_VIEW_PROC }, { "SYS", DN_VIEW_SYS }, { "DEV", DN_VIEW_DEV },   { "TMP", DN_VIEW_TMP },
	{ "HOME", DN_VIEW_HOME }, { "CWD", DN_VIEW_CWD }, { "ETC", DN_VIEW_ETC },   { "PMIX", DN_VIEW_PMIX },
	{ "SCRIPT", DN_VIEW_SCRIPT },
}, bind_flags[] = {
	{ "READ_ONLY", DN_BIND_READ_ONLY }, { "OPTIONAL", DN_BIND_OPTIONAL }, { "AS_NAMED", DN_BIND_AS_NAMED },
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void kind_numbers(void **state)
{
	struct document d = open_contract();
	size_t seen = 0, i;
	struct row r;

	(void)state;
	while (next_line(&d, &r)) {
		if (r.n != 3 || (strcmp(r.cell[2], "C to Java") && strcmp(r.cell[2], "Java to C")))
			continue;
		for (i = 0; i < COUNT(kinds) && strcmp(kinds[i].name, r.cell[0]); i++)
			;
		assert_true(i < COUNT(kinds));
		assert_int_equal(kinds[i].number, atoi(r.cell[1]));
		assert_string_equal(dn_wire_table(kinds[i].number)->name, r.cell[0]);
		seen++;
	}
	assert_int_equal(seen, COUNT(kinds));
	assert_null(dn_wire_table(0));
	assert_null(dn_wire_table(DN_KIND_PONG + 1));
	free(d.text);
}

static void code_numbers(void **state)
{
	struct document d = open_contract();
	size_t seen = 0, i;
	bool codes_section = false;
	struct row r;

	(void)state;
	while (next_line(&d, &r)) {
		if (r.n != 4)
			continue;
		if (strcmp(r.cell[0], "code") == 0)
			codes_section = true;
		if (!codes_section || !atoi(r.cell[1]))
			continue;
		for (i = 0; i < COUNT(codes) && strcmp(codes[i].name, r.cell[0]); i++)
			;
		assert_true(i < COUNT(codes));
		assert_int_equal(codes[i].number, atoi(r.cell[1]));
		seen++;
	}
	assert_int_equal(seen, COUNT(codes));
	free(d.text);
}

static const char *const type_names[] = {
	[DN_TYPE_U32] = "u32",	   [DN_TYPE_U64] = "u64",	  [DN_TYPE_STR] = "str",   [DN_TYPE_PATH] = "path",
	[DN_TYPE_COMMAND] = "command", [DN_TYPE_PATTERN] = "pattern",
	[DN_TYPE_NETWORK] = "network", [DN_TYPE_PORT] = "port",
	[DN_TYPE_U32_ARRAY] = "u32[]", [DN_TYPE_BYTES32] = "bytes32", [DN_TYPE_BIND] = "bind", [DN_TYPE_ENV] = "env",
};
static const char *const occurs_names[] = { [DN_ONCE] = "1", [DN_OPTIONAL] = "?", [DN_ANY] = "*" };

static const struct dn_table *table_named(const char *name)
{
	unsigned k;

	for (k = DN_KIND_LAUNCH; k <= DN_KIND_PONG; k++)
		if (strcmp(dn_wire_table(k)->name, name) == 0)
			return dn_wire_table(k);
	return NULL;
}

/* The document's rows stand in the order of our tables, which is the order of encoding. */
static void tags(void **state)
{
	struct document d = open_contract();
	size_t seen[DN_KIND_PONG + 1] = { 0 };
	unsigned k;
	struct row r;

	(void)state;
	while (next_line(&d, &r)) {
		const struct dn_table *t;
		const struct dn_field *f;
		size_t at;

		if (r.n != 6 || strncmp(r.cell[2], "0x", 2))
			continue;
		t = table_named(r.cell[0]);
		assert_non_null(t);
		at = seen[t - dn_wire_table(1) + 1]++;
		assert_true(at < t->nfields);
		f = &t->fields[at];
		assert_string_equal(f->name, r.cell[1]);
		assert_int_equal(f->tag, strtoul(r.cell[2], NULL, 16));
		assert_string_equal(type_names[f->type], r.cell[3]);
		assert_string_equal(occurs_names[f->occurs], r.cell[4]);
	}
	for (k = DN_KIND_LAUNCH; k <= DN_KIND_PONG; k++)
		assert_int_equal(seen[k], dn_wire_table(k)->nfields);
	free(d.text);
}

/* The paragraph from start to the next empty line; its "NAME number" pairs are exactly these. */
static unsigned pairs_in(const char *start)
{
	struct document d = open_contract();
	char *p = strstr(d.text, start), *end;
	unsigned found = 0;

	assert_non_null(p);
	end = strstr(p, "\n\n");
	if (end)
		*end = 0;
	for (p += strlen(start); *p; p++) {
		char name[32];
		unsigned number;

		if (p[-1] != ' ' || sscanf(p, "%31[A-Z_] %u", name, &number) != 2)
			continue;
		found++;
	}
	free(d.text);
	return found;
}

static void paragraph_says(const char *start, const char *name, unsigned number)
{
	struct document d = open_contract();
	char *p = strstr(d.text, start), *end, pair[64];

	assert_non_null(p);
	end = strstr(p, "\n\n");
	if (end)
		*end = 0;
	snprintf(pair, sizeof(pair), " %s %u", name, number);
	p = strstr(p, pair);
	if (!p)
		fail_msg("'%s' lacks '%s'", start, pair);
	assert_false(isdigit((unsigned char)p[strlen(pair)]));
	free(d.text);
}

static void bits(void **state)
{
	unsigned all = 0;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(views); i++) {
		paragraph_says("Bits of VIEW:", views[i].name, views[i].number);
		all |= views[i].number;
	}
	assert_int_equal(all, DN_VIEW_ALL);
	assert_int_equal(pairs_in("Bits of VIEW:"), COUNT(views));
	for (all = 0, i = 0; i < COUNT(bind_flags); i++) {
		paragraph_says("Flags of `bind`:", bind_flags[i].name, bind_flags[i].number);
		all |= bind_flags[i].number;
	}
	assert_int_equal(all, DN_BIND_ALL);
	assert_int_equal(pairs_in("Flags of `bind`:"), COUNT(bind_flags));
}

static void limits(void **state)
{
	struct document d = open_contract();

	(void)state;
	assert_non_null(strstr(d.text, "at most 1,048,576 bytes"));
	assert_int_equal(DN_WIRE_MAX_BODY, 1048576);
	assert_non_null(strstr(d.text, "at most 4096 bytes"));
	assert_int_equal(DN_WIRE_MAX_STR, 4096);
	assert_non_null(strstr(d.text, "at most 32768 bytes"));
	assert_int_equal(DN_WIRE_MAX_ENV, 32768);
	assert_non_null(strstr(d.text, "(at most 1024)"));
	assert_int_equal(DN_WIRE_MAX_REPEAT, 1024);
	assert_non_null(strstr(d.text, "| major version: 1 |"));
	assert_int_equal(DN_WIRE_MAJOR, 1);
	assert_non_null(strstr(d.text, "| minor version: 1 |"));
	assert_int_equal(DN_WIRE_MINOR, 1);
	free(d.text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kind_numbers), cmocka_unit_test(code_numbers), cmocka_unit_test(tags),
		cmocka_unit_test(bits),		cmocka_unit_test(limits),
	};

	return cmocka_run_group_tests_name("contract", tests, NULL, NULL);
}
