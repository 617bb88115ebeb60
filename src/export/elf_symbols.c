/* SPDX-License-Identifier: BSD-2-Clause */
/* The symbol table of an ELF file of a kernel. */
#include "export/elf_symbols.h"

#include <ctype.h>
#include <elf.h>

#include "export/named.h"

static unsigned int symbol_binding(char letter)
{
	switch (letter) {
	case 'w':
	case 'W':
	case 'v':
	case 'V':
		return STB_WEAK;
	default:
		return isupper(letter) ? STB_GLOBAL : STB_LOCAL;
	}
}

static Elf64_Sym symbol_of(const struct layout *l, size_t i)
{
	const struct portrait_symbol *s = &l->p->symbols.v[i];
	const struct placed *placed = &l->symbols[i];
	unsigned int type = STT_NOTYPE;
	Elf64_Sym sym = {
		.st_name = (Elf64_Word)s->name + 1,
		.st_value = s->va,
		.st_shndx = SHN_ABS,
	};

	if (placed->piece != LAYOUT_NOWHERE) {
		type = named_is_code(s->type) &&
				       piece_is_code(
					       &l->pieces.v[placed->piece])
			       ? STT_FUNC
			       : STT_OBJECT;
		sym.st_shndx = (Elf64_Section)(placed->piece + 1);
		sym.st_size = placed->size;
	} else {
		layout_per_cpu(l->p, s, &sym.st_value);
	}
	sym.st_info = ELF64_ST_INFO(symbol_binding(s->type), type);
	return sym;
}

static void put_symbol(struct emit *s, const Elf64_Sym *sym)
{
	emit_number(s, sym->st_name, 4);
	emit_number(s, sym->st_info, 1);
	emit_number(s, sym->st_other, 1);
	emit_number(s, sym->st_shndx, 2);
	emit_number(s, sym->st_value, 8);
	emit_number(s, sym->st_size, 8);
}

static void put_bound(const struct layout *l, struct emit *s, bool local)
{
	const struct portrait *p = l->p;
	size_t i;

	for (i = 0; i < p->symbols.n; i++) {
		Elf64_Sym sym;

		if ((symbol_binding(p->symbols.v[i].type) == STB_LOCAL) !=
		    local)
			continue;
		sym = symbol_of(l, i);
		put_symbol(s, &sym);
	}
}

void elf_put_symbols(const struct layout *l, struct emit *s)
{
	Elf64_Sym none = {0};

	put_symbol(s, &none);
	put_bound(l, s, true);
	put_bound(l, s, false);
}

uint32_t elf_local_symbols(const struct portrait *p)
{
	uint32_t n = 1;
	size_t i;

	for (i = 0; i < p->symbols.n; i++)
		n += symbol_binding(p->symbols.v[i].type) == STB_LOCAL;
	return n;
}

void elf_put_names(const struct portrait *p, struct emit *s)
{
	emit_number(s, 0, 1);
	emit_bytes(s, p->names.data, p->names.len);
}
