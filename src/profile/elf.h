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
 * An x86-64 kernel as an ELF file in memory, which is borrowed.  `text` is the
 * link address of _text, 0 where the file has no loadable segment (detached
 * BTF).  A table of symbols, or BTF, is empty where the file has none.
 */
struct elf_image {
	VEC(struct elf_segment) segments;
	struct elf_section symtab, strtab, btf;
	uint64_t text;
};

/* ERR_CORRUPT when the bytes are no ELF file, or none of x86-64.  The caller
 * deinits. */
int elf_open(struct elf_image *e, const void *bytes, size_t len,
	     struct err *err);
void elf_deinit(struct elf_image *e);

/*
 * Fill parts from the file: symbols from .symtab, else from kallsyms in the
 * loadable segments; types from .BTF, else from BTF found there; identity
 * from its own bytes.  What the file lacks stays empty.  ERR_NO_LINUX when
 * its types lack required members.  The parts point into the file.
 */
int elf_parts(const struct elf_image *e, struct parts *p, struct err *err);

#endif
