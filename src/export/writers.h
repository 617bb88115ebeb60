/* SPDX-License-Identifier: BSD-2-Clause */
/* Writers of portraits in the forms of other tools: lists, and BTF. */
#ifndef EXPORT_WRITERS_H
#define EXPORT_WRITERS_H

#include <stddef.h>
#include <stdio.h>

#include "base/err.h"
#include "export/portrait.h"

/*
 * All of them write from the start to the end, so that `out` can be a pipe.
 * Where it fails they end early, with 0: ferror() tells, and whoever opened it
 * has the words.  ERR_NOT_FOUND where the portrait lacks what it takes;
 * ERR_NOMEM.
 */

/* Lines of /proc/kallsyms: "ADDRESS TYPE NAME", and a tab and "[MODULE]". */
int export_kallsyms(const struct portrait *p, FILE *out, struct err *err);

/* Those of the image where it was linked: what the build made as System.map. */
int export_system_map(const struct portrait *p, FILE *out, struct err *err);

/* Types i as they are; of the kernel: /sys/kernel/btf/vmlinux. */
int export_btf_part(const struct portrait *p, size_t i, FILE *out,
		    struct err *err);
int export_btf(const struct portrait *p, FILE *out, struct err *err);

#endif
