/* SPDX-License-Identifier: BSD-2-Clause */
/* A vmlinux as a source of symbols and types. */
#include "profile/elf.h"

#include <ctype.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "symbols/kallsyms.h"
#include "profile/limits.h"
#include "profile/scan.h"

/* Where images are linked to: docs/facts/kernel.md, "Kernel files" */
#define KERNEL_MAP  0xffffffff80000000ULL
#define MAX_HEADERS 65536u
#define SYMBOL_LEN  24u

/* The file while its parts are taken. */
struct elf_reader {
	struct elf_image *e;
	uint64_t len;
	uint64_t left; /* bytes that may yet be taken */
	unsigned int parts_left;
	struct err *err;
};

/*
 * A part of the file, as libelf reads it: once.  Nothing where it lies
 * outside.
 */
static int part(struct elf_reader *r, uint64_t off, uint64_t n,
		struct elf_section *out)
{
	Elf_Data *data;

	*out = (struct elf_section){0};
	if (!n || off > r->len || n > r->len - off)
		return 0;
	if (n > r->left || !r->parts_left)
		return err_set(r->err, ERR_REFUSED,
			       "more than %u MiB, or %u parts, would have to "
			       "be read of it, which qvmi does not do",
			       LIMIT_ELF >> 20, LIMIT_ELF_PARTS);
	r->left -= n;
	r->parts_left--;
	data = elf_getdata_rawchunk(r->e->elf, (int64_t)off, n, ELF_T_BYTE);
	if (!data || !data->d_buf || data->d_size != n)
		return err_set(r->err, ERR_SYS, "cannot be read: %s",
			       elf_errmsg(-1));
	*out = (struct elf_section){.bytes = data->d_buf, .len = n};
	return 0;
}

/* The loadable segments of the image, and the lowest address. */
static int load_segments(struct elf_reader *r)
{
	struct elf_image *e = r->e;
	struct elf_section s;
	size_t i, n;
	GElf_Phdr ph;
	int rc;

	if (elf_getphdrnum(e->elf, &n) || n > MAX_HEADERS)
		return 0;
	for (i = 0; i < n; i++) {
		if (!gelf_getphdr(e->elf, (int)i, &ph) ||
		    ph.p_type != PT_LOAD || ph.p_vaddr < KERNEL_MAP)
			continue;
		rc = part(r, ph.p_offset, ph.p_filesz, &s);
		if (rc)
			return rc;
		if (vec_push(
			    &e->segments,
			    {.va = ph.p_vaddr, .bytes = s.bytes, .len = s.len}))
			return err_nomem(r->err);
		if (!e->text || ph.p_vaddr < e->text)
			e->text = ph.p_vaddr;
	}
	return 0;
}

/* A section by name or type. */
static int load_section(struct elf_reader *r, const GElf_Shdr *sh,
			const char *name)
{
	struct elf_image *e = r->e;
	GElf_Shdr link;
	int rc = 0;

	if (sh->sh_type == SHT_NOBITS || sh->sh_flags & SHF_COMPRESSED)
		return 0;
	if (name && !strcmp(name, ".BTF"))
		rc = part(r, sh->sh_offset, sh->sh_size, &e->btf);
	if (rc || sh->sh_type != SHT_SYMTAB ||
	    !gelf_getshdr(elf_getscn(e->elf, sh->sh_link), &link))
		return rc;
	rc = part(r, sh->sh_offset, sh->sh_size, &e->symtab);
	return rc ? rc : part(r, link.sh_offset, link.sh_size, &e->strtab);
}

/*
 * The letter of what lies in a section (docs/facts/kernel.md, "Symbols").  In a
 * debug file all are without bytes, but the names are left.
 */
static char section_letter(const GElf_Shdr *sh, const char *name)
{
	if (!(sh->sh_flags & SHF_ALLOC) || !name)
		return 'n';
	if (sh->sh_flags & SHF_EXECINSTR)
		return 't';
	if (!strncmp(name, ".bss", 4) || !strncmp(name, ".brk", 4))
		return 'b';
	return sh->sh_flags & SHF_WRITE ? 'd' : 'r';
}

