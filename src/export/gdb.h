/* SPDX-License-Identifier: BSD-2-Clause */
/* What goes to gdb beside a vmlinux: a script for it, and a first session. */
#ifndef EXPORT_GDB_H
#define EXPORT_GDB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/err.h"

/* What gdb looks for beside FILE (Auto-loading extensions, in its manual). */
#define EXPORT_GDB_SUFFIX "-gdb.py"

/*
 * Write the script, which is src/export/gdb.py: the same for all kernels, for
 * it goes by the types in the file.  What `out` does not take, ferror() tells.
 */
void export_gdb_script(FILE *out);

/* Whether what a file begins with, of which so many bytes tell, is such a
 * script, of whatever version. */
#define EXPORT_GDB_MARK_MAX 256
bool export_gdb_is_script(const char *begin, size_t n);

/* A session: whole paths, but for the name of FILE. */
struct export_gdb {
	const char *folder, *name; /* FILE, and beside it its script */
	const char *stub; /* HOST:PORT, unix:PATH or unix:@NAME, normalised */
	const char *here; /* what PATH may be relative to */
};

/*
 * Write commands for gdb, which work wherever it is started: to be read by -x
 * or from .gdbinit.  ERR_REFUSED where a name cannot be said to gdb.
 */
int export_gdb_commands(const struct export_gdb *g, FILE *out, struct err *err);

#endif
