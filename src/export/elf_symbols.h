/* SPDX-License-Identifier: BSD-2-Clause */
/* The symbol table of an ELF file of a kernel. */
#ifndef EXPORT_ELF_SYMBOLS_H
#define EXPORT_ELF_SYMBOLS_H

#include <stdint.h>

#include "export/layout.h"
#include "export/emit.h"

/*
 * One entry for each symbol of the portrait, first those that are local, and a
 * null entry before them: their number is what sh_info takes.  Piece i is
 * section i + 1.  A per-CPU variable is absolute, and its value is the place in
 * each CPU's area: so nobody takes it for an address.  Names are those of the
 * portrait, with a NUL before all of them.
 */
void elf_put_symbols(const struct layout *l, struct emit *s);
uint32_t elf_local_symbols(const struct portrait *p);
void elf_put_names(const struct portrait *p, struct emit *s);

#endif
