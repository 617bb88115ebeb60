/* SPDX-License-Identifier: BSD-2-Clause */
/* A vmlinux as a source of symbols and types. */
#ifndef PROFILE_ELF_H
#define PROFILE_ELF_H

#include <stddef.h>
#include <stdint.h>

#include "base/vec.h"
#include "profile/parts.h"

/* Bytes of the file that are loaded at va. */
struct elf_segment {
	uint64_t va;
	const uint8_t *bytes;
	size_t len;
};

struct elf_section {
	const uint8_t *bytes;
	size_t len;
};

/*
 * An x86-64 kernel as an ELF file.  `text` is the link address of _text, 0
 * where the file has no loadable segment (detached BTF).  A table of symbols,
 * or BTF, is empty where the file has none.
 */
struct elf_image {
	struct Elf *elf; /* libelf's: what all below points into */
	VEC(struct elf_segment) segments;
	struct elf_section symtab, strtab, btf;
	VEC(char) letters; /* by section: what nm(1) calls what is in it */
	uint64_t text;
};

/*
 * Of bytes in memory, which are borrowed.  ERR_CORRUPT when they are no ELF
 * file, or none of x86-64; ERR_REFUSED where it asks for more than LIMIT_ELF.
 * The caller deinits.
 */
int elf_open(struct elf_image *e, const void *bytes, size_t len,
	     struct err *err);

/*
 * Of a regular file of that length, which stays open: the parts that are
 * wanted are read, once, and stay as they were read.  Also ERR_SYS.
 */
int elf_open_file(struct elf_image *e, int fd, size_t len, struct err *err);
void elf_deinit(struct elf_image *e);

/*
 * Fill parts from the file: symbols from .symtab, else from kallsyms in the
 * loadable segments; types from .BTF, else from BTF found there; identity
 * from its own bytes.  What the file lacks stays empty.  The parts hold no
 * part of the file.
 */
int elf_parts(const struct elf_image *e, struct parts *p, struct err *err);

#endif
