/* SPDX-License-Identifier: BSD-2-Clause */
/* A running kernel as an ELF file, for debuggers. */
#include "export/elf.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "export/dwarf.h"
#include "export/elf_symbols.h"
#include "export/layout.h"
#include "export/emit.h"

/*
 * Headers are written by hand: libelf writes into files that can be mapped or
 * seeked in, or keeps all of it in memory, and this goes into pipes.
 */
#define HEADERS_ALIGN 8u

/* What pieces are called, and how their memory is used. */
static const struct {
	const char *name;
	unsigned int flags;
} piece_kinds[PIECE_KINDS] = {
	[PIECE_TEXT] = {".text", SHF_EXECINSTR},
	[PIECE_INIT_TEXT] = {".init.text", SHF_EXECINSTR},
	[PIECE_RODATA] = {".rodata", 0},
	[PIECE_DATA] = {".data", SHF_WRITE},
	[PIECE_BSS] = {".bss", SHF_WRITE},
	[PIECE_IMAGE] = {".image", SHF_WRITE},
	[PIECE_OTHER] = {".data", SHF_WRITE},
};

enum content {
	CONTENT_NONE,
	CONTENT_PIECE,
	CONTENT_BUILD_ID,
	CONTENT_SYMBOLS,
	CONTENT_NAMES,
	CONTENT_DWARF,
	CONTENT_SECTION_NAMES
};

/* A section, and what its bytes are; `of`: which piece, or part of DWARF. */
struct elf_section_out {
	Elf64_Shdr h;
	enum content content;
	uint32_t of;
};

struct elf_out {
	const struct portrait *p;
	struct layout layout;
	struct dwarf *dwarf; /* or NULL */
	VEC(struct elf_section_out) sections;
	struct buf names; /* of sections */
	uint64_t headers; /* where those of the sections are */
};

/* A section of that name, and "NAME.OWNER" for what is not the kernel's. */
static int elf_add(struct elf_out *e, const char *name, uint32_t owner,
		   const struct elf_section_out *section)
{
	struct elf_section_out s = *section;

	s.h.sh_name = (Elf64_Word)e->names.len;
	if (owner && owner <= e->p->owners.n)
		buf_printf(&e->names, "%s.%s", name,
			   e->p->owners.v[owner - 1].name);
	else
		buf_puts(&e->names, name);
	buf_add(&e->names, "", 1);
	return vec_push(&e->sections, s);
}

/* Without bytes debuggers read what they want of the guest. */
static int elf_add_pieces(struct elf_out *e)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < e->layout.pieces.n && !rc; i++) {
		const struct piece *piece = &e->layout.pieces.v[i];
		struct elf_section_out s = {
			.h = {.sh_type =
				      piece->bytes ? SHT_PROGBITS : SHT_NOBITS,
			      .sh_flags = SHF_ALLOC |
					  piece_kinds[piece->kind].flags,
			      .sh_addr = piece->va,
			      .sh_size = piece->len,
			      .sh_addralign = 1},
			.content = CONTENT_PIECE,
			.of = (uint32_t)i,
		};

		rc = elf_add(e, piece_kinds[piece->kind].name, piece->owner,
			     &s);
	}
	return rc;
}

static int elf_add_symbols(struct elf_out *e)
{
	struct elf_section_out symtab = {
		.h = {.sh_type = SHT_SYMTAB,
		      .sh_size = (e->p->symbols.n + 1) * sizeof(Elf64_Sym),
		      .sh_link = (Elf64_Word)e->sections.n + 1,
		      .sh_info = elf_local_symbols(e->p),
		      .sh_addralign = 8,
		      .sh_entsize = sizeof(Elf64_Sym)},
		.content = CONTENT_SYMBOLS,
	};
	struct elf_section_out strtab = {
		.h = {.sh_type = SHT_STRTAB,
		      .sh_size = e->p->names.len + 1,
		      .sh_addralign = 1},
		.content = CONTENT_NAMES,
	};
	int rc;

	if (!e->p->symbols.n)
		return 0;
	rc = elf_add(e, ".symtab", 0, &symtab);
	return rc ? rc : elf_add(e, ".strtab", 0, &strtab);
}

static int elf_add_dwarf(struct elf_out *e)
{
	uint32_t i;
	int rc = 0;

	for (i = 0; e->dwarf && i < DWARF_SECTIONS && !rc; i++) {
		struct elf_section_out s = {
			.h = {.sh_type = SHT_PROGBITS,
			      .sh_size = dw_size(e->dwarf, i),
			      .sh_addralign = 1},
			.content = CONTENT_DWARF,
			.of = i,
		};

		if (i == DWARF_STR) {
			s.h.sh_flags = SHF_MERGE | SHF_STRINGS;
			s.h.sh_entsize = 1;
		}
		rc = elf_add(e, dw_name(i), 0, &s);
	}
	return rc;
}

#define NOTE_NAME "GNU"

static int elf_add_build_id(struct elf_out *e)
{
	struct elf_section_out s = {
		.h = {.sh_type = SHT_NOTE,
		      .sh_size = sizeof(Elf64_Nhdr) + sizeof(NOTE_NAME) +
				 e->p->build_id_len,
		      .sh_addralign = 4},
		.content = CONTENT_BUILD_ID,
	};

	return e->p->build_id_len ? elf_add(e, ".note.gnu.build-id", 0, &s) : 0;
}

