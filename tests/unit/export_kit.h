/* SPDX-License-Identifier: BSD-2-Clause */
/* Portraits made by hand, and ELF files of them read back by libdw. */
#ifndef UNIT_EXPORT_KIT_H
#define UNIT_EXPORT_KIT_H

#include <elfutils/libdw.h>
#include <gelf.h>

#include "base/buf.h"
#include "export/portrait.h"
#include "unit/btf_kit.h"

/* The image that kit_portrait() makes: [KIT_TEXT, KIT_TEXT + KIT_IMAGE). */
#define KIT_TEXT  0xffffffff81000000ULL
#define KIT_IMAGE 0x100000ULL
#define KIT_CODE  0x10000ULL /* of it, from its start on */

/* A portrait of an image with its borders; what follows adds to it. */
void kit_portrait(struct portrait *p);
void kit_portrait_symbol(struct portrait *p, const char *name, char type,
			 uint32_t owner, uint64_t va);
void kit_portrait_owner(struct portrait *p, const char *name, uint64_t text,
			uint64_t size);

/* A file that was written, and libelf's and libdw's view of it. */
struct kit_elf {
	char *bytes;
	size_t len;
	Elf *elf;
	Dwarf *dwarf; /* NULL: it has none */
};

/* What export_elf() answers; where that is 0, the caller closes. */
int kit_elf_open(struct kit_elf *e, const struct portrait *p, struct err *err);
void kit_elf_close(struct kit_elf *e);

/* A section by its name, its number in *number; false: there is none. */
bool kit_elf_section(struct kit_elf *e, const char *name, GElf_Shdr *h,
		     size_t *number);

/* A symbol by its name, the n-th one; false: there is none. */
bool kit_elf_symbol(struct kit_elf *e, const char *name, unsigned int n,
		    GElf_Sym *sym);

/*
 * Append unit number n, a line for each entry: two blanks for each level that
 * it is in, its tag, its name, what it has of sizes and places, and behind ->
 * its type's name, or tag where that has none.
 */
void kit_elf_unit(struct kit_elf *e, unsigned int n, struct buf *out);

#endif
