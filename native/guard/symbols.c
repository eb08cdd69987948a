/* dlsym is not enough: RTLD_NEXT does not see libraries that Python's mpi4py and the like open for themselves, and older C
 * libraries keep it in a library of its own. So the tables of the loaded objects are read here. */
#include "symbols.h"

#include <elf.h>
#include <link.h>
#include <stddef.h>
#include <stdint.h>

/* Weak: a program without it is left alone. */
extern int dl_iterate_phdr(int (*visit)(struct dl_phdr_info *, size_t, void *), void *data) __attribute__((weak));

extern ElfW(Dyn) _DYNAMIC[] __attribute__((visibility("hidden")));

struct tables {
	const ElfW(Sym) *symbols;
	const char *strings;
	const uint32_t *gnu_hash, *hash;
};

struct search {
	const char *name, *file;
	void *found;
	bool behind, passed_self;
};

bool guard_same(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

/* glibc has added the object's address already, musl has not. */
static const void *address(const struct dl_phdr_info *object, ElfW(Addr) value)
{
	return (const void *)(value < object->dlpi_addr ? value + object->dlpi_addr : value);
}

static void read_dynamic(const struct dl_phdr_info *object, const ElfW(Dyn) *entry, struct tables *t)
{
	for (; entry->d_tag != DT_NULL; entry++) {
		const void *at = address(object, entry->d_un.d_ptr);

		if (entry->d_tag == DT_SYMTAB)
			t->symbols = at;
		else if (entry->d_tag == DT_STRTAB)
			t->strings = at;
		else if (entry->d_tag == DT_GNU_HASH)
			t->gnu_hash = at;
		else if (entry->d_tag == DT_HASH)
			t->hash = at;
	}
}

static bool is_it(const struct tables *t, uint32_t number, const char *name)
{
	const ElfW(Sym) *s = &t->symbols[number];

	return s->st_shndx != SHN_UNDEF && s->st_value != 0 && guard_same(t->strings + s->st_name, name);
}

static uint32_t hash_of(const char *name, uint32_t start, uint32_t factor)
{
	for (; *name; name++)
		start = start * factor + (unsigned char)*name;
	return start;
}

static uint32_t by_gnu_hash(const struct tables *t, const char *name)
{
	const uint32_t buckets = t->gnu_hash[0], first = t->gnu_hash[1], words = t->gnu_hash[2];
	const uint32_t *bucket = t->gnu_hash + 4 + words * (sizeof(ElfW(Addr)) / 4), *chain = bucket + buckets;
	uint32_t hash = hash_of(name, 5381, 33), at;

	if (buckets == 0 || bucket[hash % buckets] < first)
		return 0;
	for (at = bucket[hash % buckets];; at++) {
		if ((chain[at - first] | 1) == (hash | 1) && is_it(t, at, name))
			return at;
		if (chain[at - first] & 1)
			return 0;
	}
}

/* The old table is read as a list: it also tells how many symbols there are. */
static uint32_t by_list(const struct tables *t, const char *name)
{
	uint32_t at;

	for (at = 1; at < t->hash[1]; at++)
		if (is_it(t, at, name))
			return at;
	return 0;
}

static void *look_up(const struct dl_phdr_info *object, const ElfW(Dyn) *dynamic, const char *name)
{
	struct tables t = { NULL, NULL, NULL, NULL };
	uint32_t number = 0;

	read_dynamic(object, dynamic, &t);
	if (!t.symbols || !t.strings)
		return NULL;
	if (t.gnu_hash)
		number = by_gnu_hash(&t, name);
	else if (t.hash)
		number = by_list(&t, name);
	return number ? (void *)(object->dlpi_addr + t.symbols[number].st_value) : NULL;
}

static int visit(struct dl_phdr_info *object, size_t size, void *data)
{
	struct search *s = data;
	size_t i;

	(void)size;
	for (i = 0; i < object->dlpi_phnum; i++) {
		const ElfW(Dyn) *dynamic = (const void *)(object->dlpi_addr + object->dlpi_phdr[i].p_vaddr);

		if (object->dlpi_phdr[i].p_type != PT_DYNAMIC)
			continue;
		if (dynamic == _DYNAMIC)
			s->passed_self = true;
		else if (s->passed_self || !s->behind)
			s->found = look_up(object, dynamic, s->name);
	}
	s->file = object->dlpi_name;
	return s->found != NULL;
}

void *guard_find(const char *name, bool behind)
{
	struct search s = { name, NULL, NULL, behind, false };

	if (dl_iterate_phdr)
		(void)dl_iterate_phdr(visit, &s);
	return s.found;
}

void *guard_find_with_file(const char *name, const char **file)
{
	struct search s = { name, NULL, NULL, true, false };

	if (dl_iterate_phdr)
		(void)dl_iterate_phdr(visit, &s);
	*file = s.file ? s.file : "";
	return s.found;
}