/* .BTF also of files that are nothing else. */
static int load_sections(struct elf_reader *r)
{
	Elf *elf = r->e->elf;
	size_t names, i, n;
	const char *name;
	GElf_Shdr sh;
	int rc = 0;

	if (elf_getshdrnum(elf, &n) || n > MAX_HEADERS ||
	    elf_getshdrstrndx(elf, &names))
		return 0;
	for (i = 0; i < n && !rc; i++) {
		if (!gelf_getshdr(elf_getscn(elf, i), &sh))
			break;
		name = elf_strptr(elf, names, sh.sh_name);
		rc = load_section(r, &sh, name);
		if (!rc && vec_push(&r->e->letters, section_letter(&sh, name)))
			rc = err_nomem(r->err);
	}
	return rc;
}

/* Take what is wanted of the ELF file e->elf, or NULL. */
static int elf_load(struct elf_image *e, size_t len, struct err *err)
{
	struct elf_reader r = {.e = e,
			       .len = len,
			       .left = LIMIT_ELF,
			       .parts_left = LIMIT_ELF_PARTS,
			       .err = err};
	GElf_Ehdr eh;
	int rc;

	if (!e->elf || elf_kind(e->elf) != ELF_K_ELF ||
	    !gelf_getehdr(e->elf, &eh))
		rc = err_set(err, ERR_CORRUPT, "damaged ELF file");
	else if (eh.e_ident[EI_CLASS] != ELFCLASS64 ||
		 eh.e_ident[EI_DATA] != ELFDATA2LSB ||
		 eh.e_machine != EM_X86_64)
		rc = err_set(err, ERR_CORRUPT,
			     "ELF file of another architecture (machine %u "
			     "of elf.h)",
			     eh.e_machine);
	else
		rc = load_segments(&r);
	if (!rc)
		rc = load_sections(&r);
	if (rc)
		elf_deinit(e);
	return rc;
}

int elf_open(struct elf_image *e, const void *bytes, size_t len,
	     struct err *err)
{
	union {
		const void *bytes;
		char *image; /* libelf only reads it */
	} u = {.bytes = bytes};

	elf_version(EV_CURRENT);
	*e = (struct elf_image){.elf = elf_memory(u.image, len)};
	return elf_load(e, len, err);
}

int elf_open_file(struct elf_image *e, int fd, size_t len, struct err *err)
{
	elf_version(EV_CURRENT);
	*e = (struct elf_image){.elf = elf_begin(fd, ELF_C_READ, NULL)};
	return elf_load(e, len, err);
}

void elf_deinit(struct elf_image *e)
{
	vec_deinit(&e->segments);
	vec_deinit(&e->letters);
	elf_end(e->elf);
	*e = (struct elf_image){0};
}

static bool read_one(const struct elf_image *e, const struct image_read *r)
{
	uint64_t at;
	size_t i;

	for (i = 0; i < e->segments.n; i++) {
		const struct elf_segment *s = &e->segments.v[i];

		at = e->text + r->offset - s->va;
		if (e->text + r->offset < s->va || at > s->len ||
		    r->len > s->len - at)
			continue;
		if (r->len)
			memcpy(r->dst, s->bytes + at, r->len);
		return true;
	}
	return false;
}

static int read_elf(const void *ctx, struct image_read *reads, size_t n,
		    struct err *err)
{
	size_t i;

	(void)err;
	for (i = 0; i < n; i++)
		reads[i].ok = read_one(ctx, &reads[i]);
	return 0;
}

static struct image_bytes elf_bytes(const struct elf_image *e)
{
	return (struct image_bytes){.read = read_elf, .ctx = e};
}

/* What a symbol table has that is no symbol of the kernel. */
static bool is_noise(uint8_t type, uint16_t section, const char *name)
{
	return type == STT_FILE || type == STT_SECTION ||
	       section == SHN_UNDEF || !*name || !strncmp(name, ".L", 2) ||
	       !strncmp(name, "__crc_", 6);
}

/* As nm(1) has it: upper case is global. */
static char symbol_letter(const struct elf_image *e, uint8_t info,
			  uint16_t section)
{
	char letter = SYMTAB_NO_TYPE;

	if (ELF64_ST_BIND(info) == STB_WEAK)
		return ELF64_ST_TYPE(info) == STT_OBJECT ? 'V' : 'W';
	if (section == SHN_ABS)
		letter = 'a';
	else if (section < e->letters.n)
		letter = e->letters.v[section];
	return ELF64_ST_BIND(info) == STB_LOCAL ? letter
						: (char)toupper(letter);
}