static int elf_add_all(struct elf_out *e)
{
	static const struct elf_section_out none;
	struct elf_section_out names = {
		.h = {.sh_type = SHT_STRTAB, .sh_addralign = 1},
		.content = CONTENT_SECTION_NAMES,
	};
	int rc;

	rc = elf_add(e, "", 0, &none);
	if (!rc)
		rc = elf_add_pieces(e);
	if (!rc)
		rc = elf_add_build_id(e);
	if (!rc)
		rc = elf_add_dwarf(e);
	if (!rc)
		rc = elf_add_symbols(e);
	if (!rc)
		rc = elf_add(e, ".shstrtab", 0, &names);
	if (rc || e->names.oom)
		return ERR_NOMEM;
	e->sections.v[e->sections.n - 1].h.sh_size = e->names.len;
	return 0;
}

/* Where the bytes of each section come in the file. */
static void elf_place(struct elf_out *e)
{
	uint64_t at =
		sizeof(Elf64_Ehdr) + e->layout.pieces.n * sizeof(Elf64_Phdr);
	size_t i;

	for (i = 1; i < e->sections.n; i++) {
		Elf64_Shdr *h = &e->sections.v[i].h;

		at += -at % h->sh_addralign;
		h->sh_offset = at;
		if (h->sh_type != SHT_NOBITS)
			at += h->sh_size;
	}
	e->headers = at + -at % HEADERS_ALIGN;
}

static void put_file_header(const struct elf_out *e, struct emit *s)
{
	Elf64_Ehdr h = {
		.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64,
			    ELFDATA2LSB, EV_CURRENT},
		.e_type = ET_EXEC,
		.e_machine = EM_X86_64,
		.e_version = EV_CURRENT,
		.e_entry = e->p->start,
		.e_phoff = e->layout.pieces.n ? sizeof(Elf64_Ehdr) : 0,
		.e_shoff = e->headers,
		.e_ehsize = sizeof(Elf64_Ehdr),
		.e_phentsize = e->layout.pieces.n ? sizeof(Elf64_Phdr) : 0,
		.e_phnum = (Elf64_Half)e->layout.pieces.n,
		.e_shentsize = sizeof(Elf64_Shdr),
		.e_shnum = (Elf64_Half)e->sections.n,
		.e_shstrndx = (Elf64_Half)(e->sections.n - 1),
	};

	emit_bytes(s, &h, sizeof(h));
}

/* One segment for each piece; both ascend. */
static void put_segments(const struct elf_out *e, struct emit *s)
{
	size_t i;

	for (i = 0; i < e->layout.pieces.n; i++) {
		const Elf64_Shdr *section = &e->sections.v[i + 1].h;
		Elf64_Phdr h = {
			.p_type = PT_LOAD,
			.p_flags = PF_R,
			.p_offset = section->sh_offset,
			.p_vaddr = section->sh_addr,
			.p_paddr = section->sh_addr,
			.p_memsz = section->sh_size,
			.p_align = 1,
		};

		if (section->sh_type != SHT_NOBITS)
			h.p_filesz = section->sh_size;
		if (section->sh_flags & SHF_EXECINSTR)
			h.p_flags |= PF_X;
		if (section->sh_flags & SHF_WRITE)
			h.p_flags |= PF_W;
		emit_bytes(s, &h, sizeof(h));
	}
}

static void put_build_id(const struct portrait *p, struct emit *s)
{
	Elf64_Nhdr h = {
		.n_namesz = sizeof(NOTE_NAME),
		.n_descsz = (Elf64_Word)p->build_id_len,
		.n_type = NT_GNU_BUILD_ID,
	};

	emit_bytes(s, &h, sizeof(h));
	emit_bytes(s, NOTE_NAME, sizeof(NOTE_NAME));
	emit_bytes(s, p->build_id, p->build_id_len);
}

static void put_section(struct elf_out *e, const struct elf_section_out *from,
			struct emit *s)
{
	const struct piece *piece;

	switch (from->content) {
	case CONTENT_PIECE:
		piece = &e->layout.pieces.v[from->of];
		if (piece->bytes)
			emit_bytes(s, piece->bytes, piece->len);
		break;
	case CONTENT_BUILD_ID:
		put_build_id(e->p, s);
		break;
	case CONTENT_SYMBOLS:
		elf_put_symbols(&e->layout, s);
		break;
	case CONTENT_NAMES:
		elf_put_names(e->p, s);
		break;
	case CONTENT_DWARF:
		dw_put(e->dwarf, from->of, s);
		break;
	case CONTENT_SECTION_NAMES:
		emit_bytes(s, e->names.data, e->names.len);
		break;
	default:
		break;
	}
}

static void elf_put(struct elf_out *e, FILE *out)
{
	struct emit s = {.f = out};
	size_t i;

	put_file_header(e, &s);
	put_segments(e, &s);
	for (i = 1; i < e->sections.n; i++) {
		const struct elf_section_out *section = &e->sections.v[i];

		if (section->h.sh_type == SHT_NOBITS)
			continue;
		emit_zeros(&s, section->h.sh_offset - s.pos);
		put_section(e, section, &s);
	}
	emit_zeros(&s, e->headers - s.pos);
	for (i = 0; i < e->sections.n; i++)
		emit_bytes(&s, &e->sections.v[i].h, sizeof(Elf64_Shdr));
}

int export_elf(const struct portrait *p, FILE *out, struct err *err)
{
	struct elf_out e = {.p = p};
	int rc;

	rc = layout_init(&e.layout, p, err);
	if (!rc)
		rc = dw_create(p, &e.layout, &e.dwarf, err);
	if (!rc && elf_add_all(&e))
		rc = err_nomem(err);
	if (!rc) {
		elf_place(&e);
		elf_put(&e, out);
	}
	vec_deinit(&e.sections);
	buf_deinit(&e.names);
	dw_destroy(e.dwarf);
	layout_deinit(&e.layout);
	return rc;
}
