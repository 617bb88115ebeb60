/* SPDX-License-Identifier: BSD-2-Clause */
/* A kernel's symbols and types as JSON, for scripts. */
#ifndef EXPORT_JSON_H
#define EXPORT_JSON_H

#include <stdio.h>

#include "base/err.h"
#include "export/portrait.h"

/*
 * Write what the portrait has of symbols and types, of the kernel and of its
 * modules, one of them in a line: docs/formats.md, "json".
 * Nothing is kept in memory.  Where writing fails it ends early: look at
 * ferror(out).  ERR_CORRUPT where the kernel's types are none, ERR_NOMEM.
 */
int export_json(const struct portrait *p, FILE *out, struct err *err);

#endif
