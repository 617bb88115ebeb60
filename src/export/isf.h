/* SPDX-License-Identifier: BSD-2-Clause */
/* A kernel's symbols and types for Volatility 3. */
#ifndef EXPORT_ISF_H
#define EXPORT_ISF_H

#include <stdio.h>

#include "base/err.h"
#include "export/portrait.h"

/*
 * Write Volatility's intermediate symbol format, 6.2.0, in the form that
 * dwarf2json gives it: docs/facts/isf.md, "Form".  Symbols are those of the
 * image, where they were linked: Volatility finds itself how far a kernel was
 * moved, so that the file is right for each boot of this kernel.  Of several
 * symbols of one name there is none: the name would stand for one of them only.
 *
 * Nothing but the numbers of symbols and types is kept in memory.  Where
 * writing fails it ends early: look at ferror(out).  ERR_NOT_FOUND (no symbols,
 * or no types), ERR_CORRUPT, ERR_NOMEM.
 */
int export_isf(const struct portrait *p, FILE *out, struct err *err);

#endif
