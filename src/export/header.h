/* SPDX-License-Identifier: BSD-2-Clause */
/* A kernel's types as a C header, the vmlinux.h of BPF programs. */
#ifndef EXPORT_HEADER_H
#define EXPORT_HEADER_H

#include <stdio.h>

#include "base/err.h"
#include "export/portrait.h"

/*
 * Write all named types of the kernel, not those that modules have, as
 * `bpftool btf dump ... format c` does: in an order that compilers take, under
 * the guard __VMLINUX_H__, with preserve_access_index for BPF.  A second type
 * of a name is `name___2`.  Size, and offset of each member, are the kernel's,
 * for C's rules on x86-64 and BPF: holes are filled and structs packed where
 * it takes that.  Alignment beyond that, and type tags, are not told.
 *
 * What C cannot say (a struct in itself, members in one another, a type that
 * is not there) is left out, with a comment in its place.  Names are always
 * identifiers.  Of kernel functions for BPF (kfuncs; from 6.10 types tell)
 * there are prototypes.
 *
 * 0, ERR_NOT_FOUND (no types), ERR_CORRUPT (no BTF, or types that are written
 * out without end), ERR_NOMEM.  Where writing fails ferror(out) tells.
 */
int export_header(const struct portrait *p, FILE *out, struct err *err);

#endif
