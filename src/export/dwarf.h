/* SPDX-License-Identifier: BSD-2-Clause */
/* What a kernel knows of its types, as DWARF 5 for debuggers. */
#ifndef EXPORT_DWARF_H
#define EXPORT_DWARF_H

#include <stdint.h>

#include "base/err.h"
#include "export/layout.h"
#include "export/portrait.h"
#include "export/emit.h"

/*
 * One unit for the kernel, and one for each module that has types: so what a
 * module calls like something of the kernel is found from where the module's
 * code is, and stays apart elsewhere.  What a module takes from the kernel's
 * types is referred to across units (DW_FORM_ref_addr).
 *
 * There are types of all kinds; functions with their prototypes, where only one
 * symbol and one prototype go by a name; some globals (known_globals.h); and
 * per-CPU variables, as ones without a place, and as members of a struct
 * DWARF_AREA that is laid out as each CPU's area.  There are no lines, and
 * parameters have no places.
 */
#define DWARF_AREA "qvmi_per_cpu"

/* Functions are dw_: libdw has many that are dwarf_. */
struct dwarf;

enum dwarf_section {
	DWARF_INFO,
	DWARF_ABBREV,
	DWARF_STR,
	DWARF_RNGLISTS,
	DWARF_SECTIONS
};

/*
 * Work out all of it, but for the bytes: ERR_NOMEM, or ERR_CORRUPT where types
 * of the kernel are no BTF, or would take 4 GiB.  Modules whose types are none
 * are left out.  Borrows both.  *d is NULL where the portrait has no types.
 */
int dw_create(const struct portrait *p, const struct layout *l,
	      struct dwarf **d, struct err *err);
void dw_destroy(struct dwarf *d);

/* What a section is called, how long it is, and its bytes. */
const char *dw_name(enum dwarf_section section);
uint64_t dw_size(const struct dwarf *d, enum dwarf_section section);
void dw_put(struct dwarf *d, enum dwarf_section section, struct emit *s);

#endif
