/* SPDX-License-Identifier: BSD-2-Clause */
/* Names as files of /proc have them where blanks part fields. */
#ifndef PROC_MANGLE_H
#define PROC_MANGLE_H

#include "base/buf.h"

/* Append a name, with each byte of `which` as "\040" (seq_escape(),
 * fs/seq_file.c). */
void proc_mangle(struct buf *out, const char *name, const char *which);

#endif
