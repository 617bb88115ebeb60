/* SPDX-License-Identifier: BSD-2-Clause */
/* Rules for unwinding code that the kernel's BPF compiler makes, x86-64. */
#ifndef KERNEL_X86_64_BPF_H
#define KERNEL_X86_64_BPF_H

#include <stddef.h>
#include <stdint.h>

#include "kernel/code/x86_64_orc.h"

/*
 * Append the rules for code at va, by its bytes, and an ORC_NONE behind it: the
 * kernel keeps none, but the compiler sets up a frame pointer first, and takes
 * it down last (docs/facts/trace.md, "Generated code").  Code that
 * begins in another way is an ORC_END.  ERR_NOMEM.
 */
int x86_64_bpf_rules(uint64_t va, const uint8_t *code, size_t len,
		     struct orc_table *t);

#endif
