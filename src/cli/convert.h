/* SPDX-License-Identifier: BSD-2-Clause */
/* An address in all its forms, and how that is shown. */
#ifndef CLI_CONVERT_H
#define CLI_CONVERT_H

#include <stdbool.h>
#include <stdint.h>

#include "cli/out.h"
#include "guest/addr.h"
#include "guest/place.h"
#include "kernel/alias.h"
#include "kernel/code/symbols.h"
#include "kernel/mm/unmapped.h"

/* One address that was asked for, and what came of it. */
struct convert_item {
	struct addr addr;
	struct place place;
	struct walk walk; /* where the place is virtual */
	bool has_pa;
	uint64_t pa;
	bool unmapped; /* no table maps it; where it is then */
	enum unmapped_kind from;
	struct aliases aliases; /* with a kernel */
	bool is_ram;
	struct ram_range ram; /* that it lies in */
	uint64_t hva;	      /* in QEMU; 0: not known */
	bool is_page;	      /* it is the address of a struct page... */
	uint64_t pfn;	      /* ...of that frame */
	uint32_t in;
	struct symbol symbol;
};

/* Choose the columns; then a row for each item.  k may be NULL: none was
 * found. */
void convert_begin(struct out *out);
void convert_show_item(struct out *out, const struct kernel *k,
		       const struct convert_item *it);

#endif
