/* SPDX-License-Identifier: BSD-2-Clause */
/* The encodings of rules for unwinding (ORC), of which kernels had four. */
#ifndef KERNEL_X86_64_ORC_FORMAT_H
#define KERNEL_X86_64_ORC_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/code/x86_64_orc.h"

/* docs/facts/trace.md, "Encodings of rules" */
enum orc_format {
	ORC_FORMAT_NONE, /* none that is known */
	ORC_FORMAT_1,	 /* up to 6.2 */
	ORC_FORMAT_2,	 /* 6.3 */
	ORC_FORMAT_3,	 /* 6.4 */
	ORC_FORMAT_4	 /* 7.1 */
};

/*
 * A rule: s16 offset of the CFA, s16 offset of rbp, u16 of bits; and the hash
 * of their definition, which kernels have beside their rules.
 */
#define ORC_ENTRY_BYTES	 6u
#define ORC_HEADER_BYTES 20u

enum orc_format orc_format_of_header(const uint8_t header[ORC_HEADER_BYTES]);

/*
 * By the rules of a whole kernel, of which the commonest are the same: the CFA
 * by rsp, rbp unchanged, a call.
 */
enum orc_format orc_format_of_entries(const uint8_t *entries, size_t n);

/*
 * Fill all of a rule but its address.  False where the bits make no sense in
 * this format: the rule is then ORC_NONE.
 */
bool orc_decode(enum orc_format format, const uint8_t entry[ORC_ENTRY_BYTES],
		struct orc_rule *rule);

#endif