/* .symtab (Elf64_Sym records), by the cursor. */
static int take_symtab(const struct elf_image *e, struct parts *p,
		       struct err *err)
{
	_cleanup_(symtab_builder_deinit) struct symtab_builder b = {0};
	struct cursor c, names;
	struct symtab_symbol sym;
	const char *name;
	uint16_t section;
	uint8_t info;
	int rc;

	cursor_init(&c, e->symtab.bytes, e->symtab.len);
	while (cursor_left(&c) >= SYMBOL_LEN) {
		cursor_init(&names, e->strtab.bytes, e->strtab.len);
		cursor_seek(&names, cursor_u32(&c));
		name = cursor_cstr(&names);
		info = cursor_u8(&c);
		cursor_skip(&c, 1);
		section = cursor_u16(&c);
		sym = symtab_classify(cursor_u64(&c), e->text);
		sym.type = symbol_letter(e, info, section);
		cursor_skip(&c, 8);
		if (!name || is_noise(ELF64_ST_TYPE(info), section, name) ||
		    strlen(name) > SYMTAB_MAX_NAME)
			continue;
		rc = symtab_add(&b, &sym, name, strlen(name));
		if (rc)
			return err_set(err, rc, "symbol table");
	}
	return b.image.n ? parts_take_symbols(p, &b, err) : 0;
}

/* kallsyms in the loadable segments, for a stripped file. */
static int take_kallsyms(const struct elf_image *e, struct parts *p,
			 struct err *err)
{
	size_t i, at;
	int rc = 0;

	for (i = 0; i < e->segments.n && !rc; i++) {
		struct scan s = {.at = e->segments.v[i].bytes,
				 .len = e->segments.v[i].len,
				 .va = e->segments.v[i].va,
				 .text = e->text,
				 .image = elf_bytes(e)};

		for (at = 0; !rc && kallsyms_tokens(s.at, s.len, &at); at++)
			rc = scan_kallsyms(&s, at, p, err);
	}
	return rc < 0 ? rc : 0;
}

/* Hold the types without the file. */
static int own_btf(struct parts *p, struct err *err)
{
	void *copy;

	if (!p->btf || p->btf_heap)
		return 0;
	copy = malloc(p->btf_len);
	if (copy)
		memcpy(copy, p->btf, p->btf_len);
	p->btf = p->btf_heap = copy;
	return copy ? 0 : err_nomem(err);
}

/* BTF without a section header to name it. */
static int search_btf(const struct elf_image *e, struct parts *p,
		      struct err *err)
{
	size_t i, at, size;
	int rc;

	for (i = 0; i < e->segments.n; i++) {
		const struct elf_segment *s = &e->segments.v[i];

		for (at = 0; scan_btf(s->bytes, s->len, &at, &size); at++) {
			if (size > s->len - at)
				continue;
			rc = parts_take_btf(p, s->bytes + at, size, NULL, err);
			if (rc != ERR_CORRUPT)
				return rc;
		}
	}
	return 0;
}

int elf_parts(const struct elf_image *e, struct parts *p, struct err *err)
{
	struct image_bytes bytes = elf_bytes(e);
	int rc = 0;

	p->link_text = e->text;
	if (e->text && e->symtab.len)
		rc = take_symtab(e, p, err);
	if (!rc && e->text && !p->sym.n)
		rc = take_kallsyms(e, p, err);
	if (!rc && e->btf.len)
		rc = parts_take_btf(p, e->btf.bytes, e->btf.len, NULL, err);
	else if (!rc)
		rc = search_btf(e, p, err);
	if (!rc)
		rc = own_btf(p, err);
	if (rc)
		return rc;
	parts_find_places(p);
	if (p->places.banner.len)
		rc = identity_make(&p->id, &p->places, &bytes, err);
	if (rc == ERR_NOT_FOUND || rc == ERR_UNREADABLE) {
		/* A debug file without the bytes themselves. */
		p->id.n = 0;
		rc = 0;
	}
	return rc;
}
