/* SPDX-License-Identifier: BSD-2-Clause */
/* What goes to gdb beside a vmlinux: a script for it, and a first session. */
#ifndef EXPORT_GDB_H
#define EXPORT_GDB_H

#include <stdio.h>

#include "base/err.h"

/* What gdb looks for beside FILE (Auto-loading extensions, in its manual). */
#define EXPORT_GDB_SUFFIX "-gdb.py"

/*
 * Write the script, which is src/export/gdb.py: the same for all kernels, for
 * it goes by the types in the file.  What `out` does not take, ferror() tells.
 */
void export_gdb_script(FILE *out);

/* A session: the two files (`script` may be NULL), and where the stub is. */
struct export_gdb {
	const char *file, *script;
	const char *stub; /* HOST:PORT, PORT, unix:PATH or unix:@NAME */
};

/*
 * Write commands for gdb: to be read by -x or from .gdbinit.  ERR_REFUSED where
 * a name cannot be said to gdb, for it has a line break.
 */
int export_gdb_commands(const struct export_gdb *g, FILE *out, struct err *err);

#endif
