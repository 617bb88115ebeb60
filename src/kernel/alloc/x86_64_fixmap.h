/* SPDX-License-Identifier: BSD-2-Clause */
/* Slots of the fixmap: pages whose virtual address the kernel's build sets. */
#ifndef KERNEL_X86_64_FIXMAP_H
#define KERNEL_X86_64_FIXMAP_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/kernel.h"

/* enum fixed_addresses (docs/facts/kernel.md, "The map of virtual memory"). */
struct x86_64_fixmap {
	uint64_t start;	   /* of its page */
	uint32_t index;	   /* of enum fixed_addresses */
	const char *first; /* the enumerator at or before that... */
	uint32_t behind;   /* ...by so many */
};

/*
 * The slot that an address lies in.  False: none has it, or this kernel's types
 * do not name it.
 */
bool x86_64_fixmap_at(const struct kernel *k, uint64_t va,
		      struct x86_64_fixmap *out);

#endif
