/* The loader looks for what a library needs in the DT_RPATH of that library and of all that led to it, before any other place. So
 * one library without code, which stands where programs find libmpi.so.40 and the like, brings the host's library and all
 * that belongs to it into the programs that ask for it, and into no others. */
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "hostfiles.h"

#define RPATH DN_HOST_DIR "/lib"
#define PAGES 0x10000u /* the largest page of any processor */
#define MAX_NEEDED 256u

#if defined(__x86_64__)
#define MACHINE EM_X86_64
#elif defined(__aarch64__)
#define MACHINE EM_AARCH64
#else
#error "name the ELF machine of this processor"
#endif

/* Everything but the dynamic section and the texts, which differ in length. */
struct head {
	Elf64_Ehdr ehdr;
	Elf64_Phdr phdr[3];
	Elf64_Word hash[4]; /* one bucket, one symbol, both empty */
	Elf64_Sym null;
	Elf64_Dyn dyn[];
};

static void fill_head(struct head *h, size_t dyn_len, size_t len)
{
	h->ehdr = (Elf64_Ehdr){
		.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
		.e_type = ET_DYN, .e_machine = MACHINE, .e_version = EV_CURRENT, .e_phoff = offsetof(struct head, phdr),
		.e_ehsize = sizeof(h->ehdr), .e_phentsize = sizeof(h->phdr[0]), .e_phnum = 3,
	};
	/* Older loaders write into the dynamic section. */
	h->phdr[0] = (Elf64_Phdr){ .p_type = PT_LOAD, .p_flags = PF_R | PF_W, .p_filesz = len, .p_memsz = len, .p_align = PAGES };
	h->phdr[1] = (Elf64_Phdr){
		.p_type = PT_DYNAMIC, .p_flags = PF_R | PF_W, .p_offset = offsetof(struct head, dyn), .p_vaddr = offsetof(struct head, dyn),
		.p_paddr = offsetof(struct head, dyn), .p_filesz = dyn_len, .p_memsz = dyn_len, .p_align = 8,
	};
	h->phdr[2] = (Elf64_Phdr){ .p_type = PT_GNU_STACK, .p_flags = PF_R | PF_W, .p_align = 16 };
	h->hash[0] = h->hash[1] = 1;
}

int dn_host_shim_make(const char *const needed[], size_t n, char **data, size_t *len, struct dn_err *err)
{
	size_t dyn_len = (n + 7) * sizeof(Elf64_Dyn), texts = sizeof(struct head) + dyn_len, size = texts + 1 + sizeof(RPATH), at, i;
	struct head *h;
	Elf64_Dyn *d;
	char *out;

	if (n > MAX_NEEDED)
		return dn_fail(err, DN_INTERNAL, "a library of the host would load more than %u others", MAX_NEEDED);
	for (i = 0; i < n; i++)
		size += strlen(needed[i]) + 1;
	out = calloc(1, size);
	if (!out)
		return dn_fail(err, DN_INTERNAL, "out of memory for a library");
	h = (struct head *)(void *)out;
	fill_head(h, dyn_len, size);
	d = h->dyn;
	at = texts + 1;
	for (i = 0; i < n; i++) {
		*d++ = (Elf64_Dyn){ .d_tag = DT_NEEDED, .d_un.d_val = at - texts };
		memcpy(out + at, needed[i], strlen(needed[i]));
		at += strlen(needed[i]) + 1;
	}
	memcpy(out + at, RPATH, sizeof(RPATH));
	*d++ = (Elf64_Dyn){ .d_tag = DT_RPATH, .d_un.d_val = at - texts };
	*d++ = (Elf64_Dyn){ .d_tag = DT_HASH, .d_un.d_ptr = offsetof(struct head, hash) };
	*d++ = (Elf64_Dyn){ .d_tag = DT_SYMTAB, .d_un.d_ptr = offsetof(struct head, null) };
	*d++ = (Elf64_Dyn){ .d_tag = DT_SYMENT, .d_un.d_val = sizeof(Elf64_Sym) };
	*d++ = (Elf64_Dyn){ .d_tag = DT_STRTAB, .d_un.d_ptr = texts };
	*d = (Elf64_Dyn){ .d_tag = DT_STRSZ, .d_un.d_val = size - texts };
	*data = out;
	*len = size;
	return 0;
}
