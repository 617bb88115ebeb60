/* SPDX-License-Identifier: BSD-2-Clause */
/* A running kernel as an ELF file, for debuggers. */
#ifndef EXPORT_ELF_H
#define EXPORT_ELF_H

#include <stdio.h>

#include "base/err.h"
#include "export/portrait.h"

/*
 * Write an executable at the addresses that the kernel runs at, so that nobody
 * has to know how far it was moved: its pieces of memory (layout.h), modules
 * and all, as sections and segments, with bytes where the portrait has them;
 * symbols; types (dwarf.h); rules for unwinding; the build ID.  What the
 * portrait does not have is left out.  docs/facts/debuggers.md, "ELF files of
 * kernels", has what gdb and lldb make of it.
 *
 * `out` may be a pipe; where it takes no more, ferror() tells.  ERR_NOMEM, or
 * ERR_CORRUPT where the kernel's types are none.
 */
int export_elf(const struct portrait *p, FILE *out, struct err *err);

#endif
