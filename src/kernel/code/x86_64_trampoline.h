/* SPDX-License-Identifier: BSD-2-Clause */
/* Rules for unwinding trampolines of ftrace, x86-64. */
#ifndef KERNEL_X86_64_TRAMPOLINE_H
#define KERNEL_X86_64_TRAMPOLINE_H

#include <stddef.h>
#include <stdint.h>

#include "kernel/kernel.h"
#include "kernel/code/x86_64_orc.h"

/* What trampolines are copies of: docs/facts/trace.md, "Generated code". */
#define TRAMPOLINE_ORIGINALS 2u

/* As much of each is compared. */
#define TRAMPOLINE_BYTES 16u

struct trampoline_original {
	uint64_t start, end; /* 0: this kernel has none */
	uint8_t bytes[TRAMPOLINE_BYTES];
};

/* Where they are; bytes are not read yet. */
void x86_64_trampoline_originals(
	const struct kernel *k,
	struct trampoline_original originals[TRAMPOLINE_ORIGINALS]);

/*
 * Append the rules for a trampoline at va, whose first TRAMPOLINE_BYTES are
 * `bytes`: those of what it is a copy of, out of `image`, and an ORC_END behind
 * them; or no other, if it is a copy of nothing that is known.  An ORC_NONE
 * follows.  ERR_NOMEM.
 */
int x86_64_trampoline_rules(
	const struct trampoline_original originals[TRAMPOLINE_ORIGINALS],
	const struct orc_table *image, uint64_t va, size_t len,
	const uint8_t *bytes, struct orc_table *t);

#endif
